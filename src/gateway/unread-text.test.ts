import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../protocol/index.ts';
import { leaveUnread, takeUnreadText } from './unread-text.ts';

function blockOf(json: string): JsonObject {
  const block: JsonObject = { type: 'text' };
  leaveUnread(block, json);
  return block;
}

test('a text that was left unread is read like any other', () => {
  const block = blockOf('"a \\"quoted\\" word"');
  assert.equal(block['text'], 'a "quoted" word');
  assert.deepEqual({ ...block }, { type: 'text', text: 'a "quoted" word' });
  assert.equal(JSON.stringify(block), '{"type":"text","text":"a \\"quoted\\" word"}');
});

test('it is handed out as it came, once, and a copy of its block has been read', () => {
  const block = blockOf('"\\u00e9"');
  assert.equal(takeUnreadText({ ...block }), undefined);
  assert.equal(takeUnreadText(block), '"\\u00e9"');
  assert.equal(takeUnreadText(block), undefined);
  assert.throws(() => block['text'], /was taken unread/u);
  for (const other of [{ type: 'text', text: 'x' }, 'x', 1, null, ['x']])
    assert.equal(takeUnreadText(other), undefined);
});

test('what is no JSON string fails when it is asked for', () => {
  assert.throws(() => blockOf('"\\x"')['text'], SyntaxError);
});
