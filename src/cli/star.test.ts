import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createTerminal } from '../../test/support/terminal.ts';
import { runCli } from './run.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function star(
  t: TestContext,
  text: string,
  args: readonly string[] = [],
  others: Record<string, string> = {},
): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-star-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(others)) await writeFile(join(folder, name), content);
  const file = join(folder, 'main.star');
  await writeFile(file, text.replaceAll('FOLDER', folder));
  const terminal = createTerminal();
  const code = await runCli(['star', ...args, file], terminal);
  return { code, out: terminal.said.out, err: terminal.said.err.replaceAll(folder, 'FOLDER') };
}

describe('vmcp star', () => {
  test('runs a file; what it prints goes to stderr', async (t) => {
    const ran = await star(
      t,
      'def f(x):\n    return [x] * 2\nprint(f(1), json.encode({"a": 1.0}), math.floor(1.5))\n',
    );
    assert.deepEqual(ran, { code: 0, out: '', err: '[1, 1] {"a":1.0} 1\n' });
  });

  test('prints a traceback and exits with 1 on an error', async (t) => {
    const ran = await star(t, 'def f():\n    return {}["x"]\nf()\n');
    assert.equal(ran.code, 1);
    assert.equal(
      ran.err,
      [
        'Traceback (most recent call last):',
        '  FOLDER/main.star:3:1: in <toplevel>',
        '    f()',
        '    ^^^',
        '  FOLDER/main.star:2:14: in f',
        '        return {}["x"]',
        '                 ^^^^^',
        'Error: key "x" not in dict',
        '',
      ].join('\n'),
    );
  });

  test('shows the built-in function between a call and what it calls back', async (t) => {
    const { err } = await star(t, 'xs = sorted([2, 1], key = lambda x: 1 // 0)\n');
    assert.equal(
      err,
      [
        'Traceback (most recent call last):',
        '  FOLDER/main.star:1:6: in <toplevel>',
        '    xs = sorted([2, 1], key = lambda x: 1 // 0)',
        '         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        '  <builtin>: in sorted',
        '  FOLDER/main.star:1:37: in lambda',
        '    xs = sorted([2, 1], key = lambda x: 1 // 0)',
        '                                        ^^^^^^',
        'Error: floored division by zero',
        '',
      ].join('\n'),
    );
  });

  test('names the key of a sort when that is a built-in function that fails', async (t) => {
    const { err } = await star(t, 'xs = max([2, 1], key = len)\n');
    assert.match(
      err,
      /in <toplevel>[^]*\n {2}<builtin>: in max\nError in len: len: value of type int has no len\n$/,
    );
  });

  test('reports everything that is wrong before it runs anything', async (t) => {
    const { code, err } = await star(t, 'print(1)\nx = y\nimport os\nz = (\n');
    assert.equal(code, 1);
    assert.match(err, /main\.star:3:1: syntax error: Starlark has no 'import'/);
    assert.match(err, /main\.star:4:5: syntax error: this \( is never closed/);
    assert.doesNotMatch(err, /^1$/m);
  });

  const programs: Record<string, string> = {
    set: 'print(len(set([1, 1])))',
    while: 'def f():\n    while True:\n        break\n    print(1)\nf()',
    recursion: 'def f(n):\n    return 1 if n == 0 else f(n - 1)\nprint(f(3))',
    toplevelcontrol: 'for x in [1]:\n    print(x)',
    globalreassign: 'x = 0\nx = 1\nprint(x)',
  };
  for (const [name, text] of Object.entries(programs)) {
    test(`needs --option ${name} for what the plain language has not`, async (t) => {
      assert.equal((await star(t, text)).code, 1);
      assert.deepEqual(await star(t, text, ['--option', name]), { code: 0, out: '', err: '1\n' });
    });
  }

  test('loads other files, each once, and their values are frozen', async (t) => {
    const others = { 'lib.star': 'print("loading")\nxs = [1]\ndef f():\n    return xs\n' };
    const text =
      'load("FOLDER/lib.star", "f", ys = "xs")\nload("FOLDER/lib.star", "xs")\nprint(f(), ys)\nxs.append(2)\n';
    const { code, err } = await star(t, text, [], others);
    assert.equal(code, 1);
    assert.match(err, /^loading\n\[1\] \[1\]\n/);
    assert.match(err, /cannot append to frozen list/);
  });

  test('says what is wrong with a file that it loads', async (t) => {
    const others = { 'a.star': 'load("FOLDER/a.star", "x")', 'b.star': 'x = 1 // 0' };
    const failed = await star(t, 'load("FOLDER/b.star", "x")', [], others);
    assert.match(failed.err, /b\.star:1:5: in <toplevel>[^]*division by zero/);
    const missing = await star(t, 'load("FOLDER/c.star", "x")', [], others);
    assert.match(missing.err, /Error: cannot load FOLDER\/c\.star: no such file$/m);
    const unknown = await star(t, 'load("FOLDER/d.star", "x")', [], { 'd.star': 'y = 1' });
    assert.match(unknown.err, /name x not found in module FOLDER\/d\.star/);
    const slip = await star(t, 'load("FOLDER/e.star", "vaule")', [], { 'e.star': 'value = 1' });
    assert.match(slip.err, /name vaule not found in module FOLDER\/e\.star \(did you mean value\?\)/);
  });

  test('exits with 2 when the command line makes no sense, with 1 when the file cannot be read', async (t) => {
    const unknown = await star(t, '', ['--option', 'sett']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /unknown dialect option "sett".*"set"/);
    assert.equal((await star(t, '', ['extra.star'])).code, 2);
    const terminal = createTerminal();
    assert.equal(await runCli(['star'], terminal), 2);
    assert.equal(await runCli(['star', '/nonexistent.star'], terminal), 1);
    assert.equal(await runCli(['star', '/'], terminal), 1);
    assert.match(
      terminal.said.err,
      /FILE is missing[^]*^\/nonexistent\.star: no such file\n\/: expected a file, found a folder\n$/m,
    );
  });

  test('reads the program from stdin where the file is "-"', async () => {
    const terminal = createTerminal({ readInput: async () => 'print(1)\nx = 1 // 0\n' });
    assert.equal(await runCli(['star', '-'], terminal), 1);
    assert.match(terminal.said.err, /^1\nTraceback[^]*<stdin>:2:5: in <toplevel>/);
  });
});

describe('vmcp star --script', () => {
  const script = 'double = [lambda n=n: n * 2 for n in numbers]\nprint("at work")\nreturn parallel(double)\n';

  test('runs a script of code mode with its data, and prints what it returns as JSON', async (t) => {
    const ran = await star(t, script, ['--script', '--data', '{"numbers": [1, 9007199254740993]}']);
    assert.deepEqual(ran, { code: 0, out: '[2,18014398509481986]\n', err: 'at work\n' });
  });

  test('prints null for a script that returns nothing', async (t) => {
    assert.deepEqual(await star(t, 'x = attempt(lambda: 1)', ['--script']), {
      code: 0,
      out: 'null\n',
      err: '',
    });
  });

  test('says where the tools are that a script may expect', async (t) => {
    const { code, err } = await star(t, 'return call_tool("x")', ['--script']);
    assert.equal(code, 1);
    assert.match(err, /call_tool.*"vmcp run" runs a script with those of a server/);
    assert.match((await star(t, 'return data["a"]', ['--script'])).err, /there is no "--data"/);
  });

  const wrong: [args: string[], says: RegExp][] = [
    [['--data', '{}'], /--data needs --script/],
    [['--script', '--option', 'set'], /--option and --script exclude each other/],
    [['--script', '--data', '{'], /--data: expected JSON: /],
    [['--script', '--data', '[1]'], /--data: expected a JSON object such as .*, found a list/],
    [['--script', '--data', '{"a b": 1}'], /the key "a b" cannot be the name of a variable/],
    [['--script', '--data', '{"parallel": 1}'], /the key "parallel" is the name of a built-in function/],
  ];
  for (const [args, says] of wrong) {
    test(`takes ${args.join(' ')} for wrong usage`, async (t) => {
      const { code, err } = await star(t, 'return 1', args);
      assert.equal(code, 2);
      assert.match(err, says);
    });
  }
});
