/** In the heap that a container of 256 MiB leaves, scripts that fill it end by their account, and take no thread along. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scriptMemory } from '../../src/features/code-mode/shared/script-memory.ts';
import { scriptBench, scriptPool } from './fixtures/bench.ts';

const mebibyte = 2 ** 20;

/** Values that take the most and the least heap for what the interpreter counts. */
const elements = ['[[], [i], ()]', '{"a": i, "b": [i], "c": {}}', 'i * 1000003', '"y" * 1000 + str(i)'];

describe('with the memory of a small container', { concurrency: false }, () => {
  const lost: unknown[] = [];
  const limit = 64 * mebibyte;
  const pool = scriptPool({
    ...scriptMemory(256 * mebibyte, 2, limit),
    memoryLimitBytes: limit,
    onThreadLost: (event) => void lost.push(event),
  });
  const bench = scriptBench({}, { pool, memoryLimitBytes: limit, stepLimit: 1e9, scriptTimeoutMs: 600_000 });

  for (const element of elements) {
    test(`a script that collects ${element} is told the limit that holds here`, async () => {
      const { text } = await bench.run(`x = []\nfor i in range(100000000):\n  x.append(${element})`);
      assert.match(text, /The limit is memoryLimit \(\d{8} bytes\)/u);
      assert.deepEqual(lost, []);
    });
  }

  test('many at once end one by one, and the thread lives on', async () => {
    const script = `x = []\nfor i in range(100000000):\n  x.append(${elements[0]})`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => bench.run(script)));
    for (const { text } of answers) assert.match(text, /memoryLimit|more memory than the gateway has/u);
    assert.deepEqual(lost, []);
    assert.equal((await bench.run('return 1')).value, 1);
  });
});
