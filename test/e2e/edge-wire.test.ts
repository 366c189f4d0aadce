/** What goes over the wire between a client and the gateway: status codes, sessions, streams, cancellation. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { askName, edgeTools } from '../fixtures/edge-tools.ts';
import { startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { eventsOf, modern, modernMeta, modernRequest, openSession, post } from '../support/raw-mcp.ts';
import type { Message, RawEvent } from '../support/raw-mcp.ts';

let edge: Edge;
before(async () => {
  edge = await startEdge({ tools: edgeTools, limits: { slowAnswerMs: 50 } });
});
after(async () => {
  await edge.close();
});
beforeEach(() => {
  edge.gateway.calls.length = 0;
});

const call = (name: string, id: string | number = 1, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, ...more },
});

/** Reads a stream as it comes, an event at a time. */
async function* streamed(response: Response): AsyncGenerator<RawEvent> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield* eventsOf(text.slice(0, end + 2));
      text = text.slice(end + 2);
    }
  }
}

async function all(events: AsyncGenerator<RawEvent>): Promise<RawEvent[]> {
  const seen: RawEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

async function nextMessage(events: AsyncGenerator<RawEvent>): Promise<Message> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended');
    if (value.message !== undefined) return value.message;
  }
}

describe('a legacy session', () => {
  test('is opened with the revision asked for, and with the newest legacy one when that is unknown', async () => {
    for (const [asked, given] of [
      ['2025-06-18', '2025-06-18'],
      ['2025-11-25', '2025-11-25'],
      ['1999-01-01', '2025-11-25'],
      ['2026-07-28', '2025-11-25'],
    ]) {
      const params = { protocolVersion: asked, capabilities: {}, clientInfo: { name: 'x', version: '1' } };
      const { messages, headers } = await post(edge.url, {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params,
      });
      assert.equal(messages[0]?.result?.['protocolVersion'], given);
      assert.match(headers.get('mcp-session-id') ?? '', /^[\x21-\x7e]{22,}$/);
    }
  });

  test('answers a quick call with plain JSON', async () => {
    const headers = await openSession(edge.url);
    const answer = await post(edge.url, call('echo', 'x-1'), headers);
    assert.equal(answer.status, 200);
    assert.equal(answer.type, 'application/json');
    assert.deepEqual(answer.messages[0]?.id, 'x-1');
  });

  test('answers a slow call with a stream that began with an event to resume after', async () => {
    const headers = await openSession(edge.url);
    const response = await fetch(edge.url, init(call('slow'), headers));
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const events = await all(streamed(response));
    assert.deepEqual(events[0], { id: '1.0', message: undefined });
    assert.equal(events.at(-1)?.message?.id, 1);
  });

  test('does not send an event without data to a client of 2025-06-18, which could not read it', async () => {
    const headers = await openSession(edge.url, { revision: '2025-06-18' });
    const response = await fetch(edge.url, init(call('slow'), headers));
    const events = await all(streamed(response));
    assert.equal(events.length, 1);
  });

  test('keeps the answer of a call whose client lost its connection, for the client to come back for', async () => {
    const headers = await openSession(edge.url);
    const controller = new AbortController();
    const response = await fetch(edge.url, { ...init(call('slow'), headers), signal: controller.signal });
    const { value: primer } = await streamed(response).next();
    controller.abort();
    await eventually(() => assert.equal(edge.endpoint.load.running, 0));
    assert.equal(edge.gateway.calls[0]?.signal.aborted, false);
    const resumed = await fetch(edge.url, {
      headers: { ...headers, accept: 'text/event-stream', 'last-event-id': String((primer as RawEvent).id) },
    });
    const [event] = await all(streamed(resumed));
    assert.deepEqual(event?.message?.result?.['content'], [{ type: 'text', text: 'at last' }]);
  });

  test('refuses to resume a stream that it does not have', async () => {
    const headers = await openSession(edge.url);
    const response = await fetch(edge.url, {
      headers: { ...headers, accept: 'text/event-stream', 'last-event-id': '77.1' },
    });
    assert.equal(response.status, 400);
  });

  test('is cancelled by notifications/cancelled and answers that call no more', async () => {
    const headers = await openSession(edge.url);
    const answer = post(edge.url, call('hang', 7), headers);
    await eventually(() => assert.equal(edge.gateway.calls.length, 1));
    const params = { requestId: 7, reason: 'enough' };
    const accepted = await post(
      edge.url,
      { jsonrpc: '2.0', method: 'notifications/cancelled', params },
      headers,
    );
    assert.equal(accepted.status, 202);
    assert.deepEqual((await answer).messages, []);
    const reason = edge.gateway.calls[0]?.signal.reason as Error;
    assert.deepEqual([reason.name, reason.message], ['CancelledError', 'enough']);
  });

  test('ended by DELETE, cancels its calls and is gone', async () => {
    const headers = await openSession(edge.url);
    const answer = post(edge.url, call('hang'), headers);
    await eventually(() => assert.equal(edge.gateway.calls.length, 1));
    const deleted = await fetch(edge.url, { method: 'DELETE', headers });
    assert.equal(deleted.status, 204);
    assert.equal((await answer).messages[0]?.error?.code, -32800);
    assert.equal((edge.gateway.calls[0]?.signal.reason as Error).name, 'CancelledError');
    assert.equal((await post(edge.url, call('echo'), headers)).status, 404);
    assert.ok(edge.gateway.endedSessions.includes(headers['mcp-session-id'] ?? ''));
  });

  test('asks its client on the stream of the call, and takes the answer from a POST', async () => {
    const headers = await openSession(edge.url, { capabilities: { elicitation: {} } });
    const response = await fetch(edge.url, init(call('askTwice'), headers));
    const events = streamed(response);
    for (let turn = 0; turn < 2; turn++) {
      const question = await nextMessage(events);
      assert.deepEqual([question.method, question.params], ['elicitation/create', askName]);
      const result = { action: 'accept', content: { name: `N${turn}` } };
      const accepted = await post(edge.url, { jsonrpc: '2.0', id: question.id, result }, headers);
      assert.equal(accepted.status, 202);
    }
    const answer = await nextMessage(events);
    assert.deepEqual(answer.result?.['content'], [{ type: 'text', text: 'N0 N1' }]);
  });

  test('does not ask a client what it did not declare', async () => {
    const headers = await openSession(edge.url);
    const { messages } = await post(edge.url, call('askTwice'), headers);
    assert.equal(messages[0]?.error?.code, -32601);
    assert.match(messages[0]?.error?.message ?? '', /did not declare \{"elicitation"/);
  });

  test('tells the client of changes on its GET stream alone, and of resources only those it watches', async () => {
    const headers = await openSession(edge.url);
    const controller = new AbortController();
    const response = await fetch(edge.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: controller.signal,
    });
    const events = streamed(response);
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
    const watch = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'test://a' } };
    await post(edge.url, watch, headers);
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://a', note: 'kept' } });
    assert.deepEqual(await nextMessage(events), {
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: 'test://a', note: 'kept' },
    });
    for (let change = 0; change < 20; change++) edge.gateway.emit({ type: 'toolsChanged' });
    assert.equal((await nextMessage(events)).method, 'notifications/tools/list_changed');
    edge.gateway.emit({ type: 'promptsChanged' });
    assert.equal((await nextMessage(events)).method, 'notifications/prompts/list_changed');
    controller.abort();
  });

  test('sends log messages from the level that the client set', async () => {
    const headers = await openSession(edge.url);
    const all = await post(edge.url, call('logs', 1), headers);
    assert.deepEqual(
      all.messages.map(({ params }) => params?.['level']),
      ['debug', 'info', 'error', undefined],
    );
    const params = { level: 'warning' };
    const set = await post(edge.url, { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params }, headers);
    assert.deepEqual(set.messages[0]?.result, {});
    const few = await post(edge.url, call('logs', 3), headers);
    assert.deepEqual(
      few.messages.map(({ params: sent }) => sent?.['level']),
      ['error', undefined],
    );
  });

  test('hands every tools/call to the gateway, also one with invalid parameters', async () => {
    const headers = await openSession(edge.url);
    for (const params of [undefined, [], {}, { name: 7 }, { name: 'echo', arguments: 'x' }, { name: '' }]) {
      const { messages } = await post(
        edge.url,
        { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
        headers,
      );
      assert.equal(messages[0]?.error?.code, -32602, JSON.stringify(params));
    }
    assert.equal(edge.gateway.calls.length, 6);
    assert.ok(edge.gateway.calls.every(({ name, fault }) => name === '' && fault !== undefined));
  });
});

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

  test('has methods of its own and none of those that were taken away', async () => {
    const discovered = await modern(edge.url, 'server/discover');
    const { supportedVersions, instructions } = discovered.messages[0]?.result ?? {};
    assert.deepEqual(supportedVersions, ['2026-07-28', '2025-11-25', '2025-06-18']);
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
      supported: ['2026-07-28', '2025-11-25', '2025-06-18'],
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
    await eventually(() => assert.equal((signal?.reason as Error | undefined)?.name, 'CancelledError'));
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

  test('needs a capability: the error says which, with status 400', async () => {
    const { status, messages } = await modern(edge.url, 'tools/call', { name: 'askTwice' });
    assert.equal(status, 400);
    assert.deepEqual(messages[0]?.error?.data, { requiredCapabilities: { elicitation: { form: {} } } });
    assert.equal(messages[0]?.error?.code, -32021);
  });

  test('holds Mcp-Param headers against the arguments they mirror', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } };
    edge.gateway.listed = [{ name: 'echo', inputSchema: schema }];
    edge.endpoint.gatewaySwapped([]);
    const ask = (headers: Record<string, string>): ReturnType<typeof modern> =>
      modern(edge.url, 'tools/call', { name: 'echo', arguments: { n: 42 } }, { headers });
    assert.equal((await ask({ 'mcp-param-n': '42' })).status, 200);
    assert.equal((await ask({ 'mcp-param-n': '42.0' })).status, 200);
    assert.equal((await ask({ 'mcp-param-n': '43' })).messages[0]?.error?.code, -32020);
    assert.equal((await ask({})).messages[0]?.error?.code, -32020);
    edge.gateway.listed = undefined;
    edge.endpoint.gatewaySwapped([]);
    assert.equal((await ask({})).status, 200);
  });
});

