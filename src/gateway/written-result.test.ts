import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writtenResult, writtenText } from './written-result.ts';

const text = '{"content":[1],"isError":false}';

describe('a result that is text already', () => {
  test('is read and written like any other', () => {
    const result = writtenResult(text, ['content', 'isError']);
    assert.deepEqual(result['content'], [1]);
    assert.equal(JSON.stringify(result), text);
    assert.equal('structuredContent' in result, false);
  });

  test('may come in pieces, and what is known of it is not looked for in them', () => {
    const pieces = ['{"content":[1],', new TextEncoder().encode('"isError":true}')];
    const result = writtenResult(pieces, ['content', 'isError']);
    assert.deepEqual(result, { content: [1], isError: true });
    const unread = writtenResult('not read', ['content', 'isError'], { isError: true });
    assert.equal(unread['isError'], true);
  });

  test('hands out its text, and a changed copy of it does not', () => {
    const result = writtenResult(text, ['content', 'isError']);
    assert.equal(writtenText(result), text);
    const copy = { ...result, isError: true };
    assert.equal(writtenText(copy), undefined);
    assert.deepEqual(copy, { content: [1], isError: true });
    assert.equal(writtenText({ content: [] }), undefined);
  });
});
