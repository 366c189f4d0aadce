import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTexts } from './tool-value.ts';

test('texts that came as JSON strings are read, and others are as they came', () => {
  const blocks = [{ jsonString: '"a \\"word\\""' }, { text: '"a"' }, { json: '{}' }];
  assert.deepEqual(readTexts({ kind: 'content', blocks }, 'github_page'), {
    kind: 'content',
    blocks: [{ text: 'a "word"' }, { text: '"a"' }, { json: '{}' }],
  });
  const structured = { kind: 'structured', json: '{"a":1}' } as const;
  assert.equal(readTexts(structured, 'github_page'), structured);
});

test('a text that is no JSON string is the fault of the tool that sent it', () => {
  assert.throws(() => readTexts({ kind: 'content', blocks: [{ jsonString: '"\\x"' }] }, 'github_page'), {
    name: 'CodeModeError',
    code: 'tool_unavailable',
    tool: 'github_page',
    message: 'github_page: the backend answered with something that is no MCP message',
  });
});
