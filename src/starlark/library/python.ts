/**
 * Functions that scripts written by those who know Python call most, and that Starlark has not: for code mode, beside its
 * other built-ins. They answer as Python does.
 */
import { StarlarkError } from '../errors.ts';
import { Builtin, plainBuiltin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import type { Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asInt, asString, assertPositional, unpack } from '../values/arguments.ts';
import { methodTables } from '../values/attributes.ts';
import { fixedDigits, floatToInt, intToFloat, StarlarkFloat } from '../values/float.ts';
import {
  floorDivideInt,
  isInt,
  moduloInt,
  multiplyInt,
  negateInt,
  subtractInt,
  type Int,
} from '../values/int.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { noneHint } from '../values/wrong-kind.ts';
import { inspectionBuiltins } from './inspection.ts';

/** The types that have a function of their own, by its name: what `type` calls them. */
const typesByFunction: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['str', ['string']],
  // As in Python, where a bool is an int.
  ['int', ['int', 'bool']],
  ['bool', ['bool']],
  ['bytes', ['bytes']],
  ['dict', ['dict']],
  ['float', ['float']],
  ['list', ['list']],
  ['range', ['range']],
  ['set', ['set']],
  ['tuple', ['tuple']],
]);

/** `isinstance`, `pow` and `round`. */
export const pythonBuiltins: readonly Builtin[] = [
  plainBuiltin('isinstance', 'step', (_thread, args, kwargs) => {
    assertPositional('isinstance', args, kwargs, 2, 2);
    const type = typeName(args[0] as Value);
    const wanted = args[1] instanceof Tuple ? args[1].elems : [args[1] as Value];
    return wanted.some((each) => namesOf(each).includes(type));
  }),
  plainBuiltin('pow', 'paid', (thread, args, kwargs) => {
    const [x, y, modulus] = unpack('pow', args, kwargs, ['base', 'exp', 'mod'], 2) as [Value, Value, Value?];
    if (modulus !== undefined && modulus !== null)
      return powerModulo(
        thread,
        asInt('pow', 'base', x),
        asInt('pow', 'exp', y),
        asInt('pow', 'mod', modulus),
      );
    if (isInt(x) && isInt(y) && y >= 0) return powerOf(thread, x, y);
    return new StarlarkFloat(floatPower(toNumber('pow', x), toNumber('pow', y)));
  }),
  plainBuiltin('round', 'paid', (thread, args, kwargs) => {
    const [x, digits] = unpack('round', args, kwargs, ['number', 'ndigits'], 1) as [Value, Value?];
    const places = digits === undefined || digits === null ? null : asInt('round', 'ndigits', digits);
    if (isInt(x)) return places === null || places >= 0 ? x : roundInt(thread, x, places);
    if (x instanceof StarlarkFloat) return roundFloat(x.value, places);
    throw new StarlarkError('type', `round: got ${typeName(x)}, want int or float${noneHint(x)}`);
  }),
];

/** Those of the universal built-ins that take more in code mode: `print(…, end="")`, and `str.lower` for `key=`. */
export function pythonUniverse(): ReadonlyMap<string, Builtin> {
  const [print, str] = ['print', 'str'].map((wanted) =>
    inspectionBuiltins.find(({ name }) => name === wanted)!,
  );
  return new Map([
    [
      'print',
      new Builtin(
        'print',
        (thread, args, kwargs) => printEnding(print!, thread, args, kwargs),
        null,
        print!.cost,
      ),
    ],
    [
      'str',
      new Builtin(
        'str',
        (thread, args, kwargs) => str!.begin(thread, args, kwargs),
        null,
        str!.cost,
        stringMethods(),
      ),
    ],
  ]);
}

/** Each print is a line, so that what stands at its end is one more text, but for line breaks. */
function printEnding(print: Builtin, thread: Thread, args: readonly Value[], kwargs: Kwargs): Begun {
  const end = kwargs.get('end');
  if (end === undefined && !kwargs.has('flush')) return print.begin(thread, args, kwargs);
  const others = new Map([...kwargs].filter(([name]) => name !== 'end' && name !== 'flush'));
  const text = end === undefined || end === null ? '' : asString('print', 'end', end).replace(/\n$/u, '');
  const [last] = args.slice(-1);
  if (text === '' || typeof last !== 'string') return print.begin(thread, args, others);
  return print.begin(thread, [...args.slice(0, -1), last + text], others);
}

