/**
 * All that a script can do with one value, or with two: every built-in function, every method of every type, every member
 * of every module, and every operator. The functions, methods and members are those of the interpreter's own tables, so
 * that a new one is among them.
 */
import { modules, scriptBuiltins, universe } from '../../../src/starlark/index.ts';
import { methodTables } from '../../../src/starlark/values/attributes.ts';
import type { Cost } from '../../../src/starlark/eval/builtin.ts';
import { Builtin } from '../../../src/starlark/index.ts';

export interface Expression {
  /** What is tried, such as `string.find`. */
  readonly name: string;
  /** With `x` and `y` for the values. A statement, where it ends with a line break. */
  readonly text: string;
  readonly takesTwo: boolean;
  /** What it says of its cost; undefined for an operator. */
  readonly cost: Cost | undefined;
  /** For a method: whose it is. */
  readonly type?: string;
}

function expression(name: string, text: string, cost?: Cost, type?: string): Expression {
  return { name, text, takesTwo: /\by\b/u.test(text), cost, ...(type === undefined ? {} : { type }) };
}

/** What `f` can be given. */
const argumentLists = ['x', 'x, y', 'x, y, y', '*x', '**x', 'x, *y'];

/** What those of numbers can. */
const numberLists = ['x', 'x, y'];

/** Ways to call some functions that give them more to do. */
const ownWays: Readonly<Record<string, readonly string[]>> = {
  sorted: ['x, reverse=True', 'x, key=lambda e: e', 'x, key=len', 'x, key=str'],
  max: ['x, key=lambda e: e', 'x, key=str'],
  min: ['x, key=lambda e: e', 'x, key=str'],
  print: ['x, x, x, sep=y', 'sep=y, *x'],
  fail: ['x, x, sep=y'],
  int: ['x, 16', 'x, 0', 'x, 36'],
  sum: ['x, []', 'x, y'],
  enumerate: ['x, 1 << 100'],
  zip: ['x, x, x, y'],
  parallel: ['x', '[lambda: 1] * 5000', '[lambda: x] * 100'],
  attempt: ['lambda: x'],
  'json.decode': ['x, default=1'],
  'json.encode_indent': ['x, indent=y', 'x, prefix=y'],
  'json.indent': ['x, indent=y', 'x, prefix=y'],
  'time.parse_time': ['x, y', '"2020-01-02", y', 'x, "2006-01-02", y'],
  'time.time': ['year=x', 'year=2020, location=x'],
};

function functions(): Expression[] {
  const all = new Map<string, unknown>([...universe, ...scriptBuiltins()]);
  for (const module of Object.values(modules))
    for (const [name, member] of module.members) all.set(`${module.name}.${name}`, member);
  return [...all].flatMap(([name, value]) => {
    if (!(value instanceof Builtin)) return [];
    const lists = name.startsWith('math.') ? numberLists : argumentLists;
    return [...lists, ...(ownWays[name] ?? [])].map((given) =>
      expression(name, `${name}(${given})`, value.cost),
    );
  });
}

const methodWays = ['', 'y', 'y, y', 'y, 3', '3, y', '"a", y', '*y'];

function methods(): Expression[] {
  return [...methodTables].flatMap(([type, table]) =>
    [...table.values()].flatMap(({ name, cost }) =>
      methodWays.map((given) => expression(`${type}.${name}`, `x.${name}(${given})`, cost, type)),
    ),
  );
}

/** Methods and fields of values that the tables do not have: those of times and durations. */
const fields = [
  'x.format(y)',
  'x.in_location(y)',
  'x.unix_nano',
  'x.hours',
  'getattr(x, y)',
  'hasattr(x, y)',
  'dir(x)',
];

const binary = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '|',
  '&',
  '^',
  '<<',
  '>>',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
];
const augmented = ['+', '-', '*', '/', '//', '%', '|', '&', '^', '<<', '>>'];

const others = [
  '-x',
  '+x',
  '~x',
  'not x',
  'x and y',
  'x[y]',
  'x[0]',
  'x[-1]',
  'x["k1"]',
  'x[::2]',
  'x[::-1]',
  'x[1:]',
  'x[y:]',
  'x[:y:y]',
  'str(x)',
  'f"{x}"',
  'f"{x!r}{y!s}"',
  'f"{x:>{y}}"',
  'f"{x:{y}}"',
  'f"{x:.3}"',
  'f"{x:,}"',
  'f"{x:_x}"',
  '"%s %r" % (x, y)',
  '"%d" % x',
  '"%x" % x',
  '"%c" % x',
  '"%10.3f" % x',
  '"%(k1)s" % x',
  'x % (y, y)',
  '"{} {!r} {:>30}".format(x, y, x)',
  '"{a}{b}".format(a=x, b=y)',
  'x.format(*y)',
  '{x: 1}',
  '{x: 1}.get(y)',
  '{"a": 1}[x]',
  'set([x, y])',
  '[x, y] == [y, x]',
  '(x, 1) < (y, 2)',
  '[x] + [y]',
  'x.nothing',
  'x(y)',
  'type(x) == y',
];

const statements = [
  'a, b = x\n',
  '[a, b] = x\n',
  'for e in x: break\n',
  'for e, f in x: break\n',
  'x[y] = 1\n',
  'x[0] = y\n',
  'x[y] += y\n',
  'x.a = y\n',
  'def f(*args, **kwargs): pass\nf(*x, **y)\n',
  ...augmented.map((operator) => `v = x\nv ${operator}= y\n`),
];

/** Everything. */
export function allExpressions(): readonly Expression[] {
  return [
    ...functions(),
    ...methods(),
    ...fields.map((text) => expression(text, text)),
    ...binary.map((operator) => expression(`x ${operator} y`, `x ${operator} y`)),
    ...others.map((text) => expression(text, text)),
    ...statements.map((text) => expression(text.trim().replaceAll('\n', '; '), text)),
  ];
}
