/** What the specification wants of a client, by backends that say just what the rule is about. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeCaller, fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import type { Asked, ScriptedOptions, Step } from '../../../test/fixtures/scripted-backend.ts';
import { startScriptedBackend, stream } from '../../../test/fixtures/scripted-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { BackendClient, BackendClientEvent, ClientPort } from '../../gateway/index.ts';
import { CancelledError } from '../../protocol/index.ts';
import { createBackendClient } from './index.ts';

const soon = AbortSignal.timeout(600_000);

async function connect(t: TestContext, steps: Record<string, Step>, options: ScriptedOptions) {
  const backend = await startScriptedBackend(steps, options);
  const events: BackendClientEvent[] = [];
  const client: BackendClient = createBackendClient(
    { name: 'scripted', transport: 'streamable-http', url: backend.url },
    {
      clientInfo: { name: 'test', version: '1' },
      environment: {},
      onLog: () => undefined,
      closeGraceMs: 300,
    },
  );
  t.after(async () => {
    await client.close();
    await backend.close();
  });
  client.subscribe((event) => events.push(event));
  await client.connect(soon);
  const asked = (method: string): Asked[] => backend.asked.filter((each) => each.method === method);
  return { backend, client, events, asked };
}

for (const revision of ['2025-11-25', '2026-07-28'] as const) {
  describe(`a backend of ${revision}`, () => {
    test('says things of its own invention to the client in whose call it says them, and to no other', async (t) => {
      const { client, events } = await connect(
        t,
        {
          'tools/call': ({ id }, response) => {
            const note = { method: 'notifications/example/step', params: { secret: 1 } };
            stream(response, note, { id, result: { content: [] } });
          },
        },
        { revision },
      );
      const asking = fakeClient();
      await client.request(toolRequest('do', {}, { client: asking }));
      assert.deepEqual(asking.heard, [{ method: 'notifications/example/step', params: { secret: 1 } }]);
      assert.deepEqual(events, []);
    });
  });
}

describe('a stream that a backend before 2026-07-28 closes without an answer', () => {
  const sessions = { revision: '2025-11-25', sessions: true } as const;
  const place = 'id: here\nretry: 1\ndata: \n\n';
  const sse = { 'content-type': 'text/event-stream' };

  test('is asked for again for as long as the call may take, as a backend may want to be polled', async (t) => {
    let polls = 0;
    let waiting: Asked['id'];
    const { client, asked } = await connect(
      t,
      {
        'tools/call': ({ id }, response) => {
          waiting = id;
          response.writeHead(200, sse).end(place);
        },
        GET: ({ headers }, response) => {
          if (headers['last-event-id'] === undefined) return void response.writeHead(405).end();
          if (++polls < 25) return void response.writeHead(200, sse).end(place);
          stream(response, { id: waiting, result: { content: [] } });
        },
      },
      sessions,
    );
    assert.deepEqual(await client.request(toolRequest('do')), { content: [] });
    assert.equal(asked('tools/call').length, 1);
  });

  for (const status of [404, 400, 405, 500]) {
    test(`and cannot be taken up again (HTTP ${status}) fails the call, which may have run and is not sent twice`, async (t) => {
      const { client, asked } = await connect(
        t,
        {
          'tools/call': (_asked, response) => void response.writeHead(200, sse).end(place),
          GET: ({ headers }, response) => {
            const isResumed = headers['last-event-id'] !== undefined;
            response.writeHead(isResumed ? status : 405).end('no such session');
          },
        },
        sessions,
      );
      await assert.rejects(client.request(toolRequest('do')), { code: 'disconnected', mayHaveRun: true });
      assert.equal(asked('tools/call').length, 1);
    });
  }
});

describe('an error that is about the hop between gateway and backend', () => {
  for (const [code, what] of [
    [-32020, 'headers'],
    [-32022, 'revision'],
  ] as const) {
    test(`(${code}) is no error of the client’s, whose own ${what} are another matter`, async (t) => {
      const { client, asked } = await connect(
        t,
        { 'tools/call': () => ({ error: { code, message: 'no', data: { supported: [] } } }) },
        { revision: '2026-07-28' },
      );
      await assert.rejects(client.request(toolRequest('do')), {
        name: 'BackendError',
        code: 'bad-answer',
        message: `backend "scripted" refused the ${what} of the gateway's request: no (${code})`,
      });
      assert.equal(asked('tools/call').length, 2);
    });
  }

  test('nor is it for a request that is not sent again', async (t) => {
    const refusal = { error: { code: -32020, message: 'no' } };
    const { client } = await connect(t, { 'resources/read': () => refusal }, { revision: '2026-07-28' });
    const read = { ...toolRequest(''), method: 'resources/read', params: { uri: 'test://a' } };
    await assert.rejects(client.request(read), { name: 'BackendError', code: 'bad-answer' });
  });
});

describe('a backend of 2025-11-25 that sends users to a page, asking nothing', () => {
  const elicitations = [{ mode: 'url', message: 'go', url: 'https://example.com', elicitationId: 'e' }];
  const demand = { error: { code: -32042, message: 'visit first', data: { elicitations } } };
  const ask = async (t: TestContext, capabilities: object, step: Step = () => demand) => {
    const { client } = await connect(t, { 'tools/call': step }, { revision: '2025-11-25' });
    const caller = fakeCaller({
      revision: '2026-07-28',
      hasSession: false,
      capabilities: { ...capabilities },
    });
    return client.request(toolRequest('do', {}, { caller, client: fakeClient({}) }));
  };

  test('has that asked of a 2026-07-28 client that can', async (t) => {
    const result = await ask(t, { elicitation: { url: {} } });
    assert.equal(result['resultType'], 'input_required');
  });

  for (const capabilities of [{}, { elicitation: {} }, { elicitation: { form: {} } }]) {
    test(`does not have it asked of one that declared ${JSON.stringify(capabilities)}`, async (t) => {
      await assert.rejects(ask(t, capabilities), {
        code: -32021,
        data: { requiredCapabilities: { elicitation: { url: {} } } },
      });
    });
  }
});

describe('how much a backend of 2025-11-25 is to log', () => {
  const levels = (asked: Asked[]): unknown[] =>
    asked
      .filter(({ method }) => method === 'logging/setLevel' || method === 'tools/call')
      .map(({ params, headers }) => [headers['mcp-session-id'], params['level'] ?? 'the call']);

  test('is told on a session’s own connection also when that was opened later', async (t) => {
    const { client, backend } = await connect(t, {}, { revision: '2025-11-25', sessions: true });
    const setLevel = { ...toolRequest(''), method: 'logging/setLevel', params: { level: 'debug' } };
    await client.request(setLevel);
    await client.request(toolRequest('do'));
    assert.deepEqual(levels(backend.asked), [
      ['session-1', 'debug'],
      ['session-2', 'debug'],
      ['session-2', 'the call'],
    ]);
  });

  test('is told once when a client of 2026-07-28 wants to hear everything', async (t) => {
    const { client, backend } = await connect(t, {}, { revision: '2025-11-25' });
    const caller = fakeCaller({ revision: '2026-07-28', hasSession: false });
    const ask = (level: string) => {
      const params = { name: 'do', _meta: { 'io.modelcontextprotocol/logLevel': level } };
      return client.request({ ...toolRequest('do', {}, { caller }), params });
    };
    for (const level of ['error', 'debug', 'debug']) await ask(level);
    const call = [undefined, 'the call'];
    assert.deepEqual(levels(backend.asked), [call, [undefined, 'debug'], call, call]);
  });
});

describe('a backend of 2026-07-28 that asks for nothing but to be asked again', () => {
  const later = { resultType: 'input_required', requestState: 'come back' };
  const busyTwice = (): Record<string, Step> => {
    let calls = 0;
    const done = { resultType: 'complete', content: [] };
    return {
      'tools/call': ({ params }) => {
        calls += 1;
        assert.equal(params['requestState'], calls === 1 ? undefined : 'come back');
        return { result: calls < 3 ? later : done };
      },
    };
  };

  for (const [whose, client] of [
    ['of an older client', fakeClient({})],
    ['of a script, which can be asked nothing', fakeClient()],
  ] as const) {
    test(`is asked again on behalf ${whose}`, async (t) => {
      const { client: backend } = await connect(t, busyTwice(), { revision: '2026-07-28' });
      const result = await backend.request(toolRequest('do', {}, { client }));
      assert.deepEqual(result, { resultType: 'complete', content: [] });
    });
  }
});

test('a backend of 2026-07-28 that wants input and says neither what nor when is not asked again', async (t) => {
  const { client, asked } = await connect(
    t,
    { 'tools/call': () => ({ result: { resultType: 'input_required' } }) },
    { revision: '2026-07-28' },
  );
  const call = client.request(toolRequest('do', {}, { client: fakeClient({}) }));
  await assert.rejects(call, { name: 'BackendError', code: 'bad-answer' });
  assert.equal(asked('tools/call').length, 1);
});

describe('a backend before 2026-07-28', () => {
  test('hears what the client reports of its question, under the token that it gave', async (t) => {
    let stream: ServerResponse | undefined;
    let call: Asked['id'];
    const { client, asked } = await connect(
      t,
      {
        'tools/call': ({ id }, response) => {
          [stream, call] = [response, id];
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          const params = { messages: [], maxTokens: 1, _meta: { progressToken: 'its own' } };
          const question = { jsonrpc: '2.0', id: 'q', method: 'sampling/createMessage', params };
          response.write(`data: ${JSON.stringify(question)}\n\n`);
        },
        answer: (_asked, response) => {
          response.writeHead(202).end();
          const answer = { jsonrpc: '2.0', id: call, result: { content: [] } };
          stream?.end(`data: ${JSON.stringify(answer)}\n\n`);
        },
      },
      { revision: '2025-11-25' },
    );
    const port: ClientPort = {
      ...fakeClient({}),
      request: async (_method, _params, _signal, onProgress) => {
        onProgress?.({ progressToken: 77, progress: 1 });
        await eventually(() => assert.equal(asked('notifications/progress').length, 1));
        return { role: 'assistant' };
      },
    };
    await client.request(toolRequest('do', {}, { client: port }));
    assert.deepEqual(asked('notifications/progress')[0]?.params, { progressToken: 'its own', progress: 1 });
  });

  test('follows at the client the tasks that its questions became there', async (t) => {
    let stream: ServerResponse | undefined;
    let call: Asked['id'];
    const { client, backend } = await connect(
      t,
      {
        'tools/call': ({ id }, response) => {
          [stream, call] = [response, id];
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          const question = { jsonrpc: '2.0', id: 'q', method: 'tasks/get', params: { taskId: 't' } };
          response.write(`data: ${JSON.stringify(question)}\n\n`);
        },
        answer: (_asked, response) => {
          response.writeHead(202).end();
          stream?.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: call, result: { content: [] } })}\n\n`);
        },
      },
      { revision: '2025-11-25', sessions: true },
    );
    const port = fakeClient({ 'tasks/get': { taskId: 't', status: 'working' } });
    const caller = fakeCaller({ capabilities: { tasks: {} } });
    await client.request(toolRequest('do', {}, { client: port, caller }));
    assert.deepEqual(port.asked, [{ method: 'tasks/get', params: { taskId: 't' } }]);
    assert.deepEqual(backend.answers, [
      { jsonrpc: '2.0', id: 'q', result: { taskId: 't', status: 'working' } },
    ]);
  });

  test('is told why the client cancelled', async (t) => {
    const { client, asked } = await connect(t, { 'tools/call': () => {} }, { revision: '2025-11-25' });
    const controller = new AbortController();
    const { signal } = controller;
    const call = client.request(toolRequest('do', {}, { signal }));
    await eventually(() => assert.equal(asked('tools/call').length, 1));
    controller.abort(new CancelledError('the user thought better of it'));
    await assert.rejects(call, CancelledError);
    await eventually(() => {
      const { requestId, reason } = asked('notifications/cancelled')[0]?.params ?? {};
      assert.deepEqual([requestId, reason], [asked('tools/call')[0]?.id, 'the user thought better of it']);
    });
  });
});

test('a subscription that fails is nobody’s, also where another session asked for the same meanwhile', async (t) => {
  const waiting: ServerResponse[] = [];
  const answer = (response: ServerResponse | undefined, said: object): void => {
    response?.writeHead(200, { 'content-type': 'application/json' });
    response?.end(JSON.stringify({ jsonrpc: '2.0', ...said }));
  };
  const { client, asked } = await connect(
    t,
    { 'resources/subscribe': (_asked, response) => void waiting.push(response) },
    { revision: '2025-11-25', capabilities: { resources: { subscribe: true } } },
  );
  const subscribe = (sessionId: string) => {
    const caller = fakeCaller({ sessionId });
    return client.request({
      ...toolRequest('', {}, { caller }),
      ...{ method: 'resources/subscribe', params },
    });
  };
  const params = { uri: 'test://a' };
  const outcomes = Promise.allSettled(['a', 'b', 'c'].map(subscribe));
  const refusal = { code: -32002, message: 'not now' };
  for (const [index, said] of [{ error: refusal }, { error: refusal }, { result: {} }].entries()) {
    await eventually(() => assert.equal(waiting.length, index + 1));
    answer(waiting[index], { id: asked('resources/subscribe')[index]?.id, ...said });
  }
  const statuses = (await outcomes).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), ['fulfilled', 'rejected', 'rejected']);
  await subscribe('d');
  assert.equal(asked('resources/subscribe').length, 3, 'what is in force is not asked for again');
});

describe('an answer over HTTP', () => {
  test('is known by its type however that is written', async (t) => {
    const { client } = await connect(
      t,
      {
        'tools/call': ({ id, params }, response) => {
          const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } });
          const asStream = params['name'] === 'stream';
          response.writeHead(200, {
            'content-type': asStream ? 'Text/Event-Stream; charset=UTF-8' : 'Application/JSON',
          });
          response.end(asStream ? `data: ${answer}\n\n` : answer);
        },
      },
      { revision: '2025-11-25' },
    );
    for (const name of ['stream', 'json'])
      assert.deepEqual(await client.request(toolRequest(name)), { content: [] });
  });

  test('that says with 404 that a method is unknown does not say that the session is', async (t) => {
    const { client, asked } = await connect(
      t,
      {
        'x/unknown': ({ id }, response) => {
          response.writeHead(404, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }));
        },
      },
      { revision: '2025-11-25', sessions: true },
    );
    const unknown = { ...toolRequest(''), method: 'x/unknown', params: {} };
    await assert.rejects(client.request(unknown), { name: 'ProtocolError', code: -32601 });
    assert.equal(asked('x/unknown').length, 1);
  });

  test('that refuses a call in words about a session of its own is the backend’s, and the call is not sent again', async (t) => {
    const error = { code: -32050, message: 'your shopping session is over' };
    const { client, asked } = await connect(
      t,
      {
        'tools/call': ({ id }, response) => {
          response.writeHead(400, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
        },
      },
      { revision: '2025-11-25', sessions: true },
    );
    await assert.rejects(client.request(toolRequest('do')), { name: 'ProtocolError', code: -32050 });
    assert.equal(asked('tools/call').length, 1);
  });
});

test('what a backend says outside any request in a session is heard, whatever its client can be asked', async (t) => {
  const streams = new Map<string, ServerResponse>();
  const { client, events } = await connect(
    t,
    {
      GET: ({ headers }, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        streams.set(String(headers['mcp-session-id']), response);
      },
      'tools/call': ({ headers }) => {
        const note = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
        streams.get(String(headers['mcp-session-id']))?.write(`data: ${JSON.stringify(note)}\n\n`);
        return { result: { content: [] } };
      },
    },
    { revision: '2025-11-25', sessions: true },
  );
  const caller = fakeCaller({ sessionId: 'cannot-be-asked', capabilities: {} });
  await client.request(toolRequest('do', {}, { caller }));
  await eventually(() =>
    assert.deepEqual(events, [{ type: 'changed', listing: 'tools', sessionId: 'cannot-be-asked' }]),
  );
});

describe('a backend over stdio', () => {
  const fickle = join(import.meta.dirname, '../../../test/fixtures/fickle-backend.ts');
  const start = (t: TestContext) => {
    const logged: string[] = [];
    const client = createBackendClient(
      { name: 'fickle', transport: 'stdio', command: process.execPath, args: [fickle], env: {} },
      {
        clientInfo: { name: 'test', version: '1' },
        environment: process.env,
        onLog: ({ message }) => logged.push(message),
        probeTimeoutMs: 60_000,
        closeGraceMs: 120_000,
      },
    );
    t.after(() => client.close());
    return { client, logged };
  };

  test('that ends a subscription is asked for another, and what may have changed is read anew', async (t) => {
    const { client } = start(t);
    const changed = new Set<string>();
    client.subscribe((event) => void (event.type === 'changed' && changed.add(event.listing)));
    await client.connect(soon);
    await eventually(() => assert.ok(changed.has('tools')));
  });

  test('has time to end in order when its input ends, before any signal', async (t) => {
    const { client, logged } = start(t);
    await client.connect(soon);
    await client.close();
    await eventually(() => assert.ok(logged.includes('ended in order'), logged.join()));
  });
});
