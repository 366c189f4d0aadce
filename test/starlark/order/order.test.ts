import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, encodeJson, run, scriptOptions, Thread } from '../../../src/starlark/index.ts';
import { compareMany } from './order.ts';

test('every part of a program is evaluated once, from left to right, whether or not it waits', async () => {
  const count = 2000;
  const { ended, noted } = await compareMany(0, count);
  assert.ok(ended > count / 2, `only ${ended} of ${count} programs ended with a value`);
  assert.ok(noted > 10 * count, `only ${noted} values were noted`);
});

test('arguments given by name keep their values while the list after * is evaluated', async () => {
  const call = 'def f(*a, **k):\n  return (a, k)\nys = [3, 4]\n';
  for (const [source, expected] of [
    ['f(limit = len(ys), *[y for y in ys])', '[[3,4],{"limit":2}]'],
    ['f(a = len(ys), b = ys[0], *sorted(ys, key = lambda y: -y))', '[[4,3],{"a":2,"b":3}]'],
    ['f(0, a = len(ys), *[f(b = y, *ys)[0][1] for y in ys], **{"c": len(ys)})', '[[0,4,4],{"a":2,"c":2}]'],
    ['[f(x = i + 1, *[i for _ in range(i)]) for i in range(2)]', '[[[],{"x":1}],[[1],{"x":2}]]'],
  ] as const) {
    const text = `${call}return ${source}`;
    const program = compile(text, { filename: 'names.star', fileOptions: scriptOptions, predeclared: [] });
    const { value } = await run(program, new Thread(), new Map());
    assert.equal(encodeJson(value), expected, source);
  }
});