describe('an input-required exchange', () => {
  const capabilities = { elicitation: {} };
  const ask = (more: object = {}, name = 'askTwice', headers = {}): ReturnType<typeof modern> =>
    modern(edge.url, 'tools/call', { name, ...more }, { capabilities, headers });

  /** The next leg for an answer that asks for input, with this name for every question. */
  function retry({ result }: Message, name: string): object {
    const keys = Object.keys((result?.['inputRequests'] ?? {}) as object);
    const entries = keys.map((key) => [key, { action: 'accept', content: { name } }] as const);
    return { requestState: result?.['requestState'], inputResponses: Object.fromEntries(entries) };
  }

  test('is one call to the gateway, however many rounds it takes', async () => {
    const [first] = (await ask()).messages;
    assert.equal(first?.result?.['resultType'], 'input_required');
    const requests = Object.values(first?.result?.['inputRequests'] as object);
    assert.deepEqual(requests, [{ method: 'elicitation/create', params: askName }]);
    const [second] = (await ask(retry(first!, 'Ann'))).messages;
    assert.equal(second?.result?.['resultType'], 'input_required');
    assert.notEqual(second?.result?.['requestState'], first?.result?.['requestState']);
    const [third] = (await ask(retry(second!, 'Bob'))).messages;
    assert.deepEqual(third?.result?.['content'], [{ type: 'text', text: 'Ann Bob' }]);
    assert.equal(edge.gateway.calls.length, 1);
  });

  test('asks again for what a retry leaves out', async () => {
    const [first] = (await ask()).messages;
    const { requestState } = retry(first!, '') as { requestState: string };
    const [again] = (await ask({ requestState, inputResponses: { other: {} } })).messages;
    assert.deepEqual(again?.result?.['inputRequests'], first?.result?.['inputRequests']);
    assert.equal(edge.gateway.calls.length, 1);
  });

  test('is not resumed by a token that was used, forged, or given for something else', async () => {
    const [first] = (await ask()).messages;
    const answered = retry(first!, 'Ann') as { requestState: string };
    const wrong = [
      ask({ ...answered, requestState: `${answered.requestState}x` }),
      ask({ ...answered, arguments: { other: 1 } }),
      ask(answered, 'ask'),
      ask(answered, 'askTwice', { 'x-subject': 'mallory' }),
    ];
    for (const answer of await Promise.all(wrong)) assert.equal(answer.messages[0]?.error?.code, -32602);
    const [second] = (await ask(answered)).messages;
    assert.equal(second?.result?.['resultType'], 'input_required');
    assert.equal((await ask(answered)).messages[0]?.error?.code, -32602);
  });

  test('goes on after the client closed the answer that asked', async () => {
    const [first] = (await ask()).messages;
    assert.equal(edge.gateway.calls[0]?.signal.aborted, false);
    assert.equal(edge.endpoint.load.parked > 0, true);
    const controller = new AbortController();
    const params = { name: 'askTwice', ...retry(first!, 'Ann') };
    const second = await modern(edge.url, 'tools/call', params, { capabilities, signal: controller.signal });
    assert.equal(second.messages[0]?.result?.['resultType'], 'input_required');
  });

  test('given up by its client is abandoned, which is no outcome', async () => {
    const hasty = await startEdge({ tools: edgeTools, limits: { parkTtlMs: 40 } });
    await modern(hasty.url, 'tools/call', { name: 'askTwice' }, { capabilities });
    await eventually(() =>
      assert.equal((hasty.gateway.calls[0]?.signal.reason as Error)?.name, 'AbandonedError'),
    );
    assert.equal(hasty.endpoint.load.parked, 0);
    await eventually(() => assert.equal(hasty.endpoint.load.running, 0));
    await hasty.close();
  });

  test('passes a requestState that is not its own on to the backend', async () => {
    await ask({ requestState: 'opaque', inputResponses: {} }, 'echo');
    assert.equal(edge.gateway.calls[0]?.params['requestState'], 'opaque');
  });
});

