import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeCaller, fakeClient } from '../../test/fixtures/calling.ts';
import { FakeGateway } from '../../test/fixtures/fake-gateway.ts';
import {
  anonymous,
  createPipeline,
  requireCurrentCredential,
  onlyFor,
  type GatewayEvent,
  type PerMethod,
  type PipelineParts,
  type Request,
  type RequestContext,
  type Stage,
  type Tool,
  type ToolCall,
  type ToolProvider,
} from './index.ts';
import { ProtocolError, type JsonObject } from '../protocol/index.ts';

const context: RequestContext = {
  origin: 'client',
  caller: fakeCaller(),
  client: fakeClient(),
  signal: new AbortController().signal,
};

const call = (name: string, args: JsonObject = {}): ToolCall => ({
  ...context,
  method: 'tools/call',
  name,
  params: { name, arguments: args },
});

/** A provider whose tool `twice` calls `echo` two times, one after the other. */
const twice: ToolProvider = {
  names: ['twice'],
  countAs: 'tool_call',
  isOpenTo: (origin) => origin !== 'script',
  list: async (below) => [...below, { name: 'twice', inputSchema: { type: 'object' } }],
  call: async (outer, ask) => {
    const answers: JsonObject[] = [];
    for (const n of [1, 2]) {
      const inner = { ...call('echo', { n }), origin: 'script', caller: outer.caller } as const;
      answers.push(await ask(inner).catch((error: Error) => ({ caught: error.message })));
    }
    return { structuredContent: answers };
  },
};

function make(parts: Partial<PipelineParts>, inner: FakeGateway = new FakeGateway()) {
  return createPipeline({ edge: [], every: [], providers: [], events: [], catalogue: inner, ...parts });
}

/** A stage that writes down what it saw. */
function recorder(seen: string[], label: string): Stage {
  return (request, next) => {
    seen.push(`${label} ${request.origin} ${request.method}`);
    return next(request);
  };
}

describe('the funnel', () => {
  test('is passed from top to bottom: edge, every, own tools, catalogue', async () => {
    const seen: string[] = [];
    const inner = new FakeGateway({ last: () => ({ seen: [...seen] }) });
    const gateway = make(
      { edge: [recorder(seen, 'edge 1'), recorder(seen, 'edge 2')], every: [recorder(seen, 'every')] },
      inner,
    );
    await gateway.ask(call('last'));
    assert.deepEqual(seen, [
      'edge 1 client tools/call',
      'edge 2 client tools/call',
      'every client tools/call',
    ]);
  });

  test('what a provider calls passes every stage again, and not the edge', async () => {
    const seen: string[] = [];
    const gateway = make({
      edge: [recorder(seen, 'edge')],
      every: [recorder(seen, 'every')],
      providers: [twice],
    });
    await gateway.ask(call('twice'));
    assert.deepEqual(seen, [
      'edge client tools/call',
      'every client tools/call',
      'every script tools/call',
      'every script tools/call',
    ]);
  });

  test('what the gateway asks for itself skips the edge', async () => {
    const seen: string[] = [];
    const gateway = make({ edge: [recorder(seen, 'edge')], every: [recorder(seen, 'every')] });
    await gateway.ask({ ...context, origin: 'gateway', method: 'tools/list' });
    assert.deepEqual(seen, ['every gateway tools/list']);
  });

  test('a stage at every denies an own tool', async () => {
    const deny: Stage = onlyFor(['tools/call'], (request, next) => {
      if (request.name === 'twice') throw new ProtocolError(403, 'denied');
      return next(request);
    });
    const inner = new FakeGateway();
    await assert.rejects(async () => make({ every: [deny], providers: [twice] }, inner).ask(call('twice')), {
      code: 403,
    });
    assert.equal(inner.calls.length, 0);
  });

  test('a stage at every denies one inner call, which its tool can catch, and limits how many there are', async () => {
    let left = 1;
    const limit: Stage = onlyFor(['tools/call'], async (request, next) => {
      if (request.origin === 'script' && left-- <= 0) throw new ProtocolError(429, 'limited');
      return next(request);
    });
    const { structuredContent } = await make({ every: [limit], providers: [twice] }).ask(call('twice'));
    const [first, second] = structuredContent as JsonObject[];
    assert.ok('content' in first!);
    assert.deepEqual(second, { caught: 'limited' });
  });

  test('a tool that is closed to scripts is neither listed nor callable for them', async () => {
    const gateway = make({ providers: [twice] });
    const listed = async (origin: 'client' | 'script'): Promise<string[]> =>
      (await gateway.ask({ ...context, origin, method: 'tools/list' })).map(({ name }) => name);
    assert.deepEqual(await listed('client'), ['echo', 'twice']);
    assert.deepEqual(await listed('script'), ['echo']);
    await assert.rejects(gateway.ask({ ...call('twice'), origin: 'script' }), /unknown tool/u);
  });

  test('a stage may change what goes on, and what comes back', async () => {
    const shout: Stage = async (request, next) => {
      const tools = await next(request);
      if (request.method !== 'tools/list') return tools;
      return (tools as Tool[]).map((tool) => ({ ...tool, name: tool.name.toUpperCase() }));
    };
    const tools = await make({ every: [shout] }).ask({ ...context, method: 'tools/list' });
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['ECHO'],
    );
  });
});

