/** What clients see of a reload: calls end where they began, and only what changed is told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { DeniedError } from '../../src/protocol/index.ts';
import { FakeGateway } from '../fixtures/fake-gateway.ts';
import { startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { call, init, modernRequest, nextMessage, openSession, post, streamed } from '../support/raw-mcp.ts';
import type { RawEvent } from '../support/raw-mcp.ts';

let edge: Edge;
before(async () => {
  edge = await startEdge({ tools: edgeTools });
});
after(() => edge.close());

test('a call ends on the gateway it began on, and the next goes to the new one', async () => {
  const headers = await openSession(edge.url);
  const slow = post(edge.url, call('held', 1), headers);
  await eventually(() => assert.equal(edge.gateway.calls.length, 1));
  const next = new FakeGateway({
    held: () => ({ content: [{ type: 'text', text: 'new' }] }),
    release: edgeTools['release']!,
  });
  edge.swap(next, []);
  assert.equal(edge.gateway.listeners.size, 0);
  assert.equal(next.listeners.size, 1);
  const after = await post(edge.url, call('held', 2), headers);
  assert.deepEqual(after.messages[0]?.result?.['content'], [{ type: 'text', text: 'new' }]);
  await post(edge.url, call('release', 3), headers);
  const answer = await slow;
  assert.deepEqual(answer.messages.at(-1)?.result?.['content'], [{ type: 'text', text: 'at last' }]);
});

test('what clients watch is watched on the new gateway, and only lists that changed are told', async () => {
  const headers = await openSession(edge.url);
  const stop = new AbortController();
  const { signal } = stop;
  const watch = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'test://a' } };
  await post(edge.url, watch, headers);
  const level = { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'error' } };
  await post(edge.url, level, headers);
  const legacy = streamed(
    await fetch(edge.url, { headers: { ...headers, accept: 'text/event-stream' }, signal }),
  );
  const notifications = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourceSubscriptions: ['test://b'],
  };
  const listen = modernRequest('subscriptions/listen', { notifications });
  const modern = streamed(await fetch(edge.url, { ...init(listen.body, listen.headers), signal }));
  await nextMessage(modern);

  const next = new FakeGateway();
  edge.swap(next, ['prompts']);
  for (const events of [legacy, modern]) {
    assert.equal((await nextMessage(events)).method, 'notifications/prompts/list_changed');
  }
  await eventually(() => {
    const restored = next.requests.map(
      ({ method, params }) => `${method} ${(params['uri'] ?? params['level']) as string}`,
    );
    assert.deepEqual(restored.toSorted(), [
      'logging/setLevel error',
      'resources/subscribe test://a',
      'resources/subscribe test://b',
    ]);
  });
  next.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
  next.emit({ type: 'resourceUpdated', params: { uri: 'test://b' } });
  assert.equal((await nextMessage(legacy)).params?.['uri'], 'test://a');
  assert.equal((await nextMessage(modern)).params?.['uri'], 'test://b');
  stop.abort();
});

test('a session that the new gateway denies a resource hears no more of it', async () => {
  const headers = await openSession(edge.url);
  const stop = new AbortController();
  for (const uri of ['test://a', 'test://b']) {
    const watch = { jsonrpc: '2.0', id: uri, method: 'resources/subscribe', params: { uri } };
    await post(edge.url, watch, headers);
  }
  const events = streamed(
    await fetch(edge.url, { headers: { ...headers, accept: 'text/event-stream' }, signal: stop.signal }),
  );
  const next = new FakeGateway();
  next.answer = ({ params }) => {
    if (params['uri'] === 'test://a') throw new DeniedError('read');
    return {};
  };
  edge.swap(next, []);
  await eventually(() => assert.ok(next.requests.length >= 2));
  next.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
  next.emit({ type: 'resourceUpdated', params: { uri: 'test://b' } });
  assert.equal((await nextMessage(events)).params?.['uri'], 'test://b');
  stop.abort();
});

test(
  'who comes just after a change is not told of it, and who was there is told once',
  { timeout: 120_000 },
  async (t) => {
    const stop = new AbortController();
    t.after(() => stop.abort());
    const { signal } = stop;
    const listen = modernRequest('subscriptions/listen', {
      notifications: { toolsListChanged: true, promptsListChanged: true },
    });
    const openBoth = async (): Promise<AsyncGenerator<RawEvent>[]> => {
      const headers = await openSession(edge.url);
      const legacy = await fetch(edge.url, { headers: { ...headers, accept: 'text/event-stream' }, signal });
      const modern = await fetch(edge.url, { ...init(listen.body, listen.headers), signal });
      const streams = [streamed(legacy), streamed(modern)];
      await nextMessage(streams[1]!); // the acknowledgement
      return streams;
    };
    const early = await openBoth();
    const first = new FakeGateway(edgeTools);
    edge.swap(first, ['tools']);
    const late = await openBoth();
    for (const events of early) {
      assert.equal((await nextMessage(events)).method, 'notifications/tools/list_changed');
    }
    first.emit({ type: 'promptsChanged' });
    for (const events of [...early, ...late]) {
      assert.equal((await nextMessage(events)).method, 'notifications/prompts/list_changed');
    }
  },
);
