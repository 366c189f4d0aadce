import { StarlarkError } from '../../errors.ts';
import { plainBuiltin, type Builtin } from '../../eval/builtin.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Pieces } from '../../eval/pieces.ts';
import { begin } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asString, unpack } from '../../values/arguments.ts';
import { Dict } from '../../values/dict.ts';
import { List } from '../../values/list.ts';
import { Module } from '../../values/module.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import { decode, decodeInPieces } from './decode.ts';
import { encodeSome } from './encode.ts';
import { indentJson, type Layout } from './indent.ts';

const members: readonly Builtin[] = [
  plainBuiltin('decode', 'long', (thread, args, kwargs) => {
    const [x, absent] = unpack('json.decode', args, kwargs, ['x', 'default'], 1);
    const text = asJsonText(x as Value);
    return text.length <= shortText
      ? decodeShort(thread, text, absent)
      : begin(thread, decodeLong(thread, text, absent));
  }),
  plainBuiltin('encode', 'long', (thread, args, kwargs) => {
    const [x] = unpack('json.encode', args, kwargs, ['x'], 1);
    const text = encodeBegun('json.encode', thread, x as Value);
    return typeof text === 'string' ? text : begin(thread, naming('json.encode', text));
  }),
  plainBuiltin('encode_indent', 'long', (thread, args, kwargs) => {
    const [x, ...layout] = unpack('json.encode_indent', args, kwargs, ['x', 'prefix', 'indent'], 1);
    const text = encodeBegun('json.encode_indent', thread, x as Value);
    return begin(thread, encodedIndented(thread, text, layout));
  }),
  plainBuiltin('indent', 'long', (thread, args: readonly Value[], kwargs: Kwargs) => {
    const [x, ...layout] = unpack('json.indent', args, kwargs, ['str', 'prefix', 'indent'], 1);
    return begin(thread, indented(thread, asString('json.indent', 'str', x as Value), layout));
  }),
];

/** A text up to this long is read at once. */
const shortText = 4096;

function decodeShort(thread: Thread, text: string, absent: Value | undefined): Value {
  try {
    thread.work(text.length);
    return decode(thread, text);
  } catch (error) {
    return instead(absent, error);
  }
}

function* decodeLong(thread: Thread, text: string, absent: Value | undefined): Pieces<Value> {
  try {
    return yield* decodeInPieces(thread, text);
  } catch (error) {
    return instead(absent, error);
  }
}

/** What `json.decode` gives instead of failing, where it is given. */
function instead(absent: Value | undefined, error: unknown): Value {
  if (absent !== undefined && error instanceof StarlarkError && error.catchable) return absent;
  throw named('json.decode', error);
}

type GivenLayout = readonly (Value | undefined)[];

function encodeBegun(name: string, thread: Thread, value: Value): string | Pieces<string> {
  try {
    return encodeSome(thread, value);
  } catch (error) {
    throw named(name, error);
  }
}

function* encodedIndented(
  thread: Thread,
  encoded: string | Pieces<string>,
  layout: GivenLayout,
): Pieces<string> {
  const text = typeof encoded === 'string' ? encoded : yield* naming('json.encode_indent', encoded);
  return yield* indentJson(thread, text, asLayout('json.encode_indent', layout));
}

function* indented(thread: Thread, text: string, layout: GivenLayout): Pieces<string> {
  yield* naming('json.indent', decodeInPieces(thread, text));
  return yield* indentJson(thread, text, asLayout('json.indent', layout));
}

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

function asLayout(name: string, [prefix = '', indent = '\t']: GivenLayout): Layout {
  return { prefix: asString(name, 'prefix', prefix), indent: asString(name, 'indent', indent) };
}

function* naming<Result>(name: string, act: Pieces<Result>): Pieces<Result> {
  try {
    return yield* act;
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
