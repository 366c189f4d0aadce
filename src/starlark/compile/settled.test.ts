import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, run, scriptOptions, StarlarkError, Thread, universe, type Value } from '../index.ts';

function compileScript(source: string) {
  return compile(source, { filename: 'settled.star', fileOptions: scriptOptions, predeclared: [] });
}

function runScript(source: string): Promise<Value> {
  return run(compileScript(source), new Thread(), new Map()).then(({ value }) => value);
}

function codeOf(source: string): string {
  const program = compileScript(source);
  return program.generatedCode(program.used.map(({ name }) => universe.get(name)));
}

const call = 'def f():\n    return g()\n';
const definition = 'def g():\n    return 1\n';

describe('whether a variable of the file holds a value yet', () => {
  test('is not asked in functions when all that binds it comes before the first call', () => {
    for (const source of [
      `${call}${definition}return f()\n`,
      `x = len("abc")\n${call}${definition}y = f()\n`,
      `a, (g, b) = 1, (lambda: 2, 3)\n${call}return f()\n`,
    ]) {
      assert.ok(!codeOf(source).includes('unbound('), source);
    }
  });

  test('is asked when a call comes first, in whatever way it may reach the function', async () => {
    for (const early of [
      'f()',
      '[f() for _ in range(1)]',
      'sorted([1], key = lambda x: f())',
      '(lambda: f())()',
    ]) {
      await assert.rejects(runScript(`${call}x = ${early}\n${definition}`), (error) => {
        assert.ok(error instanceof StarlarkError);
        assert.equal(error.code, 'unbound');
        assert.match(error.message, /global variable g referenced before assignment/);
        return true;
      });
    }
  });

  test('is asked when the call is an argument or a default of what binds it', async () => {
    for (const binding of ['g = len([f()])', 'def g(x = f()):\n    return 1', 'g = "".join([f()])']) {
      await assert.rejects(runScript(`${call}${binding}\n`), /referenced before assignment/);
    }
  });

  test('is asked when only a branch binds it', async () => {
    await assert.rejects(
      runScript(`${call}if False:\n    g = 1\nreturn f()\n`),
      /referenced before assignment/,
    );
  });

  test('does not hide what a variable holds later', async () => {
    assert.equal(await runScript('x = 1\ndef f():\n    return x\na = f()\nx = 2\nreturn a * 10 + f()\n'), 12);
  });
});
