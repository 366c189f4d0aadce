import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Figures, figures } from '../../test/fixtures/adoption-figures.ts';
import { toSentences } from './sentences.ts';
import { toShares } from './traffic.ts';

function traffic(
  scripts: number,
  regular: number,
  ended: Record<string, number>,
  innerCalls: number,
  own: Partial<Figures['total']> = {},
): Figures['total'] {
  const counted = {
    scriptCalls: { success: scripts, error: 0 },
    regularCalls: { success: regular, error: 0 },
    scripts: ended,
    innerCalls,
    refusedCalls: 0,
    resultBytes: null,
    seconds: null,
    ...own,
  };
  return { ...counted, ...toShares(counted) };
}

function funnel(reporting: number, optedIn: number, used: number, succeeding: number): Figures['funnel'] {
  return { reporting, optedIn, used, succeeding };
}

describe('servers, in words', () => {
  const cases: [funnel: Figures['funnel'], everOptedIn: number, says: string[]][] = [
    [funnel(0, 0, 0, 0), 0, ['No server reports now.']],
    [funnel(0, 0, 0, 0), 2, ['No server reports now (2 had code mode on at some time).']],
    [funnel(1, 0, 0, 0), 0, ['The one server that reports has code mode off.']],
    [funnel(3, 0, 0, 0), 1, ['None of 3 servers reporting has code mode on (1 had it on at some time).']],
    [funnel(1, 1, 0, 0), 1, ['The one server that reports has code mode on.', 'It has run no script.']],
    [
      funnel(4, 1, 1, 1),
      1,
      [
        '1 of 4 servers reporting (25 %) has code mode on.',
        'It has run scripts, and at least half of them succeeded.',
      ],
    ],
    [
      funnel(4, 2, 0, 0),
      2,
      ['2 of 4 servers reporting (50 %) have code mode on.', 'None of these has run a script.'],
    ],
    [
      funnel(4, 2, 1, 0),
      2,
      [
        '2 of 4 servers reporting (50 %) have code mode on.',
        '1 of these 2 has run scripts, and less than half of them succeeded.',
      ],
    ],
    [
      funnel(9, 6, 5, 4),
      7,
      [
        '6 of 9 servers reporting (67 %) have code mode on (7 had it on at some time).',
        '5 of these 6 have run scripts, and on 4 of them at least half of the scripts succeeded.',
      ],
    ],
    [
      funnel(2, 2, 2, 2),
      2,
      [
        '2 of 2 servers reporting (100 %) have code mode on.',
        'All of these have run scripts, and on all of them at least half of the scripts succeeded.',
      ],
    ],
  ];
  for (const [given, everOptedIn, says] of cases) {
    test(`${Object.values(given).join(', ')}; ever on: ${everOptedIn}`, () =>
      assert.deepEqual(toSentences(figures({ funnel: given, everOptedIn })).slice(0, says.length), says));
  }
});

describe('calls, in words', () => {
  const cases: [total: Figures['total'], says: string[]][] = [
    [traffic(0, 0, {}, 0), ['No client has called a tool.']],
    [traffic(0, 1, {}, 0), ['Clients made 1 tool call, which was no script.']],
    [traffic(0, 2, {}, 0), ['Clients made 2 tool calls, none of them a script.']],
    [
      traffic(1, 0, { error: 1 }, 0),
      [
        'Clients made 1 tool call, a script; it made no tool call.',
        'The script did not succeed, and spared its client no call.',
      ],
    ],
    [
      traffic(2, 0, { success: 1, error: 1 }, 1),
      [
        'Clients made 2 tool calls, all of them scripts; they made 1 tool call, 100 % of tool work.',
        '50 % of the scripts succeeded, and scripts spare their clients no calls: they make 0.5 each on average.',
      ],
    ],
    [
      traffic(1, 3, { success: 1 }, 3),
      [
        'Of 4 tool calls that clients made, 1 (25 %) was a script; it made 3 tool calls, 50 % of tool work.',
        'The script succeeded, and spared its client 2 calls.',
      ],
    ],
    [
      traffic(100, 100, { success: 100 }, 102),
      [
        'Of 200 tool calls that clients made, 100 (50 %) were scripts; they made 102 tool calls, 50 % of tool work.',
        '100 % of the scripts succeeded, and scripts spare their clients no calls: they make 1.0 each on average.',
      ],
    ],
    [
      traffic(5000, 5000, { success: 4999, error: 1 }, 20_000),
      [
        'Of 10,000 tool calls that clients made, 5,000 (50 %) were scripts; they made 20,000 tool calls, 80 % of tool work.',
        'More than 99.9 % of the scripts succeeded, and a script spares its client 3.0 calls on average.',
        'Scripts saved 15,000 calls.',
      ],
    ],
    [
      traffic(2, 0, { success: 2 }, 8),
      [
        'Clients made 2 tool calls, all of them scripts; they made 8 tool calls, 100 % of tool work.',
        '100 % of the scripts succeeded, and a script spares its client 3.0 calls on average.',
        'Scripts saved 6 calls.',
      ],
    ],
  ];
  for (const [total, says] of cases) {
    test(says.join(' '), () => assert.deepEqual(toSentences(figures({ total })).slice(1), says));
  }
});

