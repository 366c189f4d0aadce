import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { compile, scriptOptions, specOptions, StarlarkError } from '../index.ts';

/** Without what scripts have of Python: what is said of that where it is missing. */
const plainScripts = { ...scriptOptions, while: false, recursion: false, python: false };

/**
 * What a script's author is told before the script runs. The texts are golden: after changing one on purpose,
 * `UPDATE_GOLDEN=1 node --test src/starlark/syntax/diagnostics.test.ts` writes the file anew; read its diff.
 */
const goldenFile = join(resolve(import.meta.dirname, '../../..'), 'test/golden/starlark-diagnostics.txt');

const scripts: readonly string[] = [
  // What Python has and Starlark has not.
  'import os',
  'from os import path',
  'import json\nimport re\nfrom datetime import datetime\nimport unheard_of',
  'try:\n    x = 1\nexcept Exception as e:\n    x = 2\nfinally:\n    x = 3',
  'def f(x):\n    try:\n        return x.y()\n    except (A, B):\n        pass\n    except:\n        raise\n    else:\n        x = 1\n    finally:\n        x = 2\nf(1) = 2',
  'except:\n    x = 1',
  'raise ValueError("no")',
  'class A:\n    x = 1',
  'with open("f") as f:\n    x = 1',
  'assert 1 == 1',
  'del x',
  'def f():\n    global x\n    x = 1',
  'def f():\n    nonlocal x\n    x = 1',
  'async def f():\n    pass',
  'x = await f()',
  'def f():\n    yield 1',
  'x = 1\nif x is None:\n    pass',
  'x = 1\ny = 2 if x is not None else 3',
  'x = 2 ** 3',
  'x = {1, 2}',
  'x = {y for y in [1]}',
  'x = sum(y for y in [1])',
  'x = (y for y in [1])',
  'if (n := 3) > 2:\n    pass',
  'if 1 < 2 < 3:\n    pass',
  'a, *b = [1, 2]',
  'x = [*[1], 2]',
  'x = {**{}}',
  'a = b = 1',
  'x: int = 1',
  'def f(x: int):\n    pass',
  'def f() -> int:\n    pass',
  '@f\ndef g():\n    pass',
  'x = "a" "b"',
  'for x in [1]:\n    pass\nelse:\n    pass',
  'while True:\n    pass',
  'x = 1 if True',
  'x = True && False',
  'x = True || False',
  'x = !True',
  'if x = 3:\n    pass',
  'if True:\n    pass\nelse if False:\n    pass',
  'x = 1_000',
  'x = 0755',
  'print "hello"',
  'x = “quoted”',
  'x\u00a0= 1',
  'x = 1\u200b',
  'if\u00a0x:\n    pass',
  'x = 5 \u2013 3',
  'x = 3 \u2264 4',
  'x = {\n    "a": 1,\n    **{"b": 2},\n    "c": [\n        3,\n    ],\n}\ny = 1 is 1',
  'x = f(1,\n    y for y in z,\n\n    # more\n    3)\ny = 1 is 1',
  'x = f(1,\n    y for y in z\ny = 1 is 1',
  '```python\nx = 1\n```',
  'let x = 1',
  'const x = 1',
  'function f() { return 1 }',
  'match x:\n    pass',
  'x = 1\nmatch x:\n    case 1:\n        y = 1\n    case _:\n        y = 2',
  'x = 1\nx++',
  'x = [1].map(y => y + 1)',
  'x = 1 === 2',
  'x = 1 !== 2',
  '// a comment\nx = 1',
  '/* a comment */\nx = 1',
  'x = 1\nthrow "x"',
  'x = new Date()',
  'def f(x):\n    return typeof x',
  'if (True) { x = 1 }',
  'r = attempt(lambda: x = 1)',
  'import json\nwhile True:\n    x = (y for y in [1])\nwhile x:\n    break',
  'print(from=1)',
  'print("from"=1)',
  'print(thread-id=1)',
  'print(f(1)=1)',
  'def main():\n    pass\nif __name__ == "__main__":\n    main()',
  // Slips of the pen.
  'x = (1,\ny = 2',
  'x = [1, 2',
  'f(1, 2',
  'x = "abc',
  'x = """abc',
  'x = "\\d"',
  'x = "\\u12"',
  'x = "\\xff"',
  'x = f"{1"',
  'x = f"{}"',
  'x = f"}"',
  'x = f"{1!x}"',
  'if True:\nx = 1',
  'x = 1\n  y = 2',
  'if True:\n    x = 1\n  y = 2',
  'def f(:\n    pass',
  'x = ',
  'f() = 1',
  '1 = x',
  'x + 1 = 2',
  'x = 1,',
  'for k, v, in {}.items():\n    pass',
  'x = lambda y,: y',
  'print(*[1], sep = "")',
  'def f(**options, x): pass',
  'def f(**options, *args): pass',
  'x, y += 1',
  'x = 5 $ 3',
  // Names and places.
  'x = lenn([1])',
  'x = undefined_everywhere',
  'x = isinstance(1, int)',
  'x = true',
  'def f():\n    parallell([])',
  'break',
  'def f():\n    continue',
  'def f(a, a):\n    pass',
  'def f(a = 1, b):\n    pass',
  'def f(*a, *b):\n    pass',
  'def f(**a, b):\n    pass',
  'def f(*):\n    pass',
  'print(end = "", end = "")',
  'print(sep = "", 1)',
  'print(*[1], *[2])',
  'print(**{}, **{})',
  'def f():\n    load("m", "x")',
  'load("m", "_x")',
  'load("m")',
  // Several at once, in the order of the text.
  'import os\nx = (\nraise x',
  'x = y\nz = w\nbreak',
];

const specScripts: readonly string[] = [
  'for x in [1]:\n    pass',
  'if True:\n    x = 1',
  'x = 1\nx = 2',
  'return 1',
  'x = set([1])',
  'x = f"{1}"',
];

function report(text: string, isScript: boolean): string {
  try {
    compile(text, {
      filename: 'script.star',
      fileOptions: isScript ? plainScripts : specOptions,
      predeclared: isScript ? ['sum', 'attempt', 'parallel'] : [],
    });
    return 'fine\n';
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    assert.ok(error.diagnostics.length > 0);
    return `${error.format()}\n`;
  }
}

test('every construct that Starlark lacks, and every slip, has its words', () => {
  const section = (text: string, isScript: boolean): string =>
    `${isScript ? '' : '(plain specification)\n'}${text.replace(/^/gm, '| ')}\n${report(text, isScript)}\n`;
  const actual = [
    ...scripts.map((text) => section(text, true)),
    ...specScripts.map((text) => section(text, false)),
  ].join('');
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(goldenFile, actual);
  assert.equal(actual, readFileSync(goldenFile, 'utf8'));
  assert.doesNotMatch(actual, /^fine$/m);
});
