/** What goes over the wire between the gateway and clients of 2026-07-28, and what the gateway is told of any request. */
import { anonymous } from '../../src/gateway/index.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { ProtocolError } from '../../src/protocol/index.ts';
import { edgeOfFile, startEdge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { call, errorName, modern, modernMeta, modernRequest, openSession, post } from '../support/raw-mcp.ts';

const edge = await edgeOfFile();

describe('2026-07-28', () => {
  test('answers with the type of result, the server’s name and, for lists, caching hints', async () => {
    const { messages, type } = await modern(edge.url, 'tools/list');
    assert.equal(type, 'application/json');
    const { tools, ...rest } = messages[0]?.result ?? {};
    assert.ok(Array.isArray(tools));
    assert.deepEqual(rest, {
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'edge', version: '1.0.0' } },
    });
  });

  test('answers with a stream only what is slower than a plain answer may be', async (t) => {
    for (const [slowModernAnswerMs, expected] of [
      [60_000, 'application/json'],
      [1, 'text/event-stream'],
    ] as const) {
      const patient = await startEdge({ tools: edgeTools, limits: { slowModernAnswerMs } });
      t.after(() => patient.close());
      const { type, messages } = await modern(patient.url, 'tools/call', { name: 'slow' });
      assert.equal(type, expected);
      assert.deepEqual(messages[0]?.result?.['content'], [{ type: 'text', text: 'at last' }]);
    }
  });

  test('has methods of its own and none of those that were taken away', async () => {
    const discovered = await modern(edge.url, 'server/discover');
    const { supportedVersions, instructions } = discovered.messages[0]?.result ?? {};
    assert.deepEqual(supportedVersions, [
      '2026-07-28',
      '2025-11-25',
      '2025-06-18',
      '2025-03-26',
      '2024-11-05',
    ]);
    assert.equal(instructions, 'be kind');
    for (const method of ['ping', 'initialize', 'logging/setLevel', 'resources/subscribe', 'no/such']) {
      const { status, messages } = await modern(edge.url, method);
      assert.deepEqual([status, messages[0]?.error?.code], [404, -32601], method);
    }
  });

  test('refuses what headers and body disagree about, and none of it is a tool call', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'echo' });
    const without = (name: string): Record<string, string> => {
      const rest = { ...headers };
      delete rest[name];
      return rest;
    };
    const bareMeta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const cases: [string, object, Record<string, string>, number][] = [
      ['no version header', body, without('mcp-protocol-version'), -32020],
      ['no method header', body, without('mcp-method'), -32020],
      ['no name header', body, without('mcp-name'), -32020],
      ['another version', body, { ...headers, 'mcp-protocol-version': '2025-11-25' }, -32020],
      ['another method', body, { ...headers, 'mcp-method': 'tools/list' }, -32020],
      ['another name', body, { ...headers, 'mcp-name': 'other' }, -32020],
      ['a name that is no Base64', body, { ...headers, 'mcp-name': '=?base64?%%?=' }, -32020],
      [
        'a name as no header may say it',
        call('écho', 1, { _meta: modernMeta }),
        { ...headers, 'mcp-name': 'écho' },
        -32020,
      ],
      ['no _meta', call('echo'), headers, -32602],
      ['no capabilities', call('echo', 1, { _meta: bareMeta }), headers, -32602],
    ];
    for (const [title, message, sent, code] of cases) {
      const answer = await post(edge.url, message, sent);
      assert.deepEqual([answer.status, answer.messages[0]?.error?.code], [400, code], title);
    }
    assert.equal(edge.gateway.calls.length, 0);
  });

  test('takes a name in Base64', async () => {
    const encoded = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    const answer = await modern(
      edge.url,
      'tools/call',
      { name: 'echo' },
      { headers: { 'mcp-name': encoded } },
    );
    assert.equal(answer.status, 200);
  });

  test('names the revisions it knows to a client that asks for another', async () => {
    const version = { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' };
    const headers = { 'mcp-protocol-version': '2031-01-01' };
    const { status, messages } = await modern(edge.url, 'tools/list', {}, { meta: version, headers });
    assert.equal(status, 400);
    assert.equal(messages[0]?.error?.code, -32022);
    assert.deepEqual(messages[0]?.error?.data, {
      supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
      requested: '2031-01-01',
    });
  });

  test('is cancelled by closing the response', async () => {
    const controller = new AbortController();
    const answer = modern(edge.url, 'tools/call', { name: 'hang' }, { signal: controller.signal });
    await eventually(() => assert.equal(edge.gateway.calls.length, 1));
    controller.abort();
    await assert.rejects(answer);
    const signal = edge.gateway.calls[0]?.signal;
    await eventually(() => assert.equal(errorName(signal?.reason), 'CancelledError'));
  });

  test('sends log messages only to a request that asked for them, from the level that it named', async () => {
    const quiet = await modern(edge.url, 'tools/call', { name: 'logs' });
    assert.equal(quiet.messages.length, 1);
    const meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    const told = await modern(edge.url, 'tools/call', { name: 'logs' }, { meta });
    assert.deepEqual(
      told.messages.map(({ params }) => params?.['level']),
      ['info', 'error', undefined],
    );
  });

  test('refuses a log level that is none, as a call with invalid parameters', async () => {
    const meta = { 'io.modelcontextprotocol/logLevel': 'loud' };
    const { messages } = await modern(edge.url, 'tools/call', { name: 'logs' }, { meta });
    assert.equal(messages[0]?.error?.code, -32602);
    assert.match(edge.gateway.calls[0]?.fault ?? '', /logLevel/);
    assert.equal((await modern(edge.url, 'tools/list', {}, { meta })).messages[0]?.error?.code, -32602);
  });

  test('never sees the codes that only older revisions have', async (t) => {
    const refuse = (code: number) => () => {
      throw new ProtocolError(code, 'no', { data: { uri: 'x' } });
    };
    const old = await startEdge({ tools: { missing: refuse(-32002), visit: refuse(-32042) } });
    t.after(() => old.close());
    for (const [name, code] of [
      ['missing', -32602],
      ['visit', -32603],
    ] as const) {
      const { messages } = await modern(old.url, 'tools/call', { name });
      assert.deepEqual(messages[0]?.error, { code, message: 'no', data: { uri: 'x' } });
    }
  });

  test('knows no request by the name of a notification', async () => {
    for (const method of ['notifications/cancelled', 'notifications/roots/list_changed']) {
      assert.equal((await modern(edge.url, method)).status, 404, method);
    }
    assert.deepEqual(
      edge.gateway.requests.filter(({ method }) => method.startsWith('notifications/')),
      [],
    );
  });

  test('needs a capability: the error says which, with status 400', async () => {
    const { status, messages } = await modern(edge.url, 'tools/call', { name: 'askTwice' });
    assert.equal(status, 400);
    assert.deepEqual(messages[0]?.error?.data, { requiredCapabilities: { elicitation: { form: {} } } });
    assert.equal(messages[0]?.error?.code, -32021);
  });

  test('holds Mcp-Param headers against the arguments they mirror', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } };
    edge.gateway.listed = [{ name: 'echo', inputSchema: schema }];
    edge.endpoint.gatewaySwapped(() => []);
    const ask = (headers: Record<string, string>): ReturnType<typeof modern> =>
      modern(edge.url, 'tools/call', { name: 'echo', arguments: { n: 42 } }, { headers });
    assert.equal((await ask({ 'mcp-param-n': '42' })).status, 200);
    assert.equal((await ask({ 'mcp-param-n': '42.0' })).status, 200);
    assert.equal((await ask({ 'mcp-param-n': '43' })).messages[0]?.error?.code, -32020);
    assert.equal((await ask({})).messages[0]?.error?.code, -32020);
    edge.gateway.listed = undefined;
    edge.endpoint.gatewaySwapped(() => []);
    assert.equal((await ask({})).status, 200);
  });
});

