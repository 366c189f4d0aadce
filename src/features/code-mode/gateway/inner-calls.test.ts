import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aPlace, aRun } from '../../../../test/codemode/fixtures/calls.ts';
import { FakeGateway } from '../../../../test/fixtures/fake-gateway.ts';
import type { ToolResult } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { leaveUnread } from '../../../gateway/index.ts';
import { InnerCalls } from './inner-calls.ts';

const jsonString = '"a \\"word\\""';

function unread(isError: boolean): ToolResult {
  const block: JsonObject = { type: 'text' };
  leaveUnread(block, jsonString);
  return { content: [block, { type: 'text', text: 'short' }], isError };
}

test('long texts are left to be read by the thread, unless the tool failed', async () => {
  const inner = new FakeGateway({ good: () => unread(false), bad: () => unread(true) });
  const options = { toolCallTimeoutMs: 60_000, memoryLimitBytes: 20, span: undefined, ...aRun };
  const calls = new InnerCalls(inner.ask, aCall('execute_tool_script', {}), options);
  const { signal } = new AbortController();
  assert.deepEqual((await calls.call('good', '{}', signal, aPlace)).take(), {
    kind: 'content',
    blocks: [{ jsonString }, { text: 'short' }],
  });
  assert.deepEqual((await calls.call('bad', '{}', signal, aPlace)).take(), {
    kind: 'failed',
    code: 'tool_error',
    message: 'bad: a "word"\nshort',
  });
  assert.deepEqual(
    inner.calls.map(({ unreadTexts }) => unreadTexts),
    [true, true],
  );
});

test('a call that was given up while it waited for its turn is not handed down', async () => {
  const inner = new FakeGateway({ good: () => unread(false) });
  const options = { toolCallTimeoutMs: 60_000, memoryLimitBytes: 20, span: undefined, ...aRun };
  const calls = new InnerCalls(inner.ask, aCall('execute_tool_script', {}), options);
  const reply = (await calls.call('good', '{}', AbortSignal.abort(), aPlace)).take();
  assert.deepEqual(reply, { kind: 'failed', code: 'cancelled', message: 'the call was cancelled' });
  assert.deepEqual([inner.calls.length, calls.made], [0, 0]);
});
