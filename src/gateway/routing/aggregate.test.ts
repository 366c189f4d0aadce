import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { fakeCaller, fakeClient } from '../../../test/fixtures/calling.ts';
import { FakeBackend, tool } from '../../../test/fixtures/fake-backend.ts';
import { withAsking, type Asking, type CallParts } from '../../../test/support/asking.ts';
import type { AggregateOptions, GatewayEvent } from '../index.ts';
import { type JsonObject, ProtocolError } from '../../protocol/index.ts';
import { aggregate, BackendError } from '../index.ts';

const caller = fakeCaller();

function make(backends: FakeBackend[], options: Partial<AggregateOptions> = {}) {
  const logged: string[] = [];
  const gateway = withAsking(
    aggregate(backends, { onLog: ({ message }) => logged.push(message), ...options }),
  );
  const events: GatewayEvent[] = [];
  gateway.subscribe((event) => events.push(event));
  return { gateway, logged, events };
}

function call(name: string, params: JsonObject = {}): CallParts {
  return {
    name,
    params: { name, ...params },
    caller,
    client: fakeClient(),
    signal: new AbortController().signal,
  };
}

function passed(method: string, params: JsonObject): Parameters<Asking['request']>[0] {
  return { method, params, caller, client: fakeClient(), signal: new AbortController().signal };
}

const names = (entries: readonly JsonObject[]): unknown[] => entries.map((entry) => entry['name']);

