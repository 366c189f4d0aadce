import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { askable, fakeCaller, fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import { listen } from '../../../test/fixtures/conformance/http.ts';
import { startControlledBackend } from '../../../test/support/controlled-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { BackendClientEvent, BackendRequest } from '../../gateway/index.ts';
import { CancelledError, type JsonObject } from '../../protocol/index.ts';
import { holderOf } from '../../gateway/index.ts';
import type { BackendTarget, ClientOptions } from './index.ts';
import { createBackendClient } from './index.ts';

const root = join(import.meta.dirname, '../../..');
const soon = AbortSignal.timeout(600_000);
const form = { 'elicitation/create': { action: 'accept', content: { username: 'ada', email: 'a@b' } } };

async function connect(t: TestContext, target: BackendTarget, options: Partial<ClientOptions> = {}) {
  const logged: string[] = [];
  const events: BackendClientEvent[] = [];
  const client = createBackendClient(target, {
    clientInfo: { name: 'test', version: '1' },
    environment: process.env,
    onLog: ({ message }) => logged.push(message),
    probeTimeoutMs: 60_000,
    ...options,
  });
  t.after(() => client.close());
  client.subscribe((event) => events.push(event));
  return { client, logged, events, info: await client.connect(soon) };
}

/** The conformance backend, speaking one era only. */
async function conformance(t: TestContext, only: 'sessions' | '2026-07-28') {
  const server = await listen({ only });
  t.after(() => server.close());
  const url = new URL(server.url);
  return { server, ...(await connect(t, { name: 'c', transport: 'streamable-http', url })) };
}

function conformanceStdio(t: TestContext, options: Partial<ClientOptions> = {}) {
  const args = [join(root, 'test/fixtures/conformance-backend.ts'), '--stdio'];
  return connect(t, { name: 'c', transport: 'stdio', command: process.execPath, args, env: {} }, options);
}

function conformanceSessions(t: TestContext) {
  const args = [join(root, 'test/fixtures/conformance-backend.ts'), '--stdio-sessions'];
  return connect(t, { name: 'c', transport: 'stdio', command: process.execPath, args, env: {} });
}

function everything(t: TestContext, options: Partial<ClientOptions> = {}) {
  const args = [join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')];
  return connect(t, { name: 'e', transport: 'stdio', command: process.execPath, args, env: {} }, options);
}

const of = (method: string, params: JsonObject, changes: Partial<BackendRequest> = {}): BackendRequest => ({
  ...toolRequest('', {}, changes),
  method,
  params,
});

const textOf = (result: JsonObject): unknown => (result['content'] as JsonObject[])[0]?.['text'];

for (const [era, revision] of [
  ['sessions', '2025-11-25'],
  ['2026-07-28', '2026-07-28'],
] as const) {
  describe(`a backend of ${revision} over Streamable HTTP`, () => {
    test('is known by its revision', async (t) => {
      assert.equal((await conformance(t, era)).info.revision, revision);
    });

    test('lists everything it has', async (t) => {
      const { client } = await conformance(t, era);
      for (const listing of ['tools', 'resources', 'resourceTemplates', 'prompts'] as const) {
        assert.ok((await client.list(listing, soon)).length > 0, listing);
      }
    });

    test('answers calls, errors and pings', async (t) => {
      const { client } = await conformance(t, era);
      assert.match(String(textOf(await client.request(toolRequest('test_simple_text')))), /simple text/);
      assert.equal((await client.request(toolRequest('test_error_handling')))['isError'], true);
      await assert.rejects(client.request(toolRequest('nope')), {
        code: -32602,
        message: /no tool is named nope/,
      });
      await client.ping(soon);
    });

    test('reports progress to the call it is about, under the client’s own token', async (t) => {
      const { client } = await conformance(t, era);
      const ports = ['one', 'two'].map((token) => ({ token, port: fakeClient() }));
      await Promise.all(
        ports.map(({ token, port }) =>
          client.request({
            ...toolRequest('test_tool_with_progress', {}, { client: port }),
            params: { name: 'test_tool_with_progress', _meta: { progressToken: token } },
          }),
        ),
      );
      for (const { token, port } of ports) {
        assert.deepEqual(
          port.heard.map(({ method, params }) => [method, params['progress'], params['progressToken']]),
          [0, 50, 100].map((progress) => ['notifications/progress', progress, token]),
        );
      }
    });

    test('logs to the call it is about, as much as the client wants to hear', async (t) => {
      const { client } = await conformance(t, era);
      await client.request(of('logging/setLevel', { level: 'debug' }));
      const port = fakeClient();
      await client.request(toolRequest('test_tool_with_logging', {}, { client: port }));
      assert.ok(
        port.heard.some(({ method }) => method === 'notifications/message'),
        JSON.stringify(port.heard),
      );
    });

    test('asks the client that made the call, and hears its answer', async (t) => {
      const { client } = await conformance(t, era);
      const callers = ['a', 'b'].map((name) => ({
        caller: fakeCaller({ sessionId: name, capabilities: askable }),
        port: fakeClient({
          'elicitation/create': { action: 'accept', content: { username: name, email: 'x' } },
        }),
      }));
      const answers = await Promise.all(
        callers.map(({ caller, port }) =>
          client.request(toolRequest('test_elicitation', { message: 'who?' }, { caller, client: port })),
        ),
      );
      assert.match(String(textOf(answers[0] ?? {})), /"username":"a"/);
      assert.match(String(textOf(answers[1] ?? {})), /"username":"b"/);
    });

    test('asks a client that cannot be asked in vain: the call fails, names the tool and says what to do', async (t) => {
      const { client } = await conformance(t, era);
      const caller = fakeCaller({ capabilities: askable });
      await assert.rejects(
        client.request(toolRequest('test_elicitation', { message: 'who?' }, { caller, shownAs: 'c_elicit' })),
        /the tool "c_elicit" asks the client something in mid-call \(elicitation\/create\), which is not possible here: call it directly/,
      );
    });

    test('tells of a changed list', async (t) => {
      const { client, events } = await conformance(t, era);
      await eventually(async () => {
        await client.request(toolRequest('test_trigger_tool_change'));
        assert.ok(events.some((event) => event.type === 'changed' && event.listing === 'tools'));
      });
    });

    test('is given the trace context and the headers that are passed through', async (t) => {
      const { client } = await conformance(t, era);
      const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      const caller = fakeCaller({ forwardedHeaders: { 'x-tenant': 'a' } });
      assert.ok(await client.request(toolRequest('test_simple_text', {}, { trace, caller })));
    });

    test('hears that a call was cancelled', async (t) => {
      const backend = await startControlledBackend({ only: era });
      t.after(() => backend.close());
      const { client } = await connect(t, {
        name: 'c',
        transport: 'streamable-http',
        url: new URL(backend.url),
      });
      const controller = new AbortController();
      const call = client.request(toolRequest('hold', { key: 'k' }, { signal: controller.signal }));
      await backend.held('k');
      controller.abort(new CancelledError());
      await assert.rejects(call, CancelledError);
      await backend.cancelled('k');
    });
  });
}

describe('sessions over HTTP', () => {
  test('are one for each client session, and end with it', async (t) => {
    const { client, server } = await conformance(t, 'sessions');
    assert.equal(server.sessionServers.size, 1);
    for (const sessionId of ['a', 'a', 'b']) {
      await client.request(toolRequest('test_simple_text', {}, { caller: fakeCaller({ sessionId }) }));
    }
    assert.equal(server.sessionServers.size, 3);
    await client.endSession('a');
    await eventually(() => assert.equal(server.sessionServers.size, 2));
  });

  test('are shared by callers without a session', async (t) => {
    const { client, server } = await conformance(t, 'sessions');
    for (const sessionId of ['a', 'b', 'c']) {
      const caller = fakeCaller({ sessionId, hasSession: false });
      await client.request(toolRequest('test_simple_text', {}, { caller }));
    }
    assert.equal(server.sessionServers.size, 2);
  });

  test('take a broken stream up again where it was', async (t) => {
    const { client } = await conformance(t, 'sessions');
    const result = await client.request(toolRequest('test_reconnection'));
    assert.equal(textOf(result), 'The answer came after the stream was closed');
  });
});

describe('2026-07-28', () => {
  test('mirrors the parameters that the tool says into headers', async (t) => {
    const { client } = await conformance(t, '2026-07-28');
    await client.list('tools', soon);
    const result = await client.request(toolRequest('test_header_params', { region: 'Zürich ' }));
    assert.equal(textOf(result), 'region Zürich ');
  });

  test('learns of a new header when the backend says that one is missing', async (t) => {
    const { client } = await conformance(t, '2026-07-28');
    assert.equal(
      textOf(await client.request(toolRequest('test_header_params', { region: 'x' }))),
      'region x',
    );
  });

  test('hands an input-required result to a client of that revision whole, and takes its answers', async (t) => {
    const { client } = await conformance(t, '2026-07-28');
    const caller = fakeCaller({ revision: '2026-07-28', hasSession: false, capabilities: askable });
    const request = toolRequest(
      'test_input_required_result_request_state',
      {},
      { caller, client: fakeClient(form) },
    );
    const asked = await client.request(request);
    assert.equal(asked['resultType'], 'input_required');
    const { requestState } = asked;
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };
    const params = {
      ...request.params,
      inputResponses,
      ...(requestState === undefined ? {} : { requestState }),
    };
    assert.equal(textOf(await client.request({ ...request, params })), 'state-ok');
  });

  test('has its questions asked of an older client, several at once', async (t) => {
    const { client } = await conformance(t, '2026-07-28');
    const port = fakeClient({
      'elicitation/create': { action: 'accept', content: { name: 'ada' } },
      'sampling/createMessage': { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } },
      'roots/list': { roots: [] },
    });
    const caller = fakeCaller({ capabilities: askable });
    const result = await client.request(
      toolRequest('test_input_required_result_multiple_inputs', {}, { caller, client: port }),
    );
    assert.match(String(textOf(result)), /^got /);
    assert.equal(port.asked.length, 3);
  });

  test('watches resources for clients over one stream', async (t) => {
    const { client, server, events } = await conformance(t, '2026-07-28');
    const uri = 'test://watched-resource';
    assert.deepEqual(await client.request(of('resources/subscribe', { uri })), {});
    await eventually(() => {
      server.notifier.resourceUpdated(uri);
      assert.ok(events.some((event) => event.type === 'resourceUpdated' && event.params.uri === uri));
    });
    await client.endSession('session-a');
  });

  test('over stdio serves all callers from one process', async (t) => {
    const { client, info, logged } = await conformanceStdio(t);
    assert.equal(info.revision, '2026-07-28');
    const caller = fakeCaller({ capabilities: askable });
    const result = await client.request(
      toolRequest('test_elicitation', { message: 'who?' }, { caller, client: fakeClient(form) }),
    );
    assert.match(String(textOf(result)), /"username":"ada"/);
    assert.deepEqual(logged, []);
  });
});

