/** What takes more than a request and its answer in 2026-07-28: input-required exchanges, and subscriptions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askName, edgeTools } from '../fixtures/edge-tools.ts';
import { edgeOfFile, startEdge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { errorName, init, modern, modernRequest, nextMessage, streamed } from '../support/raw-mcp.ts';
import type { Message, RawEvent } from '../support/raw-mcp.ts';

const edge = await edgeOfFile();

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
    const [second] = (await ask(retry(first, 'Ann'))).messages;
    assert.equal(second?.result?.['resultType'], 'input_required');
    assert.notEqual(second?.result?.['requestState'], first?.result?.['requestState']);
    const [third] = (await ask(retry(second, 'Bob'))).messages;
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

  test('given up by its client is abandoned, which is no outcome', async (t) => {
    const hasty = await startEdge({ tools: edgeTools, limits: { parkTtlMs: 40 } });
    t.after(() => hasty.close());
    await modern(hasty.url, 'tools/call', { name: 'askTwice' }, { capabilities });
    await eventually(() => assert.equal(errorName(hasty.gateway.calls[0]?.signal.reason), 'AbandonedError'));
    await eventually(() => {
      const { parked, running } = hasty.endpoint.load;
      assert.deepEqual([parked, running], [0, 0]);
    });
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
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://ab' } });
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://a/part' } });
    assert.equal((await nextMessage(events)).params?.['uri'], 'test://a/part');
    edge.gateway.emit({ type: 'promptsChanged' });
    assert.equal((await nextMessage(events)).method, 'notifications/prompts/list_changed');
    const own = edge.gateway.requests.findLast(({ method }) => method === 'resources/subscribe')?.caller;
    assert.equal(own?.hasSession, true);
    stop();
    await eventually(() => assert.ok(edge.gateway.endedSessions.includes(own?.sessionId ?? '')));
    await eventually(() => assert.equal(edge.endpoint.load.listens, 0));
  });

  test('needs a filter that can be read', async () => {
    for (const notifications of [undefined, 7, { toolsListChanged: 'yes' }, { resourceSubscriptions: [1] }]) {
      const { messages } = await modern(edge.url, 'subscriptions/listen', { notifications });
      assert.equal(messages[0]?.error?.code, -32602, JSON.stringify(notifications));
    }
    assert.equal(edge.endpoint.load.listens, 0);
  });

  test('is answered when the gateway ends it', async (t) => {
    const short = await startEdge();
    t.after(() => short.close());
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
