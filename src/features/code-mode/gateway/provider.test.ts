import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FakeGateway } from '../../../../test/fixtures/fake-gateway.ts';
import { aCall, aCaller, aPlace } from '../../../../test/codemode/fixtures/calls.ts';
import { withAsking, type Asking } from '../../../../test/support/asking.ts';
import { createPipeline, writtenText, type Stage, type Tool } from '../../../gateway/index.ts';
import {
  AbandonedError,
  CancelledError,
  InputRefusedError,
  type JsonObject,
  ProtocolError,
} from '../../../protocol/index.ts';
import type { Gateway, ToolResult } from '../../../gateway/index.ts';
import { failedWith } from '../shared/failure.ts';
import { codeMode } from './provider.ts';
import type { CodeModeOptions, ScriptRun } from './options.ts';
import type { ScriptPool } from './pool.ts';
import type { CallReply, ScriptOutcome } from '../shared/protocol.ts';
import type { ScriptJob } from './script-thread.ts';
import { StopError } from '../shared/stop.ts';

const success: ScriptOutcome = { ok: true, result: '{"content":[]}', textBytes: 0, fields: ['content'] };

/** A pool that does with a script what the test says, on the main thread. */
function poolThat(
  act: (job: ScriptJob, signal: AbortSignal) => Promise<ScriptOutcome> | ScriptOutcome,
): ScriptPool {
  return {
    run: async (job, signal) => await act(job, signal),
    turnToBegin: () => Promise.resolve(),
    turnToCall: () => Promise.resolve(),
    turnToAnswer: () => Promise.resolve(),
    allow: () => undefined,
    status: { threads: 0, running: 0, queued: 0, bytesHeld: 0 },
    close: async () => undefined,
  };
}

interface Bench {
  readonly inner: FakeGateway;
  readonly gateway: Gateway & Asking;
  readonly runs: ScriptRun[];
  readonly jobs: ScriptJob[];
  readonly replies: CallReply[];
}

/** The provider over a fake gateway. Each script makes the calls given, one after another. */
function bench(
  options: Partial<CodeModeOptions> = {},
  inner: FakeGateway = new FakeGateway(),
  calls: [string, JsonObject][] = [],
  every: Stage[] = [],
): Bench {
  const runs: ScriptRun[] = [];
  const jobs: ScriptJob[] = [];
  const replies: CallReply[] = [];
  const pool = poolThat(async (job, signal) => {
    jobs.push(job);
    for (const [tool, args] of calls)
      replies.push((await job.call(tool, JSON.stringify(args), signal, aPlace)).take());
    return success;
  });
  const provider = codeMode({ pool, onRun: (run) => runs.push(run), ...options });
  const gateway = withAsking(
    createPipeline({ edge: [], every, providers: [provider], events: [], catalogue: inner }),
  );
  return { inner, gateway, runs, jobs, replies };
}

function textOf(result: ToolResult): string {
  const [first] = result.content ?? [];
  return String((first as JsonObject)['text']);
}

const aScript = { script: 'return 1' };