/** The methods of texts as functions that take the text first. */
function stringMethods(): ReadonlyMap<string, Builtin> {
  const methods = methodTables.get('string')!;
  return new Map(
    Array.from(methods.values(), (method) => [
      method.name,
      plainBuiltin(`str.${method.name}`, method.cost, (thread, args, kwargs) => {
        const [self, ...rest] = args;
        if (self === undefined)
          throw new StarlarkError(
            'arguments',
            `str.${method.name}: the text is missing: str.${method.name}(text)`,
          );
        return method.call(thread, asString(`str.${method.name}`, 1, self), rest, kwargs);
      }),
    ]),
  );
}

function namesOf(type: Value): readonly string[] {
  const names = type instanceof Builtin ? typesByFunction.get(type.name) : undefined;
  if (names !== undefined) return names;
  const found = typeof type === 'string' ? `"${type}", write type(x) == "${type}"` : typeName(type);
  throw new StarlarkError(
    'type',
    `isinstance: want a type such as str, int or dict, or a tuple of them; got ${found}`,
  );
}

function toNumber(name: string, x: Value): number {
  if (x instanceof StarlarkFloat) return x.value;
  if (isInt(x)) return intToFloat(x);
  throw new StarlarkError('type', `${name}: got ${typeName(x)}, want int or float${noneHint(x)}`);
}

function floatPower(x: number, y: number): number {
  if (x === 0 && y < 0) throw new StarlarkError('value', 'pow: 0 cannot be raised to a negative power');
  if (x < 0 && Number.isFinite(x) && !Number.isInteger(y) && Number.isFinite(y))
    throw new StarlarkError('value', 'pow: a negative number has no power that is no whole number here');
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

/** By squaring: the parts pay for themselves, and one that is too large is refused. */
function powerOf(thread: Thread, base: Int, exponent: Int): Int {
  if (base === 0 || base === 1) return exponent === 0 ? 1 : base;
  if (base === -1) return moduloInt(thread, exponent, 2) === 0 ? 1 : -1;
  let [result, square, rest]: [Int, Int, Int] = [1, base, exponent];
  for (;;) {
    if (moduloInt(thread, rest, 2) === 1) result = multiplyInt(thread, result, square);
    rest = floorDivideInt(thread, rest, 2);
    if (rest === 0) return result;
    square = multiplyInt(thread, square, square);
  }
}

function powerModulo(thread: Thread, base: Int, exponent: Int, modulus: Int): Int {
  if (exponent < 0)
    throw new StarlarkError('value', 'pow: want an exponent of 0 or more where there is a modulus');
  if (modulus === 0) throw new StarlarkError('value', 'pow: the modulus is 0');
  let [result, square, rest]: [Int, Int, Int] = [
    moduloInt(thread, 1, modulus),
    moduloInt(thread, base, modulus),
    exponent,
  ];
  while (rest !== 0) {
    if (moduloInt(thread, rest, 2) === 1)
      result = moduloInt(thread, multiplyInt(thread, result, square), modulus);
    rest = floorDivideInt(thread, rest, 2);
    if (rest !== 0) square = moduloInt(thread, multiplyInt(thread, square, square), modulus);
  }
  return result;
}

/** To tens, hundreds and so on: half-way to the even one. */
function roundInt(thread: Thread, x: Int, places: Int): Int {
  if (places < -maxPlaces) return 0;
  const unit = powerOf(thread, 10, negateInt(places));
  const below = multiplyInt(thread, floorDivideInt(thread, x, unit), unit);
  const twice = multiplyInt(thread, subtractInt(thread, x, below), 2);
  const isEven = moduloInt(thread, floorDivideInt(thread, x, unit), 2) === 0;
  return twice < unit || (twice === unit && isEven) ? below : subtractInt(thread, below, negateInt(unit));
}

/** No float has digits so far from its point. */
const maxPlaces = 400;
/** Where a float has more places than JavaScript writes, rounding changes nothing that it has. */
const mostWritten = 100;

function roundFloat(value: number, places: Int | null): Value {
  if (places === null) return floatToInt(Number.isFinite(value) ? halfEven(value) : value);
  if (!Number.isFinite(value) || places > mostWritten) return new StarlarkFloat(value);
  if (places >= 0) {
    const magnitude = Number(fixedDigits(Math.abs(value), Number(places)));
    return new StarlarkFloat(value < 0 || Object.is(value, -0) ? -magnitude : magnitude);
  }
  if (places < -maxPlaces) return new StarlarkFloat(value < 0 ? -0 : 0);
  const unit = 10 ** -Number(places);
  return new StarlarkFloat(halfEven(value / unit) * unit);
}

function halfEven(value: number): number {
  const below = Math.floor(value);
  const part = value - below;
  if (part !== 0.5) return part < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
