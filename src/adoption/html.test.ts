import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figures } from '../../test/fixtures/adoption-figures.ts';
import { toHtml } from './html.ts';
import { toPieces } from './window.ts';

const now = Date.UTC(2026, 10, 26, 23, 7) / 1000;

/** The words below the first chart, for wide screens. */
function moments(windowSeconds: number): string[] {
  const { total } = figures();
  const trend = toPieces(windowSeconds, now).map(({ from, to }) => ({
    ...total,
    from,
    to,
    partial: false,
    reporting: 1,
    optedIn: 1,
    scriptCalls: 0,
    regularCalls: 0,
  }));
  const html = toHtml({ ...figures({ at: now, trend }), sentences: [] });
  const [chart = ''] = /<svg class="wide".*?<\/svg>/s.exec(html) ?? [];
  return [...chart.matchAll(/<text class="tick" [^>]*text-anchor="(?:start|middle|end)">([^<]*)<\/text>/g)]
    .map(([, text = '']) => text)
    .filter((text) => !text.includes('%'));
}

describe('the moments below a chart tell', () => {
  const cases: [what: string, windowSeconds: number, says: string[]][] = [
    ['the time within a day', 3600, ['22:15', '22:45', '23:07']],
    [
      'day and time where several days have the same times',
      7 * 86_400,
      ['11-20 06:00', '11-23 18:00', '11-26 23:07'],
    ],
    ['the day where each piece is one', 30 * 86_400, ['10-28', '11-12', '11-26']],
  ];
  for (const [what, windowSeconds, says] of cases)
    test(what, () => assert.deepEqual(moments(windowSeconds), says));
});