describe('subscriptions/listen', () => {
  async function listen(
    notifications: object,
  ): Promise<{ events: AsyncGenerator<RawEvent>; stop: () => void }> {
    const controller = new AbortController();
    const { body, headers } = modernRequest('subscriptions/listen', { notifications } as never, {
      id: 'sub',
    });
    const response = await fetch(edge.url, { ...init(body, headers), signal: controller.signal });
    return { events: streamed(response), stop: () => controller.abort() };
  }

  test('acknowledges what it will carry, tags every message, and carries nothing else', async () => {
    const { events, stop } = await listen({ promptsListChanged: true, resourceSubscriptions: ['test://a'] });
    const subscription = { 'io.modelcontextprotocol/subscriptionId': 'sub' };
    assert.deepEqual(await nextMessage(events), {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { promptsListChanged: true, resourceSubscriptions: ['test://a'] },
        _meta: subscription,
      },
    });
    edge.gateway.emit({ type: 'toolsChanged' });
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://b' } });
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
    const updated = await nextMessage(events);
    assert.deepEqual(updated.params, { uri: 'test://a', _meta: subscription });
    edge.gateway.emit({ type: 'promptsChanged' });
    assert.equal((await nextMessage(events)).method, 'notifications/prompts/list_changed');
    const own = edge.gateway.requests.findLast(({ method }) => method === 'resources/subscribe')?.caller;
    assert.equal(own?.hasSession, true);
    stop();
    await eventually(() => assert.ok(edge.gateway.endedSessions.includes(own?.sessionId ?? '')));
    assert.equal(edge.endpoint.load.listens, 0);
  });

  test('needs a filter that can be read', async () => {
    for (const notifications of [undefined, 7, { toolsListChanged: 'yes' }, { resourceSubscriptions: [1] }]) {
      const { messages } = await modern(edge.url, 'subscriptions/listen', { notifications } as never);
      assert.equal(messages[0]?.error?.code, -32602, JSON.stringify(notifications));
    }
    assert.equal(edge.endpoint.load.listens, 0);
  });

  test('is answered when the gateway ends it', async () => {
    const short = await startEdge();
    const { body, headers } = modernRequest('subscriptions/listen', {
      notifications: { toolsListChanged: true },
    });
    const response = await fetch(short.url, init(body, headers));
    const events = streamed(response);
    await nextMessage(events);
    await short.close();
    const end = await nextMessage(events);
    assert.equal(end.result?.['resultType'], 'complete');
    assert.equal((await events.next()).done, true);
  });
});

