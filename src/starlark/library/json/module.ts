import { StarlarkError } from '../../errors.ts';
import { plainBuiltin, type Builtin } from '../../eval/builtin.ts';
import type { Kwargs } from '../../eval/callable.ts';
import { asString, unpack } from '../../values/arguments.ts';
import { Dict } from '../../values/dict.ts';
import { List } from '../../values/list.ts';
import { Module } from '../../values/module.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { indentJson, type Layout } from './indent.ts';

const members: readonly Builtin[] = [
  plainBuiltin('decode', (thread, args, kwargs) => {
    const [x, absent] = unpack('json.decode', args, kwargs, ['x', 'default'], 1);
    const text = asJsonText(x as Value);
    try {
      return decode(thread, text);
    } catch (error) {
      if (absent !== undefined && error instanceof StarlarkError && error.catchable) return absent;
      throw named('json.decode', error);
    }
  }),
  plainBuiltin('encode', (thread, args, kwargs) => {
    const [x] = unpack('json.encode', args, kwargs, ['x'], 1);
    return naming('json.encode', () => encode(thread, x as Value));
  }),
  plainBuiltin('encode_indent', (thread, args, kwargs) => {
    const [x, ...layout] = unpack('json.encode_indent', args, kwargs, ['x', 'prefix', 'indent'], 1);
    const text = naming('json.encode_indent', () => encode(thread, x as Value));
    return indentJson(thread, text, asLayout('json.encode_indent', layout));
  }),
  plainBuiltin('indent', (thread, args: readonly Value[], kwargs: Kwargs) => {
    const [x, ...layout] = unpack('json.indent', args, kwargs, ['str', 'prefix', 'indent'], 1);
    const text = asString('json.indent', 'str', x as Value);
    naming('json.indent', () => decode(thread, text));
    return indentJson(thread, text, asLayout('json.indent', layout));
  }),
];

function asJsonText(x: Value): string {
  if (x instanceof Dict || x instanceof List) {
    const found = typeName(x);
    throw new StarlarkError(
      'type',
      `json.decode: for parameter x: got ${found}, want string (this is no text but the value itself: use it as it is)`,
    );
  }
  return asString('json.decode', 'x', x);
}

/** The module `json`. */
export const json: Module = new Module('json', new Map(members.map((member) => [member.name, member])));

function asLayout(name: string, [prefix = '', indent = '\t']: readonly (Value | undefined)[]): Layout {
  return { prefix: asString(name, 'prefix', prefix), indent: asString(name, 'indent', indent) };
}

function naming<Result>(name: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw named(name, error);
  }
}

/** Puts the function's name before what went wrong in it. */
function named(name: string, error: unknown): unknown {
  return error instanceof StarlarkError && error.catchable
    ? new StarlarkError(error.code, `${name}: ${error.message}`)
    : error;
}