describe('tools', () => {
  test('come sorted, whatever order the backends stand in', async () => {
    const make2 = (order: number[]) => {
      const all = [new FakeBackend('b', ['z', 'a']), new FakeBackend('a', ['m'])];
      return make(order.map((index) => all[index] as FakeBackend)).gateway.listTools(caller);
    };
    assert.deepEqual(names(await make2([0, 1])), ['a_m', 'b_a', 'b_z']);
    assert.deepEqual(await make2([0, 1]), await make2([1, 0]));
  });

  test('pass through whole but for their name', async () => {
    const whole = tool('x', {
      title: 'X',
      outputSchema: { type: 'object' },
      icons: [{ src: 'data:,' }],
      never: { heard: 'of' },
    });
    const { gateway } = make([new FakeBackend('a', { tools: [whole] })]);
    assert.deepEqual(await gateway.listTools(caller), [{ ...whole, name: 'a_x' }]);
  });

  test('are called by their own name with everything the client sent, and the result passes through whole', async () => {
    const backend = new FakeBackend('a', ['x']);
    const result = { content: [], structuredContent: { n: 1 }, _meta: { k: 1 }, unheard: true };
    backend.answer = () => result;
    const { gateway } = make([backend]);
    assert.deepEqual(await gateway.callTool(call('a_x', { arguments: { q: 1 }, task: { ttl: 5 } })), result);
    assert.deepEqual(backend.requests[0]?.params, { name: 'x', arguments: { q: 1 }, task: { ttl: 5 } });
    assert.equal(backend.requests[0]?.shownAs, 'a_x');
  });

  test('that nobody has are an error with a near miss', async () => {
    const { gateway } = make([new FakeBackend('a', ['read_file'])]);
    await assert.rejects(gateway.callTool(call('a_reed_file')), {
      code: -32602,
      message: 'Unknown tool: a_reed_file. Did you mean "a_read_file"?',
    });
    await assert.rejects(gateway.callTool(call('q')), { message: 'Unknown tool: q' });
  });

  test('with invalid parameters are refused here, at the bottom', async () => {
    const { gateway } = make([new FakeBackend('a', ['x'])]);
    await assert.rejects(gateway.callTool({ ...call(''), fault: 'tools/call needs a "name"' }), {
      code: -32602,
      message: 'tools/call needs a "name"',
    });
  });

  test('that are hidden answer like those that are not there', async () => {
    const { gateway } = make([new FakeBackend('a', ['x', 'y'])], {
      tools: [{ workload: 'a', filter: ['y'] }],
    });
    assert.deepEqual(names(await gateway.listTools(caller)), ['a_y']);
    await assert.rejects(gateway.callTool(call('a_x')), {
      message: 'Unknown tool: a_x. Did you mean "a_y"?',
    });
    await assert.rejects(gateway.callTool(call('a_w')), {
      message: 'Unknown tool: a_w. Did you mean "a_y"?',
    });
  });

  test('take the name, description and annotations of their override, and the filter knows them by it', async () => {
    const shown = tool('x', { description: 'old', annotations: { readOnlyHint: true, title: 'T' } });
    const backend = new FakeBackend('a', { tools: [shown, tool('y')] });
    const { gateway } = make([backend], {
      tools: [
        {
          workload: 'a',
          filter: ['renamed'],
          overrides: { x: { name: 'renamed', description: 'new', annotations: { readOnlyHint: false } } },
        },
      ],
    });
    assert.deepEqual(await gateway.listTools(caller), [
      { ...shown, name: 'a_renamed', description: 'new', annotations: { readOnlyHint: false, title: 'T' } },
    ]);
    await gateway.callTool(call('a_renamed'));
    assert.equal(backend.requests[0]?.params['name'], 'x');
  });

  test('that the configuration names and their backend does not offer are told, once the backend is there', async () => {
    const backend = new FakeBackend('a', ['read_file', 'x']);
    backend.available = false;
    const { gateway, logged } = make([backend, new FakeBackend('b', ['y'])], {
      tools: [
        { workload: 'a', filter: ['reed_file', 'z'], overrides: { x: { name: 'z' }, write: { name: 'v' } } },
        { workload: 'gone', filter: ['q'] },
      ],
    });
    await gateway.listTools(caller);
    assert.deepEqual(logged, []);
    backend.available = true;
    backend.emit({ type: 'status' });
    await gateway.listTools(caller);
    assert.deepEqual(logged, [
      'tool "write" of backend "a" is named in aggregation.tools[].overrides, and the backend has none of that name.',
      'tool "reed_file" of backend "a" is named in aggregation.tools[].filter, and the backend has none of that name. Did you mean "read_file"?',
    ]);
  });

  test('are hidden by excludeAllTools, excludeAll, and a default of deny', async () => {
    const list = async (options: Partial<AggregateOptions>): Promise<unknown[]> =>
      names(
        await make([new FakeBackend('a', ['x']), new FakeBackend('b', ['y'])], options).gateway.listTools(
          caller,
        ),
      );
    assert.deepEqual(await list({ excludeAllTools: true }), []);
    assert.deepEqual(await list({ tools: [{ workload: 'a', excludeAll: true }] }), ['b_y']);
    assert.deepEqual(await list({ tools: [{ workload: 'a' }], defaultToolVisibility: 'deny' }), ['a_x']);
  });

  test('that are hidden keep their names: one that the order gave to a hidden tool is given to no other', async () => {
    const backends = (): FakeBackend[] => [new FakeBackend('a', ['x', 'y']), new FakeBackend('b', ['x'])];
    const strategy = { kind: 'priority', order: ['a', 'b'] } as const;
    for (const hidden of [{ excludeAll: true }, { filter: ['y'] }]) {
      const { gateway } = make(backends(), { strategy, tools: [{ workload: 'a', ...hidden }] });
      assert.ok(!names(await gateway.listTools(caller)).includes('x'));
      await assert.rejects(gateway.callTool(call('x')), { code: -32602 });
    }
    const { gateway } = make(backends(), {
      strategy,
      tools: [{ workload: 'a', overrides: { x: { name: 'z' } } }],
    });
    assert.deepEqual(names(await gateway.listTools(caller)), ['x', 'y', 'z']);
  });

  test('of a reserved name are left out, and the log says what to do', async () => {
    const { gateway, logged } = make([new FakeBackend('a', ['execute_tool_script'])], {
      strategy: { kind: 'priority', order: ['a'] },
      reservedNames: ['execute_tool_script'],
    });
    assert.deepEqual(await gateway.listTools(caller), []);
    assert.deepEqual(logged, [
      'tool "execute_tool_script" of backend "a" is left out: the gateway has a tool of that name itself; give it another under aggregation.tools[].overrides',
    ]);
  });

  test('named like a property of every object are tools like any other', async () => {
    const { gateway } = make([new FakeBackend('a', ['constructor', '__proto__'])], {
      strategy: { kind: 'manual' },
      tools: [{ workload: 'a', overrides: {} }],
    });
    assert.deepEqual(names(await gateway.listTools(caller)), ['__proto__', 'constructor']);
    assert.deepEqual(await gateway.callTool(call('constructor')), {
      content: [{ type: 'text', text: 'from a' }],
    });
  });
});