describe('the tool list', () => {
  test('has execute_tool_script in its place, described from the tools of this caller', async () => {
    const inner = new FakeGateway({ zebra: () => ({}) });
    const tools = await bench({}, inner).gateway.listTools(aCaller());
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['echo', 'execute_tool_script', 'zebra'],
    );
    const description = tools[1]?.description ?? '';
    assert.match(description, /^echo\(/mu);
    assert.match(description, /^zebra\(/mu);
    assert.doesNotMatch(description, /execute_tool_script\(/u);
  });

  test('follows a change of the tools beneath', async () => {
    const inner = new FakeGateway();
    const { gateway } = bench({}, inner);
    const before = await gateway.listTools(aCaller());
    inner.tools['new_one'] = () => ({});
    const after = await gateway.listTools(aCaller());
    assert.doesNotMatch(before.at(-1)?.description ?? '', /new_one/u);
    assert.match(
      after.find((tool) => tool.name === 'execute_tool_script')?.description ?? '',
      /^new_one\(/mu,
    );
  });

  test('tells of what a stage leaves a caller, and is itself subject to the stages', async () => {
    const inner = new FakeGateway({ secret: () => ({}) });
    const hide: Stage = async (request, next) => {
      const result = await next(request);
      return request.method === 'tools/list'
        ? (result as Tool[]).filter(({ name }) => name !== 'secret')
        : result;
    };
    const tools = await bench({}, inner, [], [hide]).gateway.listTools(aCaller());
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['echo', 'execute_tool_script'],
    );
    assert.doesNotMatch(tools[1]?.description ?? '', /secret/u);
  });

  test('does not exist for scripts', async () => {
    const { gateway, replies } = bench({}, new FakeGateway(), [['execute_tool_script', aScript]]);
    await gateway.callTool(aCall('execute_tool_script', aScript));
    assert.match(JSON.stringify(replies), /unknown tool \\"execute_tool_script/u);
  });

  test('offers tools even where nothing beneath does', async () => {
    const inner = new FakeGateway();
    inner.offered = { logging: {} };
    const { gateway } = bench({}, inner);
    assert.deepEqual(await gateway.capabilities(aCaller()), { logging: {}, tools: { listChanged: true } });
  });
});

describe('everything else', () => {
  test('is handed on untouched', async () => {
    const { inner, gateway, runs } = bench();
    const call = aCall('echo', { a: 1 });
    await gateway.callTool(call);
    assert.equal(inner.calls[0], call);
    assert.deepEqual(await gateway.list('resources', aCaller()), inner.resources);
    await gateway.endSession('s');
    assert.deepEqual(inner.endedSessions, ['s']);
    assert.equal(await gateway.instructions(aCaller()), 'be kind');
    assert.deepEqual(runs, []);
  });
});

describe('bad arguments of execute_tool_script', () => {
  const cases: [string, JsonObject | undefined, RegExp][] = [
    ['no arguments', undefined, /"script" is missing/u],
    ['no script', { data: {} }, /"script" is missing/u],
    ['a script that is no string', { script: 3 }, /"script" is no program/u],
    ['an empty script', { script: '  \n' }, /"script" is no program/u],
    ['data that is no object', { script: 'return 1', data: [1] }, /"data" is not an object/u],
    [
      'data as text',
      { script: 'return 1', data: '{"a":1}' },
      /"data" is not an object.*not its JSON text\.$/u,
    ],
    ['an argument that there is not', { script: 'return 1', code: 'x' }, /no argument "code".*"data"/u],
  ];
  for (const [title, args, message] of cases) {
    test(`${title} is an error that says what to send, counted as a run`, async () => {
      const { gateway, runs, jobs } = bench();
      const result = await gateway.callTool(aCall('execute_tool_script', args));
      assert.equal(result.isError, true);
      assert.match(textOf(result), message);
      assert.deepEqual(
        runs.map(({ status, errorCode }) => [status, errorCode]),
        [['error', 'bad_arguments']],
      );
      assert.equal(jobs.length, 0);
    });
  }
});

describe('inner calls', () => {
  test("go through the funnel with the real name, the caller's identity and only the script's arguments", async () => {
    const { inner, gateway, runs } = bench({}, new FakeGateway(), [['echo', { x: 1 }]]);
    const caller = aCaller();
    const params = { _meta: { progressToken: 'outer' }, task: { ttl: 1 } };
    await gateway.callTool(aCall('execute_tool_script', aScript, { caller, params }));
    const [made] = inner.calls;
    assert.equal(made?.caller, caller);
    assert.deepEqual(made?.params, { name: 'echo', arguments: { x: 1 } });
    assert.equal(runs[0]?.toolCalls, 1);
  });

  test('bring back structured content, else content, as text', async () => {
    const inner = new FakeGateway({
      structured: () => ({ content: [{ type: 'text', text: 'ignored' }], structuredContent: { a: 1 } }),
      blocks: () => ({
        content: [
          { type: 'text', text: '[1]' },
          { type: 'image', data: 'x', mimeType: 'image/png' },
        ],
      }),
      nothing: () => ({}),
    });
    const { gateway, replies } = bench({}, inner, [
      ['structured', {}],
      ['blocks', {}],
      ['nothing', {}],
    ]);
    await gateway.callTool(aCall('execute_tool_script', aScript));
    assert.deepEqual(replies, [
      { kind: 'structured', json: '{"a":1}' },
      {
        kind: 'content',
        blocks: [{ text: '[1]' }, { json: '{"type":"image","data":"x","mimeType":"image/png"}' }],
      },
      { kind: 'content', blocks: [] },
    ]);
  });

  const failures: [string, () => ToolResult, string, RegExp][] = [
    [
      'a question that a backend could not ask',
      () => {
        throw new InputRefusedError(-32600, 'asks the client something in mid-call');
      },
      'needs_input',
      /Call odd directly/u,
    ],
    [
      'a backend that will not ask this client',
      () => {
        throw new ProtocolError(-32021, 'missing capability', { data: { requiredCapabilities: {} } });
      },
      'needs_input',
      /Call odd directly/u,
    ],
    [
      'an error result',
      () => ({ isError: true, content: [{ type: 'text', text: 'no such user' }] }),
      'tool_error',
      /no such user/u,
    ],
    ['an error result without a reason', () => ({ isError: true }), 'tool_error', /gave no reason/u],
    [
      'a question',
      () => ({ resultType: 'input_required', inputRequests: {} }),
      'needs_input',
      /Call odd directly/u,
    ],
    [
      'a task handle',
      () => ({ resultType: 'task', task: { taskId: 'x' } }),
      'needs_input',
      /Call odd directly/u,
    ],
    [
      'a result beyond the memory limit',
      () => ({ content: [{ type: 'text', text: 'x'.repeat(5000) }] }),
      'result_too_large',
      /memoryLimit/u,
    ],
  ];
  for (const [title, answer, code, message] of failures) {
    test(`bring back ${title} as a failure`, async () => {
      const { gateway, replies } = bench({ memoryLimitBytes: 1000 }, new FakeGateway({ odd: answer }), [
        ['odd', {}],
      ]);
      await gateway.callTool(aCall('execute_tool_script', aScript));
      const [reply] = replies;
      assert.ok(reply?.kind === 'failed');
      assert.equal(reply.code, code);
      assert.match(reply.message, message);
    });
  }

  test('wait for their turn, and the answer for its own, by its size', async () => {
    const turns: [string, number?][] = [];
    const inner = new FakeGateway({
      big: () => ({ content: [{ type: 'text', text: 'x'.repeat(5000) }] }),
      structured: () => ({ content: [], structuredContent: { n: 1 } }),
    });
    const pool: ScriptPool = {
      ...poolThat(async (job, signal) => {
        for (const tool of ['big', 'structured']) await job.call(tool, '{}', signal, aPlace);
        return { ...success, result: [new TextEncoder().encode('{"content":"é"}')] };
      }),
      turnToBegin: async () => void turns.push(['begin']),
      turnToCall: async () => void turns.push(['call']),
      turnToAnswer: async (bytes) => void turns.push(['answer', bytes]),
    };
    await bench({ pool }, inner).gateway.callTool(aCall('execute_tool_script', aScript));
    assert.deepEqual(turns, [['begin'], ['call'], ['call'], ['answer', 16]]);
  });

  test("bring back the protocol's errors with their message and any other error without", async () => {
    const inner = new FakeGateway({
      denied: () => {
        throw new ProtocolError(-32000, 'backend "x" is not there');
      },
      broken: () => {
        throw new Error('secret detail');
      },
    });
    const { gateway, replies } = bench({}, inner, [
      ['denied', {}],
      ['broken', {}],
    ]);
    await gateway.callTool(aCall('execute_tool_script', aScript));
    const messages = replies.map((reply) => (reply.kind === 'failed' ? reply.message : ''));
    assert.deepEqual(messages, [
      'denied: backend "x" is not there',
      'broken: the call failed inside the gateway',
    ]);
  });

  test('are given up at toolCallTimeout, also when what is beneath ignores the signal', async () => {
    let aborted = false;
    const inner = new FakeGateway({
      slow: (call) => {
        call.signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      },
    });
    const { gateway, replies } = bench({ toolCallTimeoutMs: 30 }, inner, [['slow', {}]]);
    await gateway.callTool(aCall('execute_tool_script', aScript));
    const [reply] = replies;
    assert.ok(reply?.kind === 'failed');
    assert.deepEqual([reply.code, reply.limit, aborted], ['tool_timeout', 'toolCallTimeout', true]);
    assert.match(reply.message, /slow did not answer within toolCallTimeout \(0\.03 s\).*attempt/u);
  });

  test('pass a question on to a client of an older revision', async () => {
    const inner = new FakeGateway({
      asks: async (call) => ({
        structuredContent: await call.client.request('elicitation/create', {}, call.signal),
      }),
    });
    const { gateway, replies } = bench({}, inner, [['asks', {}]]);
    const client = { canAsk: true, notify: () => undefined, request: async () => ({ action: 'accept' }) };
    await gateway.callTool(aCall('execute_tool_script', aScript, { client }));
    assert.deepEqual(replies, [{ kind: 'structured', json: '{"action":"accept"}' }]);
  });

  test('fail where the revision allows no question in mid-call, whatever the tool makes of it', async () => {
    const inner = new FakeGateway({
      asks: async (call) => {
        assert.equal(call.client.canAsk, false);
        await call.client.request('elicitation/create', {}, call.signal).catch(() => undefined);
        return { content: [{ type: 'text', text: 'went on without' }] };
      },
    });
    const { gateway, replies } = bench({}, inner, [['asks', {}]]);
    const caller = aCaller({ revision: '2026-07-28' });
    let asked = 0;
    const client = { canAsk: true, notify: () => undefined, request: async () => ({ asked: ++asked }) };
    await gateway.callTool(aCall('execute_tool_script', aScript, { caller, client }));
    const [reply] = replies;
    assert.ok(reply?.kind === 'failed');
    assert.equal(reply.code, 'needs_input');
    assert.match(reply.message, /Call asks directly/u);
    assert.equal(asked, 0);
  });

  test('pass log messages on, but no progress: that belongs to the call of the client', async () => {
    const inner = new FakeGateway({
      talks: (call) => {
        call.client.notify('notifications/message', { level: 'info' });
        call.client.notify('notifications/progress', { progressToken: 'outer', progress: 1 });
        return {};
      },
    });
    const { gateway } = bench({}, inner, [['talks', {}]]);
    const told: string[] = [];
    const client = {
      canAsk: true,
      notify: (method: string) => void told.push(method),
      request: async () => ({}),
    };
    await gateway.callTool(aCall('execute_tool_script', aScript, { client }));
    assert.deepEqual(told, ['notifications/message']);
  });
});

describe('the end of a run', () => {
  test('is the result that the thread has written, whole', async () => {
    const text = '{"content":[{"type":"text","text":"{}"}],"structuredContent":{}}';
    const outcome: ScriptOutcome = {
      ok: true,
      result: text,
      textBytes: 0,
      fields: ['content', 'structuredContent'],
    };
    const { gateway } = bench({ pool: poolThat(() => outcome) });
    const result = await gateway.callTool(aCall('execute_tool_script', aScript));
    assert.equal(writtenText(result), text);
    assert.deepEqual(result, { content: [{ type: 'text', text: '{}' }], structuredContent: {} });
  });

  test('reports status, place, limit and tool, and the hash of the script', async () => {
    const pool = poolThat((job) => {
      job.counters.update({ steps: 12, bytesHeld: 3, parallelBranches: 4, toolBytes: 70 });
      return failedWith('secret', {
        status: 'error',
        code: 'tool_timeout',
        line: 2,
        column: 5,
        limit: 'toolCallTimeout',
        tool: 'x',
      });
    });
    let clock = 100;
    const { gateway, runs } = bench({ pool, now: () => (clock += 50) });
    await gateway.callTool(aCall('execute_tool_script', aScript, { caller: aCaller({ sessionId: 's1' }) }));
    assert.deepEqual(runs, [
      {
        scriptHash: '486d9affb60dbb00',
        sessionId: 's1',
        status: 'error',
        errorCode: 'tool_timeout',
        line: 2,
        column: 5,
        limit: 'toolCallTimeout',
        tool: 'x',
        durationMs: 50,
        toolCalls: 0,
        parallelBranches: 4,
        toolBytes: 70,
        clientBytes: 6,
        steps: 12,
      },
    ]);
  });

  test("is the signal's reason when the client cancelled, and an abandoned call stays one", async () => {
    for (const reason of [new CancelledError('session ended'), new AbandonedError()]) {
      const client = new AbortController();
      const pool = poolThat(async (_job, signal) => {
        const heard = new Promise((resolve) => signal.addEventListener('abort', resolve));
        client.abort(reason);
        await heard;
        return failedWith('', { status: 'cancelled', code: 'cancelled' });
      });
      const { gateway, runs } = bench({ pool });
      const call = gateway.callTool(aCall('execute_tool_script', aScript, { signal: client.signal }));
      await assert.rejects(call, (error) => error === reason);
      assert.equal(runs[0]?.status, 'cancelled');
    }
  });

  test('comes at scriptTimeout, with the signal of the pool aborted', async () => {
    const pool = poolThat(async (_job, signal) => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return failedWith('late', { status: 'timeout', code: 'script_timeout' });
    });
    const { gateway, runs } = bench({ pool, scriptTimeoutMs: 20 });
    const result = await gateway.callTool(aCall('execute_tool_script', aScript));
    assert.equal(result.isError, true);
    assert.deepEqual(
      runs.map((run) => run.status),
      ['timeout'],
    );
  });

  test('comes at scriptTimeout also when the wait for its turn took that long', async () => {
    const reasons: unknown[] = [];
    const pool: ScriptPool = {
      ...poolThat((_job, signal) => {
        reasons.push(signal.reason);
        return failedWith('late', { status: 'timeout', code: 'script_timeout' });
      }),
      turnToBegin: () => delay(30),
    };
    await bench({ pool, scriptTimeoutMs: 20 }).gateway.callTool(aCall('execute_tool_script', aScript));
    assert.ok(reasons[0] instanceof StopError);
    assert.equal(reasons[0].reason, 'script_timeout');
  });

  test('is counted as an error when the tools could not be listed, which is the protocol’s error', async () => {
    const inner = new FakeGateway();
    inner.refuseLists = new ProtocolError(-32000, 'gone');
    const { gateway, runs } = bench({}, inner);
    await assert.rejects(gateway.callTool(aCall('execute_tool_script', aScript)), /gone/u);
    assert.deepEqual(
      runs.map((run) => [run.status, run.errorCode]),
      [['error', 'internal']],
    );
  });
});

describe('tracing', () => {
  test('opens a span for the script and one for each call, which the call carries on', async () => {
    const events: string[] = [];
    const { gateway, inner } = bench(
      {
        tracer: {
          startScript: (start, parent) => {
            events.push(`script ${start.scriptHash.length} under ${parent?.traceparent}`);
            return {
              startCall: (tool) => {
                events.push(`call ${tool}`);
                return {
                  trace: { traceparent: 'child' },
                  end: (outcome) => void events.push(`ended ${outcome.failed}`),
                };
              },
              end: (run) => void events.push(`ended ${run.status}`),
            };
          },
        },
      },
      new FakeGateway(),
      [
        ['echo', {}],
        ['absent', {}],
      ],
    );
    await gateway.callTool(aCall('execute_tool_script', aScript, { trace: { traceparent: 'parent' } }));
    assert.deepEqual(events, [
      'script 16 under parent',
      'call echo',
      'ended false',
      'call absent',
      'ended true',
      'ended success',
    ]);
    assert.deepEqual(
      inner.calls.map((call) => call.trace?.traceparent),
      ['child', 'child'],
    );
  });
});
