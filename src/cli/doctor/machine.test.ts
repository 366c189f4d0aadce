import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClock, checkNode, checkOpenFiles } from './machine.ts';

test('a Node that is too old is told of, and what to do', () => {
  assert.equal(checkNode('24.1.0', '/n').outcome, 'good');
  assert.deepEqual(checkNode('20.1.0', '/n'), {
    outcome: 'bad',
    what: 'Node 20.1.0 (/n)',
    remedy: 'install Node 22.18 or later',
  });
});

test('a low limit of open files is doubtful, and one that is not known is not told', () => {
  const limits = (soft: string): string =>
    `Limit  Soft  Hard\nMax open files            ${soft}      4096   files\n`;
  assert.equal(checkOpenFiles(limits('256'))?.outcome, 'doubtful');
  assert.equal(checkOpenFiles(limits('20000'))?.outcome, 'good');
  assert.equal(checkOpenFiles(limits('unlimited'))?.outcome, 'good');
  assert.equal(checkOpenFiles('nothing of it'), undefined);
});

test('a clock that differs from that of a server is doubtful', () => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT';
  const at = Date.parse(date);
  assert.equal(checkClock(date, at + 20_000)?.outcome, 'good');
  assert.match(checkClock(date, at + 90_000)?.what ?? '', /90 s ahead/);
  assert.match(checkClock(date, at - 3_600_000)?.what ?? '', /3600 s behind/);
  assert.equal(checkClock(undefined, at), undefined);
  assert.equal(checkClock('nonsense', at), undefined);
});