describe('a backend that is down', () => {
  test('has its tools taken off the list but not forgotten: a call says why it fails', async () => {
    const backend = new FakeBackend('a', ['x']);
    const { gateway } = make([backend, new FakeBackend('b', ['y'])]);
    backend.available = false;
    backend.emit({ type: 'status' });
    assert.deepEqual(names(await gateway.listTools(caller)), ['b_y']);
    backend.answer = () => Promise.reject(new BackendError('unreachable', 'a', 'is not connected: it died'));
    assert.deepEqual(await gateway.callTool(call('a_x')), {
      isError: true,
      content: [{ type: 'text', text: 'Tool call failed: backend "a" is not connected: it died' }],
    });
  });

  test('passes its own JSON-RPC errors through, code and data', async () => {
    const backend = new FakeBackend('a', ['x']);
    const own = new ProtocolError(-32050, 'no', { data: { why: 1 } });
    backend.answer = () => Promise.reject(own);
    await assert.rejects(make([backend]).gateway.callTool(call('a_x')), own);
  });

  test('is an error with its own code for requests other than tool calls', async () => {
    const backend = new FakeBackend('a', { resources: [{ uri: 'x://1', name: 'r' }] });
    backend.answer = () => Promise.reject(new BackendError('timeout', 'a', 'did not answer'));
    await assert.rejects(make([backend]).gateway.request(passed('resources/read', { uri: 'x://1' })), {
      code: -32001,
    });
  });

  test('that is slow at start-up holds the first list up only as long as it may', async (t) => {
    const slow = new FakeBackend('slow');
    Object.assign(slow, { first: Promise.withResolvers<void>() });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { gateway } = make([slow, new FakeBackend('b', ['y'])], { startupWaitMs: 40, now: () => 0 });
    let isListed = false;
    const listed = gateway.listTools(caller).finally(() => (isListed = true));
    t.mock.timers.tick(39);
    await turnOfTheLoop();
    assert.equal(isListed, false);
    t.mock.timers.tick(1);
    assert.deepEqual(names(await listed), ['b_y']);
  });

  test('that is still starting is waited for by a call of a tool nobody knows yet', async () => {
    const late = new FakeBackend('late');
    const first = Promise.withResolvers<void>();
    Object.assign(late, { first });
    const { gateway } = make([late]);
    const answer = gateway.callTool(call('late_x'));
    late.catalogue = { ...late.catalogue, tools: [tool('x')] };
    late.emit({ type: 'changed', listing: 'tools' });
    first.resolve();
    assert.deepEqual(await answer, { content: [{ type: 'text', text: 'from late' }] });
  });
});