describe('lists', () => {
  test('are paged only when they are long, and put together again are whole', async (t) => {
    const paged = await startEdge({ limits: { pageSize: 10 } });
    t.after(() => paged.close());
    const all = Array.from({ length: 25 }, (_, index) => ({
      name: `t${index}`,
      inputSchema: { type: 'object' },
    }));
    paged.gateway.listed = all;
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const { messages } = await modern(
        paged.url,
        'tools/list',
        cursor === undefined ? {} : ({ cursor } as never),
      );
      const tools = (messages[0]?.result?.['tools'] ?? []) as { name: string }[];
      names.push(...tools.map(({ name }) => name));
      cursor = messages[0]?.result?.['nextCursor'];
    } while (cursor !== undefined);
    assert.deepEqual(
      names,
      all.map(({ name }) => name),
    );
    for (const bad of ['x', 7, 'YWZ0ZXIgOTk5']) {
      const { messages } = await modern(paged.url, 'tools/list', { cursor: bad });
      assert.equal(messages[0]?.error?.code, -32602, String(bad));
    }
  });
});

describe('what the gateway is told of a request', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';

  test('its trace context, from the message before the headers', async () => {
    const other = '00-11111111111111111111111111111111-2222222222222222-00';
    await modern(
      edge.url,
      'tools/call',
      { name: 'echo' },
      { headers: { traceparent: other, tracestate: 'a=b' } },
    );
    await modern(
      edge.url,
      'tools/call',
      { name: 'echo' },
      { meta: { traceparent }, headers: { traceparent: other } },
    );
    await modern(edge.url, 'tools/call', { name: 'echo' }, { headers: { traceparent: 'nonsense' } });
    assert.deepEqual(
      edge.gateway.calls.map(({ trace }) => trace),
      [{ traceparent: other, tracestate: 'a=b' }, { traceparent }, undefined],
    );
  });

  test('the parameters whole, with what nobody knows', async () => {
    const params = { name: 'echo', arguments: {}, task: { ttl: 1 }, futureField: [1] };
    await modern(edge.url, 'tools/call', params, { meta: { 'example.com/x': 1 } });
    const { _meta, ...rest } = edge.gateway.calls[0]?.params ?? {};
    assert.deepEqual(rest, params);
    assert.deepEqual(_meta, { ...modernMeta, 'example.com/x': 1 });
  });

  test('its caller: a session of its own, the subject, and the headers to pass on', async (t) => {
    const passing = await startEdge({ forwardedHeaders: ['X-Tenant'] });
    t.after(() => passing.close());
    const headers = { 'x-tenant': 'acme', 'x-subject': 'ann', 'x-other': 'no' };
    const session = await openSession(passing.url, { headers, capabilities: { roots: {} } });
    await post(passing.url, call('echo'), { ...session, 'x-tenant': 'acme2' });
    await modern(passing.url, 'tools/call', { name: 'echo' }, { headers });
    const [legacy, stateless] = passing.gateway.calls.map(({ caller }) => caller);
    assert.deepEqual(legacy, {
      sessionId: session['mcp-session-id'],
      hasSession: true,
      principal: { ...anonymous, subject: 'ann' },
      revision: '2025-11-25',
      capabilities: { roots: {} },
      clientInfo: { name: 'raw', version: '1' },
      forwardedHeaders: { 'x-tenant': 'acme2' },
      wishes: {},
    });
    assert.equal(stateless?.hasSession, false);
    assert.deepEqual(stateless?.forwardedHeaders, { 'x-tenant': 'acme' });
  });

  test('an error that is no protocol error is told to nobody but the operator', async () => {
    const { messages } = await modern(edge.url, 'tools/call', { name: 'breaks' });
    assert.deepEqual(messages[0]?.error, { code: -32603, message: 'internal error' });
    assert.match(String(edge.faults.at(-1)), /secret/);
  });
});
