/** The module `math`: the functions and constants of the Go implementation. Floats in and out but where said. */
import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import { assertPositional, unpack } from '../values/arguments.ts';
import { floatToInt, intToFloat, StarlarkFloat } from '../values/float.ts';
import { isInt } from '../values/int.ts';
import { Module } from '../values/module.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';

const members: readonly Builtin[] = [
  rounding('ceil', Math.ceil),
  rounding('floor', Math.floor),
  binary('copysign', (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))),
  binary('mod', (x, y) => x % y),
  binary('pow', power),
  binary('remainder', remainder),
  binary('atan2', Math.atan2),
  binary('hypot', Math.hypot),
  unary('fabs', Math.abs),
  unary('round', (x) => (x < 0 ? -roundHalfUp(-x) : roundHalfUp(x))),
  unary('exp', Math.exp),
  unary('sqrt', Math.sqrt),
  unary('acos', Math.acos),
  unary('asin', Math.asin),
  unary('atan', Math.atan),
  unary('cos', Math.cos),
  unary('sin', Math.sin),
  unary('tan', Math.tan),
  unary('degrees', (x) => (x * 180) / Math.PI),
  unary('radians', (x) => (x * Math.PI) / 180),
  unary('acosh', Math.acosh),
  unary('asinh', Math.asinh),
  unary('atanh', Math.atanh),
  unary('cosh', Math.cosh),
  unary('sinh', Math.sinh),
  unary('tanh', Math.tanh),
  unary('gamma', gamma),
  plainBuiltin('log', 'step', (_thread, args, kwargs) => {
    const [x, base] = unpack('math.log', args, kwargs, ['x', 'base'], 1);
    const number = asNumber('math.log', 'x', x as Value);
    if (base === undefined) return new StarlarkFloat(Math.log(number));
    return new StarlarkFloat(logarithm(number, asNumber('math.log', 'base', base)));
  }),
];

/** The module `math`. */
export const math: Module = new Module(
  'math',
  new Map<string, Value>([
    ...members.map((member): [string, Value] => [member.name, member]),
    ['e', new StarlarkFloat(Math.E)],
    ['pi', new StarlarkFloat(Math.PI)],
  ]),
);

function asNumber(name: string, parameter: string | number, value: Value): number {
  if (value instanceof StarlarkFloat) return value.value;
  if (isInt(value)) return intToFloat(value);
  throw new StarlarkError(
    'type',
    `${name}: for parameter ${parameter}: got ${typeName(value)}, want float or int`,
  );
}

function unary(name: string, compute: (x: number) => number): Builtin {
  return plainBuiltin(name, 'step', (_thread, args, kwargs) => {
    assertPositional(`math.${name}`, args, kwargs, 1, 1);
    return new StarlarkFloat(compute(asNumber(`math.${name}`, 1, args[0] as Value)));
  });
}

function binary(name: string, compute: (x: number, y: number) => number): Builtin {
  return plainBuiltin(name, 'step', (_thread, args, kwargs) => {
    assertPositional(`math.${name}`, args, kwargs, 2, 2);
    const x = asNumber(`math.${name}`, 1, args[0] as Value);
    return new StarlarkFloat(compute(x, asNumber(`math.${name}`, 2, args[1] as Value)));
  });
}

/** `ceil` and `floor`, whose result is an int. */
function rounding(name: string, round: (x: number) => number): Builtin {
  return plainBuiltin(name, 'step', (_thread, args, kwargs) => {
    assertPositional(`math.${name}`, args, kwargs, 1, 1);
    const x = args[0] as Value;
    if (isInt(x)) return x;
    const number = asNumber(`math.${name}`, 1, x);
    return floatToInt(round(number), `math.${name}: `);
  });
}

function roundHalfUp(x: number): number {
  const whole = Math.floor(x);
  return x - whole >= 0.5 ? whole + 1 : whole;
}

function logarithm(x: number, base: number): number {
  if (base === 1) throw new StarlarkError('zero_division', 'math.log: division by zero');
  if (base === 2) return Math.log2(x);
  return base === 10 ? Math.log10(x) : Math.log(x) / Math.log(base);
}

/** IEEE 754 `pow`: unlike JavaScript's, 1 to any power is 1, and so is -1 to an infinite one. */
function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y))) return 1;
  return x ** y;
}

/** IEEE 754 remainder: `x - n*y`, where `n` is the integer nearest to `x/y`, the even one of two. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return Number.NaN;
  if (!Number.isFinite(y)) return x;
  const divisor = Math.abs(y);
  let rest = Math.abs(x) % divisor;
  const odd = Math.floor(Math.abs(x) / divisor) % 2 === 1;
  if (rest > divisor - rest || (rest === divisor - rest && odd)) rest -= divisor;
  return x < 0 || Object.is(x, -0) ? -rest : rest;
}

/** Lanczos's approximation of the gamma function, good to about 15 digits; exact factorials where they are exact. */
function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0) return x === 0 ? 1 / x : Number.NaN;
    if (x > 171) return Infinity;
    let product = 1;
    for (let factor = 2; factor < x; factor++) product *= factor;
    return product;
  }
  if (x < 0.5) return x === -Infinity ? Number.NaN : Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  if (x > 172) return x;
  let series = lanczos[0] as number;
  for (let i = 1; i < lanczos.length; i++) series += (lanczos[i] as number) / (x - 1 + i);
  const t = x + lanczosG - 0.5;
  return Math.sqrt(2 * Math.PI) * t ** ((x - 0.5) / 2) * Math.exp(-t) * t ** ((x - 0.5) / 2) * series;
}

const lanczosG = 7;
const lanczos: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