describe('lazy backends', () => {
  const sleeping = (): FakeBackend => Object.assign(new FakeBackend('lazy', ['x']), { asleep: true });

  const needs: [what: string, ask: (gateway: ReturnType<typeof make>['gateway']) => Promise<unknown>][] = [
    ['the list of tools', (gateway) => gateway.listTools(caller)],
    ['another list', (gateway) => gateway.list('prompts', caller)],
    ['the capabilities', (gateway) => gateway.capabilities(caller)],
    ['the instructions', (gateway) => gateway.instructions(caller)],
    ['a call of its tool', (gateway) => gateway.callTool(call('lazy_x'))],
    ['a call of another backend’s tool, which its own might be', (gateway) => gateway.callTool(call('a_x'))],
    [
      'a resource, whose URI it might have',
      (gateway) => gateway.request(passed('resources/read', { uri: 'x://1' })).catch(() => undefined),
    ],
  ];
  for (const [what, ask] of needs) {
    test(`are woken, once, by a client that needs ${what}`, async () => {
      const backend = sleeping();
      const { gateway } = make([new FakeBackend('a', ['x']), backend]);
      await ask(gateway);
      await ask(gateway);
      assert.equal(backend.wakes, 1);
    });
  }

  test('are not woken by those who only look: how many tools there are, and the status', async () => {
    const backend = sleeping();
    backend.catalogue = { ...backend.catalogue, tools: [] };
    const { gateway } = make([new FakeBackend('a', ['x', 'y']), backend]);
    assert.equal(await gateway.toolCount(), 2);
    assert.deepEqual(gateway.toolNames().length, 2);
    gateway.status();
    assert.equal(backend.wakes, 0);
  });

  test('have as much time after they were woken as others have at the start', async () => {
    const backend = sleeping();
    const first = Promise.withResolvers<void>();
    Object.assign(backend, { first });
    backend.catalogue = { ...backend.catalogue, tools: [] };
    let nowMs = 0;
    const { gateway } = make([backend], { startupWaitMs: 60_000, now: () => nowMs });
    nowMs = 3_600_000;
    const listed = gateway.listTools(caller);
    backend.catalogue = { ...backend.catalogue, tools: [tool('x')] };
    backend.emit({ type: 'status' });
    first.resolve();
    assert.deepEqual(names(await listed), ['lazy_x']);
  });

  test('have their say in who wins a name before a call of it is sent', async () => {
    const winner = Object.assign(new FakeBackend('b'), { asleep: true });
    winner.wake = () => {
      winner.asleep = false;
      winner.catalogue = { ...winner.catalogue, tools: [tool('x')] };
      winner.emit({ type: 'changed', listing: 'tools' });
    };
    const strategy = { kind: 'priority', order: ['b', 'a'] } as const;
    const { gateway } = make([new FakeBackend('a', ['x']), winner], { strategy });
    assert.deepEqual(await gateway.callTool(call('x')), { content: [{ type: 'text', text: 'from b' }] });
  });
});

test('a filter shows the tools that its patterns fit, and says which pattern fits none', async () => {
  const backend = new FakeBackend('a', ['search_code', 'search_issues', 'delete']);
  const { gateway, logged } = make([backend], { tools: [{ workload: 'a', filter: ['search_*', 'list_*'] }] });
  const names = (await gateway.listTools(caller)).map(({ name }) => name);
  assert.deepEqual(names, ['a_search_code', 'a_search_issues']);
  assert.match(logged.join('\n'), /"list_\*" of backend "a"/);
  assert.doesNotMatch(logged.join('\n'), /"search_\*"/);
});

describe('changes', () => {
  test('are told only when what clients see has changed', async () => {
    const backend = new FakeBackend('a', ['x']);
    const { gateway, events } = make([backend], { tools: [{ workload: 'a', filter: ['x', 'y'] }] });
    await gateway.listTools(caller);
    backend.catalogue = { ...backend.catalogue, tools: [tool('x'), tool('hidden')] };
    backend.emit({ type: 'changed', listing: 'tools' });
    assert.deepEqual(events, []);
    backend.catalogue = { ...backend.catalogue, tools: [tool('x'), tool('y')] };
    backend.emit({ type: 'changed', listing: 'tools' });
    assert.deepEqual(events, [{ type: 'toolsChanged' }]);
    backend.catalogue = {
      ...backend.catalogue,
      prompts: [{ name: 'p' }],
      resources: [{ uri: 'x://1', name: 'r' }],
    };
    backend.emit({ type: 'changed', listing: 'prompts' });
    assert.deepEqual(events.slice(1), [{ type: 'promptsChanged' }, { type: 'resourcesChanged' }]);
  });

  test('are told as changes from what stood when the listener came', () => {
    const backend = new FakeBackend('a', ['x']);
    const gateway = aggregate([backend], { onLog: () => undefined });
    backend.emit({ type: 'status' });
    const events: GatewayEvent[] = [];
    gateway.subscribe((event) => events.push(event));
    backend.emit({ type: 'status' });
    assert.deepEqual(events, []);
    backend.catalogue = { ...backend.catalogue, tools: [] };
    backend.emit({ type: 'changed', listing: 'tools' });
    assert.deepEqual(events, [{ type: 'toolsChanged' }]);
  });

  test('are no longer told after detach', async () => {
    const backend = new FakeBackend('a', ['x']);
    const { gateway, events } = make([backend]);
    await gateway.listTools(caller);
    gateway.detach();
    backend.catalogue = { ...backend.catalogue, tools: [] };
    backend.emit({ type: 'changed', listing: 'tools' });
    assert.deepEqual(events, []);
  });

  test('of other kinds pass through with their session', () => {
    const backend = new FakeBackend('a');
    const { events } = make([backend]);
    backend.emit({ type: 'resourceUpdated', params: { uri: 'x://1' } });
    backend.emit({
      type: 'notification',
      method: 'notifications/message',
      params: { level: 'info' },
      sessionId: 's',
    });
    backend.emit({ type: 'notification', method: 'notifications/tasks/status', params: { taskId: 't' } });
    assert.deepEqual(events, [
      { type: 'resourceUpdated', params: { uri: 'x://1' } },
      { type: 'message', params: { level: 'info' }, sessionId: 's' },
      { type: 'notification', method: 'notifications/tasks/status', params: { taskId: 't' } },
    ]);
  });
});

