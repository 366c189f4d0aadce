import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gatewayHeapShare, largestLimitBytes, scriptMemory, threadHeap } from './script-memory.ts';

const mebibyte = 2 ** 20;
const usualLimit = 64 * mebibyte;

describe('what scripts get of the memory', () => {
  // [memory in MiB, processors, threads, largest memoryLimit in MiB]
  const cases: [number, number, number, number][] = [
    [128, 2, 1, 6],
    [256, 2, 1, 19],
    [512, 2, 1, 64],
    [512, 8, 1, 64],
    [1024, 4, 2, 71],
    [2048, 4, 3, 94],
    [24_000, 2, 1, 4165],
  ];
  for (const [memory, processors, threads, limit] of cases) {
    test(`of ${memory} MiB and ${processors} processors: ${threads} threads, scripts of ${limit} MiB`, () => {
      const share = scriptMemory(memory * mebibyte, processors, usualLimit);
      assert.equal(share.threads, threads);
      assert.equal(Math.floor(largestLimitBytes(share.heapBytes) / mebibyte), limit);
    });
  }

  test('from 256 MiB on, gateway and script processes fit into it together', () => {
    for (let memory = 256; memory <= 65_536; memory *= 2) {
      for (const processors of [1, 2, 4, 16, 64]) {
        for (const limit of [usualLimit, 512 * mebibyte]) {
          const { threads, heapBytes } = scriptMemory(memory * mebibyte, processors, limit);
          const processes = threads * (heapBytes + 30 * mebibyte);
          const gateway = memory * mebibyte * gatewayHeapShare + 60 * mebibyte;
          assert.ok(processes + gateway <= memory * mebibyte, `${memory} MiB, ${processors} processors`);
        }
      }
    }
  });
});

describe('the heap of a thread', () => {
  const needs = { memoryBudgetBytes: 512 * mebibyte, memoryLimitBytes: usualLimit };

  test('is twice what scripts may hold, and room for two at their limit', () => {
    assert.deepEqual(threadHeap(needs), { oldMegabytes: 1216, youngMegabytes: 48 });
  });

  test('is no larger than there is room for, the space for new objects included', () => {
    assert.deepEqual(threadHeap({ ...needs, heapBytes: 900 * mebibyte }), {
      oldMegabytes: 852,
      youngMegabytes: 48,
    });
    assert.deepEqual(threadHeap({ ...needs, heapBytes: 90 * mebibyte }), {
      oldMegabytes: 78,
      youngMegabytes: 12,
    });
  });
});
