/**
 * Scripts as large as they may be, each made of one thing again and again: what makes a compiler slow that is quick
 * on scripts as they are written. `xs` and `wait` are handed in: a list, and a function that waits.
 */

/** The most characters that a script of code mode's may have. */
export const largestScript: number = 256 * 1024;

/** A script of about so many characters. */
export type Family = (length: number) => string;

/** As many of the pieces as fit, between a beginning and an end. */
function repeat(piece: (at: number) => string, before: string = '', after: string = ''): Family {
  return (length) => {
    const pieces: string[] = [];
    let left = length - before.length - after.length;
    for (let at = 0; ; at++) {
      const next = piece(at);
      left -= next.length;
      if (left < 0) return before + pieces.join('') + after;
      pieces.push(next);
    }
  };
}

/** Something around something else, as often as fits. */
function nest(open: string, middle: string, close: string, before: string = '', after: string = ''): Family {
  return (length) => {
    const room = length - before.length - after.length - middle.length;
    const count = Math.floor(room / (open.length + close.length));
    return `${before}${open.repeat(count)}${middle}${close.repeat(count)}${after}`;
  };
}

/** Two halves, each a family of its own. */
function both(first: Family, second: Family): Family {
  return (length) => first(length >> 1) + second(length >> 1);
}

function numbered(count: number, letter: string): string[] {
  return Array.from({ length: Math.floor(count) }, (_, at) => `${letter}${at}`);
}

const assignments = repeat((at) => `v${at}=1\n`);
const lambdas = repeat(() => 'lambda y:y(),', 'fs = [', ']\n');