describe('lists', () => {
  test('are paged only when they are long, and put together again are whole', async () => {
    const paged = await startEdge({ limits: { pageSize: 10 } });
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
      names.push(...(messages[0]?.result?.['tools'] as { name: string }[]).map(({ name }) => name));
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
    await paged.close();
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

  test('its caller: a session of its own, the subject, and the headers to pass on', async () => {
    const passing = await startEdge({ forwardedHeaders: ['X-Tenant'] });
    const headers = { 'x-tenant': 'acme', 'x-subject': 'ann', 'x-other': 'no' };
    const session = await openSession(passing.url, { headers, capabilities: { roots: {} } });
    await post(passing.url, call('echo'), { ...session, 'x-tenant': 'acme2' });
    await modern(passing.url, 'tools/call', { name: 'echo' }, { headers });
    const [legacy, stateless] = passing.gateway.calls.map(({ caller }) => caller);
    assert.deepEqual(legacy, {
      sessionId: session['mcp-session-id'],
      hasSession: true,
      subject: 'ann',
      revision: '2025-11-25',
      capabilities: { roots: {} },
      clientInfo: { name: 'raw', version: '1' },
      forwardedHeaders: { 'x-tenant': 'acme2' },
    });
    assert.equal(stateless?.hasSession, false);
    assert.deepEqual(stateless?.forwardedHeaders, { 'x-tenant': 'acme' });
    await passing.close();
  });

  test('an error that is no protocol error is told to nobody but the operator', async () => {
    const { messages } = await modern(edge.url, 'tools/call', { name: 'breaks' });
    assert.deepEqual(messages[0]?.error, { code: -32603, message: 'internal error' });
    assert.match(String(edge.faults.at(-1)), /secret/);
  });
});

function init(body: object, headers: Record<string, string>): RequestInit {
  const accept = 'application/json, text/event-stream';
  return {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept, ...headers },
  };
}