test('what the report does not cover agrees in number', () => {
  const window = { asked: '1h', from: 0, to: 3600, dataFrom: 3540, complete: false, gaps: [] };
  const said = toSentences(figures({ window, instancesWithoutMetrics: 1, missingMetrics: ['a', 'b'] }));
  assert.deepEqual(
    [said[0], ...said.slice(-2)],
    [
      'Of the 60 minutes asked for, Prometheus has data for the last minute, since 1970-01-01 00:59 UTC: everything here is about that time.',
      '1 instance beside those that report is up and lacks the metrics: an older version, most likely. It is in no number here.',
      'No instance reports a or b, so what depends on it is left out.',
    ],
  );
});

test('that Prometheus throws data away by itself is told only where it may have', () => {
  const day = 86_400;
  const window = { asked: '30d', from: 0, to: 30 * day, complete: false, gaps: [] };
  const says = (dataFrom: number): boolean =>
    toSentences(figures({ window: { ...window, dataFrom } }))[0]!.includes('It keeps 15 days');
  assert.deepEqual([says(5 * day), says(15 * day), says(29 * day)], [false, true, true]);
});

test('what scripts saved is told apart from what is estimated, and refusals are told', () => {
  const total = traffic(10, 15, { success: 10 }, 90, {
    refusedCalls: 5,
    resultBytes: { received: 4_200_000, answered: 200_000 },
    seconds: { scripts: 12.34, calls: 80 },
  });
  assert.equal(total.scriptShare, 0.5);
  assert.equal(total.workShare, 0.9);
  assert.deepEqual(toSentences(figures({ total })).slice(3), [
    "Scripts saved 80 calls; of 4.2 MB that they received, 4.0 MB stayed out of the model's context, an estimated 1,000,000 tokens at 4 bytes each.",
    "Scripts took 12 s; their calls one after another would have taken 80 s, an estimate that leaves a model's own time out.",
    '5 direct calls were refused where code mode is enforced; they are in no share here.',
  ]);
});

test('scripts that answer more than they receive saved no bytes', () => {
  const total = traffic(2, 0, { success: 2 }, 1, { resultBytes: { received: 10, answered: 900 } });
  assert.equal(total.bytesKeptOut, 0);
  assert.match(
    toSentences(figures({ total })).join('\n'),
    /^Scripts: they answered no fewer bytes than the 10 bytes that they received\.$/mu,
  );
});

test('a change of the share is told where it is one', () => {
  const says = (trend: 'grown' | 'fallen' | 'same' | null): string =>
    toSentences(figures({ growth: { firstHalf: 0.21, secondHalf: 0.22, trend } })).at(-1) ?? '';
  assert.equal(
    says('same'),
    'The share of scripts among calls is about the same in both halves of the time: 21 %, then 22 %.',
  );
  assert.match(says('grown'), /has grown from 21 % .* to 22 %/u);
  assert.doesNotMatch(says(null), /share of scripts/u);
});