test('a script whose caller is no longer who they were makes no further call; a request under way ends', async () => {
  const principal = { ...anonymous, expiresAtMs: 1000 };
  const gateway = make({ every: [requireCurrentCredential(() => 1000)], providers: [twice] });
  const outer = call('twice');
  const result = await gateway.ask({ ...outer, caller: { ...outer.caller, principal } });
  assert.match(JSON.stringify(result), /credential has ended/u);
  const current = make({ every: [requireCurrentCredential(() => 999)], providers: [twice] });
  const ran = await current.ask({ ...outer, caller: { ...outer.caller, principal } });
  assert.doesNotMatch(JSON.stringify(ran), /credential/u);
});

describe('events', () => {
  test('pass a chain of their own, session by session, and may end in it', () => {
    const event: GatewayEvent = { type: 'resourceUpdated', params: { uri: 'x://secret' } };
    const gateway = make({
      events: [
        (heard, session) => (session.sessionId === 'a' ? heard : undefined),
        (heard) => ({ ...heard, params: { uri: 'x://shown' } }) as GatewayEvent,
      ],
    });
    assert.deepEqual(gateway.eventFor(event, fakeCaller({ sessionId: 'a' })), {
      type: 'resourceUpdated',
      params: { uri: 'x://shown' },
    });
    assert.equal(gateway.eventFor(event, fakeCaller({ sessionId: 'b' })), undefined);
  });
});

test('a stage that decides for each method does not compile while it has not decided for one', () => {
  const decisions = {
    'tools/list': 'filter',
    'resources/list': 'filter',
    'resources/templates/list': 'filter',
    'prompts/list': 'filter',
    'tools/call': 'decide',
    'resources/read': 'decide',
    'resources/subscribe': 'decide',
    'resources/unsubscribe': 'allow',
    'prompts/get': 'decide',
    'completion/complete': 'decide',
    'logging/setLevel': 'allow',
    'notifications/roots/list_changed': 'allow',
    'tasks/get': 'allow',
    'tasks/update': 'allow',
    'tasks/cancel': 'allow',
    'tasks/list': 'allow',
    'tasks/result': 'allow',
    describe: 'allow',
    locate: 'allow',
    extension: 'deny',
  } as const;
  const whole: PerMethod<string> = decisions;
  const { extension: _, ...without } = decisions;
  // @ts-expect-error: one method is undecided, as every method is that is new in the table
  const lacking: PerMethod<string> = without;
  assert.equal(Object.keys(whole).length, Object.keys(lacking).length + 1);
  // @ts-expect-error: no request has a method that the table does not know
  const unknown: Request['method'] = 'tools/invented';
  assert.ok(unknown);
});
