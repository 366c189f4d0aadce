import fc from 'fast-check';

/**
 * Random programs that read well: every name is bound, loops are short, and most calls fit. What they do is mostly
 * wrong in an interesting way.
 */
export function programs(): fc.Arbitrary<string> {
  return fc.array(statement(2, ''), { minLength: 1, maxLength: 8 }).map((lines) => preamble + lines.join(''));
}

const preamble = `
a = 1
b = "text"
c = [3, 1, 2]
d = {"k": 1, "constructor": [2]}
def f(x, y = 2, *args, **kwargs):
  return x
def g(h, n):
  return [h(i) for i in range(n)]
`;

const names = fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y');
const literals = fc.oneof(
  fc.integer({ min: -3, max: 300 }).map(String),
  fc.constantFrom(
    '0',
    '1',
    '9007199254740991',
    '9007199254740993',
    '-9223372036854775808',
    '1 << 70',
    '0.5',
    '1e300',
  ),
  fc.constantFrom(
    '"abc"',
    '""',
    '"é\\n"',
    'b"ab"',
    'None',
    'True',
    'False',
    '[]',
    '{}',
    '()',
    'range(5)',
    'set([1])',
  ),
  fc.constantFrom('"__proto__"', '"constructor"', '"toString"', 'float("nan")', 'float("inf")', 'len', 'f'),
);
const binaryOperators = fc.constantFrom(
  ...'+ - * / // % | & ^ << >> == != < <= > >= in and or'.split(' '),
  'not in',
);
const methods = fc.constantFrom(
  ...'append extend insert pop remove index clear get items keys values update setdefault popitem'.split(' '),
  ...'upper lower strip split join replace find format partition startswith elems splitlines title'.split(
    ' ',
  ),
  ...'union add discard __proto__ constructor toString nothing'.split(' '),
);
const functions = fc.constantFrom(
  ...'len str repr type list tuple dict set sorted reversed enumerate zip range int float bool'.split(' '),
  ...'min max any all hasattr getattr dir hash ord chr abs f g attempt parallel'.split(' '),
);

function expression(depth: number): fc.Arbitrary<string> {
  if (depth <= 0) return fc.oneof(names, literals);
  const inner = expression(depth - 1);
  const list = fc.array(inner, { maxLength: 3 });
  return fc.oneof(
    names,
    literals,
    fc.tuple(inner, binaryOperators, inner).map(([x, operator, y]) => `(${x} ${operator} ${y})`),
    fc.tuple(fc.constantFrom('-', '+', '~', 'not '), inner).map(([operator, x]) => `(${operator}${x})`),
    list.map((items) => `[${items.join(', ')}]`),
    list.map((items) => `(${items.map((item) => `${item},`).join(' ')})`),
    fc.tuple(inner, inner).map(([key, value]) => `{${key}: ${value}}`),
    fc.tuple(inner, inner).map(([x, i]) => `${x}[${i}]`),
    fc.tuple(inner, inner, inner).map(([x, i, j]) => `${x}[${i}:${j}]`),
    fc.tuple(inner, inner, inner).map(([x, condition, y]) => `(${x} if ${condition} else ${y})`),
    fc.tuple(inner, methods, list).map(([x, name, args]) => `${x}.${name}(${args.join(', ')})`),
    fc.tuple(inner, methods).map(([x, name]) => `${x}.${name}`),
    fc.tuple(functions, list).map(([name, args]) => `${name}(${args.join(', ')})`),
    fc.tuple(inner, list).map(([x, args]) => `${x}(${args.join(', ')})`),
    inner.map((x) => `(lambda x, y = 1: ${x})`),
    fc.tuple(inner, inner, inner).map(([x, xs, condition]) => `[${x} for x in ${xs} if ${condition}]`),
    fc.tuple(inner, inner).map(([x, xs]) => `{x: ${x} for x, y in ${xs}}`),
    fc.tuple(inner, fc.constantFrom('', '!r', ':>5', ':.2f', ':x')).map(([x, spec]) => `f'{(${x})${spec}}'`),
    fc.tuple(inner, inner).map(([x, key]) => `sorted(${x}, key = lambda x: ${key})`),
    fc.tuple(inner, inner).map(([x, y]) => `parallel([lambda: ${x}, lambda: ${y}], on_error = "collect")`),
    inner.map((x) => `attempt(lambda: ${x})`),
  );
}

function statement(depth: number, indent: string): fc.Arbitrary<string> {
  const value = expression(3);
  const simple = fc.oneof(
    fc.tuple(names, value).map(([name, x]) => `${name} = ${x}`),
    fc
      .tuple(names, fc.constantFrom('+=', '-=', '*=', '|=', '//=', '%='), value)
      .map((parts) => parts.join(' ')),
    fc.tuple(names, value, value).map(([name, i, x]) => `${name}[${i}] = ${x}`),
    fc.tuple(names, value, value).map(([name, i, x]) => `${name}[${i}] += ${x}`),
    fc.tuple(names, names, value).map(([x, y, z]) => `${x}, ${y} = ${z}`),
    fc.tuple(names, names, value, value).map(([x, y, z, w]) => `${x}, ${y} = ${z}, ${w}`),
    value,
  );
  const line = simple.map((text) => `${indent}${text}\n`);
  if (depth <= 0) return line;
  const block = fc
    .array(statement(depth - 1, `${indent}  `), { minLength: 1, maxLength: 3 })
    .map((lines) => lines.join(''));
  const leaving = fc.constantFrom('break', 'continue', 'pass').map((word) => `${indent}  ${word}\n`);
  return fc.oneof(
    { weight: 4, arbitrary: line },
    fc
      .tuple(value, block, block)
      .map(([x, then, otherwise]) => `${indent}if ${x}:\n${then}${indent}else:\n${otherwise}`),
    fc
      .tuple(names, value, block, leaving)
      .map(([name, xs, body, end]) => `${indent}for ${name} in ${xs}:\n${body}${end}`),
    fc.tuple(value, block, value).map(([x, body, result]) => {
      return `${indent}def f(x, y = ${x}):\n${indent}  a, b, c, d = x, y, [x], {"k": y}\n${body}${indent}  return ${result}\n`;
    }),
  );
}
