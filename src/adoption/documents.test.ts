import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figures } from '../../test/fixtures/adoption-figures.ts';
import { toCsv, toMarkdown } from './documents.ts';
import type { AdoptionReport, ServerReport } from './report.ts';
import { toShares } from './traffic.ts';

function server(name: string, parts: Partial<ServerReport> = {}): ServerReport {
  const traffic = {
    scriptCalls: { success: 3, error: 1 },
    regularCalls: { success: 5, error: 2 },
    scripts: { success: 3, error: 1 },
    innerCalls: 12,
    refusedCalls: 2,
    resultBytes: { received: 900, answered: 100 },
    seconds: { scripts: 2, calls: 5 },
  };
  return {
    ...traffic,
    ...toShares(traffic),
    namespace: 'prod',
    name,
    enabled: true,
    replicas: 2,
    disagreeing: false,
    ...parts,
  };
}

function report(...servers: ServerReport[]): AdoptionReport {
  return { ...figures({ servers }), sentences: ['A sentence about a|b and <i>.'] };
}

describe('as CSV', () => {
  test('each server is one line under the headings, and what is unknown is empty', () => {
    const go = server('go', { resultBytes: null, bytesKeptOut: null, tokensKeptOutEstimate: null });
    const [heads = '', ours = '', second = '', end] = toCsv(report(server('ours'), go)).split('\r\n');
    assert.equal(end, '');
    const names = heads.split(',');
    const row = Object.fromEntries(ours.split(',').map((cell, i) => [names[i], cell]));
    assert.deepEqual(
      [row['server'], row['code_mode'], row['script_calls'], row['regular_calls'], row['refused_calls']],
      ['ours', 'on', '4', '7', '2'],
    );
    assert.deepEqual(
      [row['script_share'], row['calls_saved'], row['bytes_kept_out'], row['tokens_kept_out_estimate']],
      [String(4 / 9), '8', '800', '200'],
    );
    assert.equal(second.split(',').length, names.length);
    assert.match(second, /,,,,,/u);
  });

  test('no name breaks out of its field, and none is a formula', () => {
    const csv = toCsv(report(server('a,"b'), server('=cmd()', { namespace: '@x' }), server('\u001b[2J\nx')));
    assert.match(csv, /^prod,"a,""b",on/mu);
    assert.match(csv, /^'@x,'=cmd\(\),on/mu);
    assert.ok(!csv.includes('\u001b'));
    assert.equal(csv.split('\r\n').length, 5);
  });
});

describe('as Markdown', () => {
  test('it has the sentences, the figures and a line for each server', () => {
    const text = toMarkdown(report(server('ours'), server('gone', { enabled: null })));
    assert.match(text, /^- A sentence about a\\\|b and \\<i\\>\.$/mu);
    assert.match(text, /^\| prod\/ours \| on \| 4 \| 44 % \|/mu);
    assert.match(text, /^\| prod\/gone \| gone \|/mu);
  });

  test('a name cannot begin a cell, a link or a tag', () => {
    const text = toMarkdown(report(server('a|b](x)<script>')));
    assert.ok(text.includes('prod/a\\|b\\](x)\\<script\\>'));
  });
});
