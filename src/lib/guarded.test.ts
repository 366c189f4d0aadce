import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contain, defectIn, guarded, tellEach, type OnDefect } from './guarded.ts';

function recorder(): { readonly told: unknown[]; readonly onDefect: OnDefect } {
  const told: unknown[] = [];
  return { told, onDefect: (thrown, where) => void told.push([where, thrown]) };
}

/** Until rejections of promises have been handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a guarded callback', () => {
  test('gets its arguments, and reports what it throws or rejects with', async () => {
    const { told, onDefect } = recorder();
    const seen: unknown[] = [];
    const callback = guarded('a test', onDefect, (how: 'throw' | 'reject', value: unknown) => {
      seen.push(how, value);
      const fail = (): never => {
        throw value as Error;
      };
      return how === 'reject' ? Promise.resolve().then(fail) : fail();
    });
    callback('throw', null);
    callback('reject', 'a string');
    await turn();
    assert.deepEqual(seen, ['throw', null, 'reject', 'a string']);
    assert.deepEqual(told, [
      ['a test', null],
      ['a test', 'a string'],
    ]);
  });

  test('never throws, with no report or with one that throws', async () => {
    const fail = (): never => {
      throw new Error('planted');
    };
    contain('a test', undefined, fail);
    contain('a test', fail, fail);
    contain('a test', fail, () => Promise.reject(new Error('planted')));
    await turn();
  });

  test('is named alike wherever it is logged', () => {
    assert.equal(defectIn('a test'), 'defect in a test');
  });
});

test('of several listeners, those after one that throws are told', () => {
  const { told, onDefect } = recorder();
  const heard: string[] = [];
  const listeners = [
    (event: string) => heard.push(`first ${event}`),
    (event: string) => {
      throw new Error(event);
    },
    (event: string) => heard.push(`last ${event}`),
  ];
  tellEach('a test', onDefect, listeners as ((event: string) => void)[], 'news');
  assert.deepEqual(heard, ['first news', 'last news']);
  assert.equal(told.length, 1);
});
