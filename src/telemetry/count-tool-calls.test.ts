import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anonymous, type Stage, type ToolCall, type ToolResult } from '../gateway/index.ts';
import { AbandonedError, CancelledError, errorCodes, ProtocolError } from '../protocol/index.ts';
import { countToolCalls } from './count-tool-calls.ts';
import type { Instruments } from './instruments.ts';
import type { ServerOperation } from './operation-series.ts';

/** The stage under test, with what it counted and recorded. */
function counting(callTool: (call: ToolCall) => Promise<ToolResult>): {
  counted: string[];
  operations: ServerOperation[];
  call(name: string, signal?: AbortSignal): Promise<unknown>;
  stage: Stage;
} {
  const counted: string[] = [];
  const operations: ServerOperation[] = [];
  const instruments: Instruments = {
    countToolCall: (method, status) => void counted.push(`${method} ${status}`),
    recordRequest: () => assert.fail('requests other than tool calls are reported elsewhere'),
    operations: {
      recordServerOperation: (operation) => void operations.push(operation),
      recordBackendRequest: () => assert.fail('the edge does not record backends'),
      counters: [],
      histograms: [],
    },
  };
  const stage = countToolCalls(instruments, () => 7);
  // What the funnel below says of the tool that ran.
  const ran = (call: ToolCall): Promise<ToolResult> => {
    if (call.name === 'execute_tool_script') call.ran!.countAs = 'execute_tool_script';
    if (existing.has(call.name)) call.ran!.tool = call.name;
    return callTool(call);
  };
  return {
    counted,
    operations,
    stage,
    call: async (name, signal = new AbortController().signal) =>
      stage({ ...request, name, params: { name }, signal }, (passed) => ran(passed as ToolCall)).catch(
        (error: unknown) => error,
      ),
  };
}

/** A call that a stage below refuses before it reaches any tool. */
async function denied(name: string): Promise<ReturnType<typeof counting>> {
  const bench = counting(async () => ({}));
  const signal = new AbortController().signal;
  const refuse = (): Promise<ToolResult> => reject(new ProtocolError(403, 'denied'));
  await bench.stage({ ...request, name, params: { name }, signal }, refuse).catch(() => undefined);
  return bench;
}

const existing: ReadonlySet<string> = new Set(['real', 'execute_tool_script']);

const request = {
  origin: 'client',
  method: 'tools/call',
  caller: {
    sessionId: 's',
    hasSession: true,
    principal: anonymous,
    revision: '2025-11-25',
    capabilities: {},
    forwardedHeaders: {},
  },
  client: {
    canAsk: false,
    notify: () => undefined,
    request: () => Promise.reject(new Error('no client to ask')),
  },
} as const;

const outcomes: [title: string, run: () => Promise<ToolResult>, status: 'success' | 'error' | undefined][] = [
  ['a result is a success', async () => ({ content: [] }), 'success'],
  ['a result that says it is no error is a success', async () => ({ isError: false }), 'success'],
  ['a result with isError is an error', async () => ({ isError: true }), 'error'],
  ['a task handle is an outcome, and a success', async () => ({ resultType: 'task', task: {} }), 'success'],
  ['a task handle of the older kind is a success', async () => ({ task: { taskId: 't' } }), 'success'],
  ['a question to the client is no outcome yet', async () => ({ resultType: 'input_required' }), undefined],
  [
    'an unknown tool is an error',
    () => reject(new ProtocolError(errorCodes.invalidParams, 'unknown')),
    'error',
  ],
  ['a timeout is an error', () => reject(new ProtocolError(errorCodes.timeout, 'too slow')), 'error'],
  ['an unforeseen failure is an error', () => reject(new Error('bug')), 'error'],
  ['an exchange that is never finished counts nothing', () => reject(new AbandonedError()), undefined],
];

function reject(error: Error): Promise<never> {
  return Promise.reject(error);
}

describe('countToolCalls', () => {
  for (const [title, run, status] of outcomes) {
    test(`${title}`, async () => {
      const { counted, call } = counting(run);
      await call('real');
      await call('execute_tool_script');
      assert.deepEqual(
        counted,
        status === undefined ? [] : [`tool_call ${status}`, `execute_tool_script ${status}`],
      );
    });
  }

  test('a call that reaches no tool, as where it is denied, counts as any other call and names none', async () => {
    const { counted, operations } = await denied('execute_tool_script');
    assert.deepEqual(counted, ['tool_call error']);
    assert.equal(operations[0]?.toolName, undefined);
  });

  test('a call cancelled before its outcome is an error, whatever comes after', async () => {
    const { promise, resolve } = Promise.withResolvers<ToolResult>();
    const { counted, operations, call } = counting(() => promise);
    const controller = new AbortController();
    const called = call('real', controller.signal);
    controller.abort(new CancelledError());
    resolve({ content: [] });
    await called;
    assert.deepEqual(counted, ['tool_call error']);
    assert.equal(operations[0]?.errorType, 'cancelled');
  });

  test('a call cancelled after its outcome keeps its outcome', async () => {
    const { counted, call } = counting(async () => ({ content: [] }));
    const controller = new AbortController();
    await call('real', controller.signal);
    controller.abort(new CancelledError());
    assert.deepEqual(counted, ['tool_call success']);
  });

  test('an exchange abandoned while it waits counts nothing, also when a result comes after all', async () => {
    const { promise, resolve } = Promise.withResolvers<ToolResult>();
    const { counted, call } = counting(() => promise);
    const controller = new AbortController();
    const called = call('real', controller.signal);
    controller.abort(new AbandonedError());
    resolve({ content: [] });
    await called;
    assert.deepEqual(counted, []);
  });

  test('a call that was cancelled before it began is an error, once', async () => {
    const { counted, call } = counting(() => reject(new CancelledError()));
    await call('real', AbortSignal.abort(new CancelledError()));
    assert.deepEqual(counted, ['tool_call error']);
  });

  test('the result and the error pass through untouched', async () => {
    const result = { content: [], extra: 1 };
    assert.equal(await counting(async () => result).call('real'), result);
    const error = new ProtocolError(-32602, 'no');
    assert.equal(await counting(() => reject(error)).call('real'), error);
  });

  test('a label carries only names of tools that exist, never one that a client invents', async () => {
    const { operations, call } = counting(async () => ({}));
    for (const name of ['real', 'execute_tool_script', 'invented', '']) await call(name);
    assert.deepEqual(
      operations.map((operation) => operation.toolName),
      ['real', 'execute_tool_script', undefined, undefined],
    );
  });

  test('lists and other requests are never counted as tool calls', async () => {
    const { counted, operations, stage } = counting(async () => ({}));
    const signal = new AbortController().signal;
    const params = { uri: 'x://1' };
    await stage({ ...request, method: 'tools/list', signal }, async () => []);
    await stage({ ...request, method: 'resources/read', params, signal }, async () => ({}));
    assert.deepEqual(counted, []);
    assert.deepEqual(operations, []);
  });
});
