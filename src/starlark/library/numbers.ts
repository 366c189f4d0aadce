import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import { inPieces } from '../eval/pieces.ts';
import type { Thread } from '../eval/thread.ts';
import { asInt, asIterable, assertPositional, unpack } from '../values/arguments.ts';
import { add } from '../values/binary.ts';
import { floatToInt, intToFloat, parseFloat, StarlarkFloat } from '../values/float.ts';
import { isInt, negateInt } from '../values/int.ts';
import { parseInt } from '../values/int-digits.ts';
import { withElements } from '../values/iterate.ts';
import { truth } from '../values/truth.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { noneHint } from '../values/wrong-kind.ts';

/** `abs`, `bool`, `float` and `int`. */
export const numberBuiltins: readonly Builtin[] = [
  plainBuiltin('abs', 'step', (_thread, args, kwargs) => {
    assertPositional('abs', args, kwargs, 1, 1);
    const x = args[0] as Value;
    if (isInt(x)) return x < 0 ? negateInt(x) : x;
    if (x instanceof StarlarkFloat) return new StarlarkFloat(Math.abs(x.value));
    throw new StarlarkError('type', `abs: got ${typeName(x)}, want int or float`);
  }),
  plainBuiltin('bool', 'step', (_thread, args, kwargs) => {
    assertPositional('bool', args, kwargs, 0, 1);
    return args[0] !== undefined && truth(args[0]);
  }),
  plainBuiltin('float', 'paid', (thread, args, kwargs) => {
    assertPositional('float', args, kwargs, 0, 1);
    return toFloat(thread, args[0] ?? (args.length === 0 ? 0 : null));
  }),
  plainBuiltin('int', 'paid', toInteger),
];

/** `sum(iterable, start = 0)`: for scripts, where a Python programmer looks for it. */
export const sumBuiltin: Builtin = plainBuiltin('sum', 'pieces', (thread, args, kwargs) => {
  const [iterable, start] = unpack('sum', args, kwargs, ['iterable', 'start'], 1);
  let total: Value = start ?? 0;
  if (typeof total === 'string')
    throw new StarlarkError('type', 'sum: cannot add strings (write "".join(list))');
  const items = asIterable(thread, 'sum', 'iterable', iterable as Value);
  return withElements(thread, items, (elements) => {
    const addSome = (from: number, to: number): void => {
      for (let i = from; i < to; i++) total = add(thread, total, elements[i] as Value);
    };
    return inPieces(thread, elements.length, perSummand, addSome, () => total);
  });
});

/** Adding a number to another, in elements. */
const perSummand = 2;

function toFloat(thread: Thread, x: Value): Value {
  if (x instanceof StarlarkFloat) return x;
  if (isInt(x)) return new StarlarkFloat(intToFloat(x));
  if (typeof x === 'boolean') return new StarlarkFloat(x ? 1 : 0);
  if (typeof x === 'string') return new StarlarkFloat(parseFloat(thread, x));
  throw new StarlarkError('type', `float got ${typeName(x)}, want number or string${noneHint(x)}`);
}

function toInteger(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
  const [x = 0, base] = unpack('int', args, kwargs, ['x', 'base'], 1);
  if (typeof x === 'string') return integerFromText(thread, x, base);
  if (base !== undefined) throw new StarlarkError('type', "int: can't convert non-string with explicit base");
  if (isInt(x)) return x;
  if (typeof x === 'boolean') return x ? 1 : 0;
  if (x instanceof StarlarkFloat) return floatToInt(x.value);
  throw new StarlarkError('type', `int: cannot convert ${typeName(x)} to int${noneHint(x)}`);
}

/** How to get at the number in a text that has more than digits. */
function digitsHint(text: string): string {
  if (text.length > 100) return '';
  if (/^[+-]?\d+$/u.test(text.trim())) return ' (write int(x.strip()))';
  if (/^[+-]?\d{1,3}(?:,\d{3})+$/u.test(text)) return ' (write int(x.replace(",", "")))';
  return /^\s*[+-]?\d*\.\d+\s*$/u.test(text) ? ' (write int(float(x)))' : '';
}

function integerFromText(thread: Thread, text: string, given: Value | undefined): Value {
  const base = given === undefined ? 10 : asInt('int', 'base', given);
  if (typeof base !== 'number' || base === 1 || base < 0 || base > 36) {
    throw new StarlarkError('value', 'int: base must be an integer >= 2 && <= 36 (or 0 to go by the prefix)');
  }
  const value = parseInt(thread, text, base);
  if (value !== undefined) return value;
  const hint = base === 10 ? digitsHint(text) : '';
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
  throw new StarlarkError('value', `int: invalid literal with base ${base}: ${shown}${hint}`);
}