describe('a session to which a backend shows something of its own', () => {
  test('lists and calls it, is told of it alone, and no other session sees it', async () => {
    const backend = new FakeBackend('a', ['x']);
    const { gateway, events } = make([backend]);
    await gateway.listTools(caller);
    backend.own.set(caller.sessionId, { ...backend.catalogue, tools: [tool('x'), tool('mine')] });
    backend.emit({ type: 'changed', listing: 'tools', sessionId: caller.sessionId });
    assert.deepEqual(events, [{ type: 'toolsChanged', sessionId: caller.sessionId }]);
    assert.deepEqual(names(await gateway.listTools(caller)), ['a_mine', 'a_x']);
    await gateway.callTool(call('a_mine'));
    const other = fakeCaller({ sessionId: 'other' });
    assert.deepEqual(names(await gateway.listTools(other)), ['a_x']);
    await assert.rejects(gateway.callTool({ ...call('a_mine'), caller: other }), { code: -32602 });
    await gateway.endSession(caller.sessionId);
    assert.deepEqual(names(await gateway.listTools(caller)), ['a_x']);
  });
});

describe('capabilities and instructions', () => {
  test('are the union of what the backends offer', async () => {
    const [a, b] = [new FakeBackend('a'), new FakeBackend('b')];
    a.info = {
      revision: '2025-11-25',
      capabilities: { resources: { subscribe: false }, logging: {} },
      instructions: 'A',
    };
    b.info = {
      revision: '2026-07-28',
      capabilities: { resources: { subscribe: true }, extensions: { x: {} } },
      instructions: 'B',
    };
    const { gateway } = make([b, a]);
    assert.deepEqual(await gateway.capabilities(caller), {
      resources: { subscribe: true, listChanged: true },
      logging: {},
      extensions: { x: {} },
      tools: { listChanged: true },
    });
    assert.equal(await gateway.instructions(caller), '## a\n\nA\n\n## b\n\nB');
    assert.equal(await make([a]).gateway.instructions(caller), 'A');
  });
});

test('5,000 tools of 50 backends are merged once: neither a list nor a call looks through them again', async () => {
  const backends = Array.from({ length: 50 }, (_, index) => {
    const tools = Array.from({ length: 100 }, (__, number) =>
      tool(`tool_${number}`, { description: 'x'.repeat(200) }),
    );
    return new FakeBackend(`backend-${index}`, { tools });
  });
  const { gateway } = make(backends);
  const listed = await gateway.listTools(caller);
  assert.equal(listed.length, 5_000);
  let looks = 0;
  for (const entry of [...listed, ...backends.flatMap((backend) => backend.catalogue.tools)]) {
    const { name } = entry;
    Object.defineProperty(entry, 'name', { get: () => (looks++, name) });
  }
  assert.equal(await gateway.listTools(caller), listed);
  await gateway.callTool(call('backend-49_tool_99'));
  assert.equal(looks, 0);
});
