import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, scriptOptions } from '../index.ts';

/** Each call as `line:column name(arguments)`, with `?` for what only a run would tell. */
function calls(source: string): string[] {
  const program = compile(source, {
    filename: 'x.star',
    fileOptions: scriptOptions,
    predeclared: ['tool', 'other'],
  });
  return program.hostCalls.map(({ name, span, args }) => {
    const shown = args.map(({ kind, name: parameter, constant }) => {
      const value = constant === undefined ? '?' : JSON.stringify(constant.value);
      return `${kind === 'named' ? `${parameter}=` : kind === 'positional' ? '' : `${kind}:`}${value}`;
    });
    return `${span.line}:${span.column} ${name}(${shown.join(', ')})`;
  });
}

describe('the calls of what a program is handed', () => {
  test('are found in functions, lambdas and comprehensions, in the order of the text', () => {
    const source =
      'def f():\n    return tool(1)\nx = [other(a=i) for i in range(3)]\ny = lambda: tool("s", **x)\nreturn tool(other())';
    assert.deepEqual(calls(source), [
      '2:12 tool(1)',
      '3:6 other(a=?)',
      '4:13 tool("s", kwargs:?)',
      '5:8 tool(?)',
      '5:13 other()',
    ]);
  });

  test('show the arguments that are the same at each run', () => {
    const source =
      'tool(-1, 1.5, None, True, ["a", (2,)], {"k": [False]}, [x for x in "a"], {1: 2}, 1 + 1, -len("a"))';
    assert.deepEqual(calls(source), ['1:1 tool(-1, 1.5, null, true, ["a",[2]], {"k":[false]}, ?, ?, ?, ?)']);
  });

  test('are none where the program has a name of its own, or uses the function as a value', () => {
    assert.deepEqual(calls('def f(tool):\n    return tool(1)\nreturn f(other)'), []);
  });
});
