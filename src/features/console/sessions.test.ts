import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sessions } from './sessions.ts';

test('a session ends after 12 hours', () => {
  let nowMs = 0;
  const sessions = new Sessions(() => nowMs);
  const id = sessions.begin('key');
  nowMs = 12 * 60 * 60_000 - 1;
  assert.equal(sessions.credentialOf(id), 'key');
  nowMs++;
  assert.equal(sessions.credentialOf(id), undefined);
});

test('the oldest of a thousand sessions makes room for another', () => {
  const sessions = new Sessions(() => 0);
  const [first, second] = Array.from({ length: 1000 }, (_, at) => sessions.begin(String(at)));
  sessions.begin('one more');
  assert.equal(sessions.credentialOf(first ?? ''), undefined);
  assert.equal(sessions.credentialOf(second ?? ''), '1');
});
