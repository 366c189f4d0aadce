import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, duration, percent, plural, time } from './words.ts';

const shares: [share: number | null, words: string][] = [
  [null, '–'],
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.004, '0.4 %'],
  [0.05, '5 %'],
  [0.055, '5.5 %'],
  [0.07, '7 %'],
  [0.0996, '10 %'],
  [0.126, '13 %'],
  [0.995, '99.5 %'],
  [0.9999, '>99.9 %'],
  [1, '100 %'],
];
for (const [share, words] of shares) {
  test(`a share of ${share} is read as ${words}`, () => assert.equal(percent(share), words));
}

test('durations are read in the unit that fits', () => {
  assert.deepEqual([30, 90, 3 * 3600, 15 * 86_400].map(duration), [
    '1 minute',
    '2 minutes',
    '3 hours',
    '15 days',
  ]);
});

test('counts agree with their nouns', () => {
  assert.deepEqual(
    [plural(1, 'server'), plural(0, 'server'), plural(1234, 'server')],
    ['1 server', '0 servers', '1,234 servers'],
  );
});

test('decimals and times', () => {
  assert.deepEqual([decimal(null), decimal(4.25), decimal(1234.5)], ['–', '4.3', '1,235']);
  assert.equal(time(0), '1970-01-01 00:00 UTC');
});