describe('a legacy backend over stdio', () => {
  test('has one process for callers that cannot be asked, and one of its own for a session that can', async (t) => {
    const { client, logged } = await everything(t);
    const starts = (): number => logged.filter((line) => line.startsWith('Starting')).length;
    await client.request(toolRequest('echo', { message: 'x' }, { caller: fakeCaller({ sessionId: 'p' }) }));
    await client.request(toolRequest('echo', { message: 'x' }, { caller: fakeCaller({ sessionId: 'q' }) }));
    await eventually(() => assert.equal(starts(), 1));
    const caller = fakeCaller({ sessionId: 'r', capabilities: askable });
    for (let count = 0; count < 2; count++) {
      const port = fakeClient({ ...form, 'roots/list': { roots: [] } });
      await client.request(toolRequest('trigger-elicitation-request', {}, { caller, client: port }));
      assert.ok(port.asked.some(({ method }) => method === 'elicitation/create'));
    }
    await eventually(() => assert.equal(starts(), 2));
  });

  test('lends a call without a session a process that no other call uses, and keeps it for the next', async (t) => {
    const { client, logged } = await everything(t);
    const starts = (): number => logged.filter((line) => line.startsWith('Starting')).length;
    const ask = async (name: string): Promise<string[]> => {
      const caller = fakeCaller({
        sessionId: name,
        hasSession: false,
        revision: '2026-07-28',
        capabilities: askable,
      });
      const port = fakeClient({
        'elicitation/create': { action: 'accept', content: { name } },
        'roots/list': { roots: [] },
      });
      const result = await client.request(
        toolRequest('trigger-elicitation-request', {}, { caller, client: port }),
      );
      return (result['content'] as JsonObject[]).map((block) => String(block['text']));
    };
    const [a, b] = await Promise.all([ask('ada'), ask('bob')]);
    assert.ok(a?.join().includes('ada') && !a.join().includes('bob'), String(a));
    assert.ok(b?.join().includes('bob') && !b.join().includes('ada'), String(b));
    await eventually(() => assert.equal(starts(), 3));
    await ask('eve');
    assert.equal(starts(), 3);
  });

  test('has the most processes that are allowed, and says so when it is asked for more', async (t) => {
    const { client, logged } = await everything(t, { maxOwnConnections: 1 });
    for (const sessionId of ['a', 'b']) {
      const caller = fakeCaller({ sessionId, capabilities: askable });
      await client.request(toolRequest('echo', { message: 'x' }, { caller, client: fakeClient(form) }));
    }
    assert.ok(logged.some((line) => line.includes('has 1 connections of single sessions, the most allowed')));
  });

  test('that was too slow to say that it is of 2026-07-28, and refuses an older handshake, is asked again', async (t) => {
    const script = `
      let asked = 0;
      const answer = (id, body) => console.log(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line);
        if (method === 'initialize') answer(id, { error: { code: -32022, message: 'too old' } });
        if (method === 'server/discover' && ++asked > 1)
          answer(id, { result: { supportedVersions: ['2026-07-28'], capabilities: {} } });
      });`;
    const target = {
      name: 's',
      transport: 'stdio',
      command: process.execPath,
      args: ['-e', script],
      env: {},
    } as const;
    const { info } = await connect(t, target, { probeTimeoutMs: 2_000 });
    assert.equal(info.revision, '2026-07-28');
  });

  test('shows what a borrowing call has changed to callers like its own alone, and sends them there', async (t) => {
    const { client, events } = await conformanceSessions(t);
    const asking = { hasSession: false, revision: '2026-07-28', capabilities: askable } as const;
    let calls = 0;
    const call = (name: string, isOwn = false): Promise<JsonObject> => {
      const caller = fakeCaller({ ...asking, sessionId: `call-${++calls}` });
      return client.request({ ...toolRequest(name, {}, { caller, client: fakeClient(form) }), isOwn });
    };
    await call('test_trigger_tool_change');
    const holder = holderOf(fakeCaller(asking));
    await eventually(() =>
      assert.ok(events.some((event) => event.type === 'changed' && event.sessionId === holder)),
    );
    const toolNames = async (whose?: string): Promise<string[]> =>
      (await client.list('tools', soon, whose)).map((tool) => String((tool as JsonObject)['name']));
    const added = (await toolNames(holder)).find((name) => name.startsWith('added_tool_')) ?? '';
    assert.notEqual(added, '');
    assert.ok(!(await toolNames()).includes(added));
    // All at once: only one process has the tool, so that they must share it.
    const results = await Promise.all([call(added, true), call(added, true), call(added, true)]);
    for (const result of results) assert.notEqual(result['isError'], true);

    await client.endSession(holder);
    assert.ok(!(await toolNames(holder)).includes(added));
  });

  test('inherits only harmless variables of the gateway’s environment', async (t) => {
    const { client } = await everything(t, {
      environment: { PATH: process.env['PATH'], SECRET_TOKEN: 's3cret' },
    });
    const environment = String(textOf(await client.request(toolRequest('get-env'))));
    assert.ok(!environment.includes('s3cret'));
    assert.ok(environment.includes('PATH'));
  });

  test('hears of a cancelled call and can be used on', async (t) => {
    const { client } = await everything(t);
    const controller = new AbortController();
    const port = fakeClient();
    const long = toolRequest(
      'trigger-long-running-operation',
      {},
      { client: port, signal: controller.signal },
    );
    const params = {
      ...long.params,
      arguments: { duration: 200, steps: 2_000 },
      _meta: { progressToken: 1 },
    };
    const rejected = assert.rejects(client.request({ ...long, params }), CancelledError);
    await eventually(() => assert.ok(port.heard.length > 0, 'the call has not begun'));
    controller.abort(new CancelledError());
    await rejected;
    assert.equal(textOf(await client.request(toolRequest('echo', { message: 'x' }))), 'Echo: x');
  });
});