export const families: Readonly<Record<string, Family>> = {
  assignments,
  'assignments of calls': repeat((at) => `v${at}=wait()\n`),
  'calls of one name': repeat(() => 'v=wait(a=1)\n'),
  'assignments, then calls': both(
    assignments,
    repeat(() => 'wait()\n'),
  ),
  'assignments, then loops': both(
    assignments,
    repeat(() => 'for i in xs:\n wait(i)\n'),
  ),
  'assignments, then branches': both(
    assignments,
    repeat((at) => `if xs:\n w${at}=1\n`),
  ),
  'assignments, then comprehensions': both(
    assignments,
    repeat((at) => `c${at}=[v0 for x in xs]\n`),
  ),
  'assignments, then functions': both(
    assignments,
    repeat((at) => `def f${at}():\n return v${at}\n`),
  ),
  'augmented assignments': repeat(() => 'v[0]+=wait()\n', 'v=[0]\n'),
  'several at once': repeat((at) => `a${at},b${at}=wait(),wait()\n`),
  loops: repeat(() => 'for i in xs:\n pass\n'),
  'loops over ranges': repeat((at) => `for i${at} in range(9):\n v=i${at}\n`),
  'loops over results': repeat((at) => `for r${at} in wait():\n xs.append(r${at}["name"])\n`),
  'loops that return': repeat(() => ' for i in xs:\n  return i\n', 'def f():\n', 'f()\n'),
  branches: repeat((at) => `if xs:\n v${at}=1\nelse:\n v${at}=2\n`),
  'branches that return': repeat(() => ' if xs:\n  return 1\n', 'def f():\n', 'f()\n'),
  'branches of one if': repeat((at) => `elif xs==${at}:\n v=1\n`, 'if xs:\n v=0\n'),
  comprehensions: repeat((at) => `c${at}=[x for x in xs]\n`),
  'comprehensions of calls': repeat((at) => `c${at}=[wait(x) for x in xs if x]\n`),
  'comprehensions of all variables': both(
    assignments,
    repeat((at) => `v${at}+wait(),`, 'c=[[', '] for x in xs]\n'),
  ),
  'clauses of one comprehension': repeat((at) => ` for x${at} in xs`, 'c=[1', ']\n'),
  'conditions of one comprehension': repeat(() => ' if x', 'c=[1 for x in xs', ']\n'),
  lambdas,
  'lambdas that wait': repeat(() => 'lambda:wait(),', 'fs = parallel([', '])\n'),
  'lambdas that read a loop': (length) => {
    const names = numbered(length / 40, 'a');
    return repeat(
      (at) => ` lambda:${names[at % names.length]!},`,
      `for ${names.join(',')} in xs:\n fs=[`,
      ']\n',
    )(length);
  },
  'lambdas that read everything': (length) => {
    const names = numbered(length / 40, 'v');
    const bound = names.map((name) => `${name}=1`).join(';');
    return repeat(
      (at) => `lambda:${names[at % names.length]!},`,
      `def f():\n ${bound}\n return [`,
      ']\nf()\n',
    )(length);
  },
  attempts: repeat((at) => `r${at}=attempt(lambda:wait(n=${at}))\n`),
  functions: repeat((at) => `def f${at}():\n return 1\n`),
  'functions that call the next': repeat((at) => `def f${at}():\n return f${at + 1}()\n`, '', ''),
  'functions that call the one before': repeat(
    (at) => `def f${at + 1}():\n return f${at}()\n`,
    'def f0():\n return wait()\n',
  ),
  'functions within functions': (length) => {
    const lines = Array.from({ length: 95 }, (_, at) => `${' '.repeat(at)}def f${at}(p${at}):\n`).join('');
    const body = repeat((at) => `${' '.repeat(95)}v${at}=p${at % 95}\n`)(length - lines.length - 200);
    return `${lines}${body}${' '.repeat(95)}pass\n`;
  },
  parameters: (length) => {
    const names = numbered(length / 24, 'p');
    return `def f(${names.map((name) => `${name}=1`).join(',')}):\n pass\nf(${names.map((name) => `${name}=2`).join(',')})\n`;
  },
  'names in a list': repeat(() => 'xs,', 'v=[', ']\n'),
  'numbers in a list': repeat((at) => `${at % 10},`, 'v=[', ']\n'),
  'texts in a list': repeat((at) => `"${at}",`, 'v=[', ']\n'),
  'calls in a list': repeat(() => 'wait(),', 'v=[', ']\n'),
  'calls, then numbers, in a list': both(
    repeat(() => 'wait(),', 'v=['),
    repeat(() => '1,', '', ']\n'),
  ),
  'arguments of one call': repeat(() => 'wait(),', 'wait(', ')\n'),
  'named arguments of one call': repeat((at) => `n${at}=wait(),`, 'wait(', '*xs)\n'),
  'entries of one dict': repeat((at) => `"k${at}":wait(),`, 'v={', '}\n'),
  dicts: repeat((at) => `d${at}={"a":1,"b":[2,3],"c":{"d":"e"}}\n`),
  'methods of what methods give': repeat(() => '.get("a")', 'v={}', '\n'),
  'f-strings': repeat((at) => `s${at}=f"{xs}: {wait()!r:>10}"\n`),
  'fields of one f-string': repeat(() => '{wait()}', 's=f"', '"\n'),
  'texts in fields of one f-string': repeat(() => '{xs["a"]}', 's=f"', '"\n'),
  'f-strings within f-strings': nest('f"{', 'xs', '}"', 's=', '\n'),
  'fields within fields': nest('{xs:', '>5', '}', 's=f"', '"\n'),
  'operators in a row': repeat(() => '+xs', 'v=xs', '\n'),
  'conditions in a row': repeat(() => ' and xs', 'v=xs', '\n'),
  'conditions in a row, in a loop': repeat(() => ' or not xs', 'for i in xs:\n v=not xs', '\n'),
  comparisons: repeat(() => 'v=xs[0]<xs[1] and xs[2]==xs[3]\n'),
  'arithmetic in a loop': repeat(() => ' v=v*3+v%7-v//2\n', 'v=1\nfor i in xs:\n'),
  'conditional expressions in a row': repeat(() => '1 if xs else ', 'v=', '0\n'),
  'indexes of indexes': repeat(() => '[0]', 'v=xs', '\n'),
  'attributes of attributes': repeat(() => '.a', 'v=xs', '\n'),
  'calls of what calls give': repeat(() => '()', 'v=wait', '\n'),
  brackets: nest('[', '', ']', 'v=', '\n'),
  parentheses: nest('(', '1', ')', 'v=', '\n'),
  'unary operators': nest('not ', 'xs', '', 'v=', '\n'),
  blocks: (length) => {
    const depth = Math.floor(Math.sqrt(length * 2));
    return (
      Array.from({ length: depth - 10 }, (_, at) => `${' '.repeat(at)}if xs:\n`).join('') +
      ' '.repeat(depth) +
      'pass\n'
    );
  },
  'targets within targets': nest('[', 'v', ',]', '', '=xs\n'),
  'unknown names': repeat((at) => `unknown_name_${at}\n`),
  'unknown names beside known ones': both(
    repeat((at) => `some_name_${at}=1\n`),
    repeat((at) => `other_name_${at}\n`),
  ),
  'lines that are wrong': repeat(() => 'x = = 1\n'),
  'try and except': repeat(() => 'try:\n x=1\nexcept:\n x=2\n'),
  comments: repeat(() => '# a comment\n'),
  'empty lines': repeat(() => '\n'),
  spaces: repeat(() => ' ', '', 'x=1\n'),
  'one long text': repeat(() => 'a', 'x="', '"\n'),
  'escapes in one text': repeat(() => '\\n', 'x="', '"\n'),
  'one long number': repeat(() => '9', 'x=', '\n'),
  'long numbers': repeat(() => '9'.repeat(90_000) + '\n', '', ''),
  'never closed': repeat(() => '(', 'x=', ''),
  'quotes that never end': repeat(() => '"', 'x=""', ''),
};
