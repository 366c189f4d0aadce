import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latencies } from './latencies.ts';

test('latency is that of the latest calls of all tools that are asked for', () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 100; ms++) latencies.add('a', ms);
  latencies.add('b', 1000);
  assert.deepEqual(latencies.of(['a']), { p50: 69, p95: 97, calls: 64 });
  assert.deepEqual(latencies.of(['a', 'b'])?.calls, 65);
  assert.equal(latencies.of(['c']), undefined);
});

test('names that clients invent take no memory without end', () => {
  const latencies = new Latencies();
  for (let at = 0; at < 6000; at++) latencies.add(`tool ${at}`, 1);
  assert.equal(latencies.of(['tool 4999'])?.calls, 1);
  assert.equal(latencies.of(['tool 5000']), undefined);
});
