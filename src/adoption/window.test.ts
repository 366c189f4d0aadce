import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdoptionError } from './errors.ts';
import { parseWindow, toCoverage, toPieces } from './window.ts';

const windows: [text: string, seconds: number][] = [
  ['30d', 2_592_000],
  ['1h30m', 5400],
  ['5m', 300],
  ['1w', 604_800],
  ['2y', 63_072_000],
];
for (const [text, seconds] of windows) {
  test(`the window ${text} is ${seconds} seconds`, () => assert.equal(parseWindow(text), seconds));
}

for (const text of ['', '30', 'd', '1m', '3y', '30 d', '1d x', '-1d', '1ms5d']) {
  test(`the window "${text}" is refused in words`, () => {
    assert.throws(
      () => parseWindow(text),
      (error: unknown) =>
        error instanceof AdoptionError && error.code === 'bad-input' && error.message.includes(`"${text}"`),
    );
  });
}

describe('pieces of a window', () => {
  for (const text of ['5m', '10m', '59m', '1h', '6h', '1d', '7d', '30d', '90d', '1y', '2y']) {
    test(`those of ${text} follow one another, end on whole tiles and reach from before the window to now`, () => {
      const now = 1_790_000_123;
      const pieces = toPieces(parseWindow(text), now);
      assert.ok(pieces.length >= 2 && pieces.length <= 31, `${pieces.length} pieces`);
      for (const [i, { from, to, tileSeconds }] of pieces.entries()) {
        assert.equal(to % tileSeconds, 0);
        assert.equal((to - from) % tileSeconds, 0);
        if (i > 0) assert.equal(from, pieces[i - 1]!.to);
      }
      const last = pieces.at(-1)!;
      assert.ok(last.to >= now && last.to - now < last.tileSeconds);
      assert.ok(pieces[0]!.from <= now - parseWindow(text) + last.tileSeconds);
    });
  }
});

describe('coverage', () => {
  const at = (...times: number[]): { labels: object; points: [number, number][] } => ({
    labels: {},
    points: times.map((time) => [time, 1]),
  });

  test('it begins with the first point and has a gap where points are missing', () => {
    assert.deepEqual(toCoverage([at(100, 115, 130, 205, 220) as never], 15), {
      dataFrom: 100,
      gaps: [{ from: 130, to: 205 }],
    });
  });

  test('without a point there is none', () => assert.equal(toCoverage([], 15), undefined));
});
