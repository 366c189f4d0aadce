/** Two replicas that share a store: a client may talk to either at any time, as through a balancer without affinity. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { JsonObject } from '../../src/protocol/index.ts';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { eventually } from '../support/eventually.ts';
import {
  all,
  call,
  errorName,
  init,
  modern,
  nextMessage,
  openSession,
  post,
  streamed,
  type Message,
} from '../support/raw-mcp.ts';
import { startSharedEdges, type SharedEdges } from '../support/replicas.ts';
import type { Edge } from '../support/edge.ts';

let shared: SharedEdges;
let [one, other]: readonly Edge[] = [];
const clock = { now: 0, wall: 1_800_000_000_000 };

beforeEach(async () => {
  shared = await startSharedEdges({
    tools: edgeTools,
    limits: { slowAnswerMs: 20 },
    wishes: [{ name: 'choice', header: 'Choice', values: ['on', 'off'] }],
    now: () => performance.now() + clock.now,
    wallClock: () => clock.wall,
  });
  [one, other] = shared.edges;
});
afterEach(() => shared.close());

const statusAt = async (edge: Edge, headers: Record<string, string>): Promise<number> =>
  (await post(edge.url, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers)).status;

const send = (
  edge: Edge,
  method: string,
  params: JsonObject,
  headers: Record<string, string>,
): ReturnType<typeof post> => post(edge.url, { jsonrpc: '2.0', id: 7, method, params }, headers);

describe('a session', () => {
  test('goes on at every replica, also when the one that opened it is gone', async () => {
    const session = await openSession(one!.url);
    assert.equal((await post(other!.url, call('echo'), session)).messages[0]?.error, undefined);
    const { caller } = other!.gateway.calls[0]!;
    assert.deepEqual(
      [caller.hasSession, caller.revision, caller.clientInfo],
      [true, '2025-11-25', { name: 'raw', version: '1' }],
    );
    await one!.close();
    assert.equal(await statusAt(other!, session), 200);
  });

  test('keeps at every replica what its client wished when it began', async () => {
    const { choice: _, ...session } = await openSession(one!.url, { headers: { choice: 'off' } });
    await post(other!.url, call('echo'), session);
    assert.deepEqual(other!.gateway.calls[0]?.caller.wishes, { choice: 'off' });
  });

  test('is no other principal’s, and its id cannot be changed', async () => {
    const session = await openSession(one!.url, { headers: { 'x-subject': 'alice' } });
    const id = session['mcp-session-id']!;
    assert.equal(await statusAt(other!, session), 200);
    for (const edge of shared.edges)
      for (const changed of [
        { 'x-subject': 'mallory' },
        { 'mcp-session-id': `${id.slice(0, -4)}AAAA` },
        { 'mcp-session-id': 'x' },
      ])
        assert.equal(await statusAt(edge, { ...session, ...changed }), 404);
  });

  test('that its client ended has ended everywhere, and stays so', async () => {
    const [session, fresh] = [await openSession(one!.url), await openSession(one!.url)];
    assert.equal(await statusAt(other!, session), 200);
    for (const each of [session, fresh]) {
      const ended = await fetch(one!.url, { method: 'DELETE', headers: each });
      assert.equal(ended.status, 204);
    }
    await eventually(async () => assert.equal(await statusAt(other!, session), 404), 5_000);
    assert.equal(await statusAt(other!, fresh), 404);
    assert.equal(await statusAt(one!, session), 404);
    assert.equal(other!.gateway.endedSessions.length, 1);
  });

  test('that nothing used for its time has ended everywhere; use at one replica is use', async () => {
    const session = await openSession(one!.url);
    assert.equal(await statusAt(other!, session), 200);
    shared.hub.entries.forEach((entry) => (entry.endsMs -= 29 * 60_000));
    clock.now += 29 * 60_000;
    assert.equal(await statusAt(other!, session), 200);
    await eventually(() =>
      assert.ok(
        [...shared.hub.entries].some(
          ([key, { endsMs }]) => key.startsWith('session:') && endsMs > performance.now() + 20 * 60_000,
        ),
      ),
    );
    clock.now += 2 * 60_000;
    assert.equal(await statusAt(one!, session), 200);
    clock.now += 31 * 60_000;
    shared.hub.entries.forEach((entry) => (entry.endsMs = 0));
    assert.equal(await statusAt(one!, session), 404);
    assert.equal(await statusAt(other!, session), 404);
  });

  test('ends a day after it began, however much it is used', async () => {
    const session = await openSession(one!.url);
    clock.wall += 24 * 60 * 60_000 - 1;
    assert.equal(await statusAt(one!, session), 200);
    assert.equal(await statusAt(other!, session), 200);
    clock.wall += 1;
    assert.equal(await statusAt(one!, session), 404);
    assert.equal(await statusAt(other!, session), 404);
  });

  test('has its log level and watched resources at every replica', async () => {
    const session = await openSession(one!.url);
    assert.equal(await statusAt(other!, session), 200);
    await send(one!, 'logging/setLevel', { level: 'error' }, session);
    await send(other!, 'resources/subscribe', { uri: 'test://a' }, session);
    await eventually(() =>
      assert.ok(
        one!.gateway.requests.some(
          ({ method, params }) => method === 'resources/subscribe' && params['uri'] === 'test://a',
        ),
      ),
    );
    const stream = await fetch(one!.url, { headers: { ...session, accept: 'text/event-stream' } });
    const events = streamed(stream);
    for (const listener of one!.gateway.listeners)
      listener({ type: 'resourceUpdated', params: { uri: 'test://a' } });
    assert.equal((await nextMessage(events)).method, 'notifications/resources/updated');
    for (const level of ['info', 'error'])
      for (const listener of one!.gateway.listeners)
        listener({ type: 'message', params: { level, data: level } });
    assert.equal((await nextMessage(events)).params?.['data'], 'error');
    await events.return(undefined);
  });

  test('hears at its one stream what came on its own connection of another replica', async () => {
    const session = await openSession(one!.url);
    const stream = await fetch(one!.url, { headers: { ...session, accept: 'text/event-stream' } });
    const events = streamed(stream);
    await post(other!.url, call('echo'), session);
    const { sessionId } = other!.gateway.calls[0]!.caller;
    await eventually(() => {
      for (const listener of other!.gateway.listeners)
        listener({
          type: 'notification',
          method: 'notifications/tasks/status',
          params: { taskId: 't' },
          sessionId,
        });
    });
    assert.equal((await nextMessage(events)).method, 'notifications/tasks/status');
    await events.return(undefined);
  });
});

describe('what belongs to a call that another replica holds', () => {
  test('the answer to its question reaches it, and reports of progress do', async () => {
    const session = await openSession(one!.url, { capabilities: { sampling: {} } });
    const response = await fetch(one!.url, init(call('askSlowly'), session));
    const events = streamed(response);
    const questions = [await nextMessage(events), await nextMessage(events)];
    for (const { id, params } of questions) {
      const progressToken = (params as { _meta: JsonObject })._meta['progressToken'] ?? null;
      assert.equal(progressToken, id);
      const report = {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress: 0.5 },
      };
      assert.equal((await post(other!.url, report, session)).status, 202);
      const result = { role: 'assistant', model: 'm', content: { type: 'text', text: 'x' } };
      assert.equal((await post(other!.url, { jsonrpc: '2.0', id, result }, session)).status, 202);
    }
    const answer = await nextMessage(events);
    assert.deepEqual(answer.result?.['content'], [{ type: 'text', text: '[[0.5],[0.5]]' }]);
  });

  test('another session’s answer does not, nor one whose replica is gone', async () => {
    const capabilities = { sampling: {} };
    const session = await openSession(one!.url, { capabilities });
    const stranger = await openSession(other!.url, { capabilities });
    const events = streamed(await fetch(one!.url, init(call('askSlowly'), session)));
    const { id } = await nextMessage(events);
    const answer = { jsonrpc: '2.0', id, result: {} };
    await post(other!.url, answer, stranger);
    assert.equal(one!.endpoint.load.running, 1);
    await shared.parts[0]!.replicas.close();
    const refused = await post(other!.url, answer, session);
    assert.equal(refused.status, 400);
    await events.return(undefined);
  });

  test('its cancellation reaches it', async () => {
    const session = await openSession(one!.url);
    const running = post(one!.url, call('hang', 'h1'), session);
    await eventually(() => assert.equal(one!.gateway.calls.length, 1));
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'h1' } };
    assert.equal((await post(other!.url, cancelled, session)).status, 202);
    await running;
    assert.equal(errorName(one!.gateway.calls[0]?.signal.reason), 'CancelledError');
  });

  test('its stream is resumed through another replica', async () => {
    const session = await openSession(one!.url);
    const cutOff = new AbortController();
    const response = await fetch(one!.url, { ...init(call('held', 'r1'), session), signal: cutOff.signal });
    const first = await streamed(response).next();
    const lastEventId = (first.value as { id: string }).id;
    cutOff.abort();
    const resumed = await fetch(other!.url, {
      headers: { ...session, accept: 'text/event-stream', 'last-event-id': lastEventId },
    });
    assert.equal(resumed.status, 200);
    await post(one!.url, call('release'), session);
    const events = await all(streamed(resumed));
    assert.deepEqual(
      events.map(({ message }) => message?.id),
      ['r1'],
    );
    const stranger = await openSession(other!.url);
    const refused = await fetch(other!.url, {
      headers: { ...stranger, accept: 'text/event-stream', 'last-event-id': lastEventId },
    });
    assert.equal(refused.status, 400);
  });

  test('a retry with its input reaches it, and it is one call', async () => {
    const capabilities = { elicitation: {} };
    const ask = (edge: Edge, more: JsonObject = {}, headers = {}): ReturnType<typeof modern> =>
      modern(edge.url, 'tools/call', { name: 'askTwice', ...more }, { capabilities, headers });
    const retry = ({ result }: Message, name: string): JsonObject => {
      const keys = Object.keys(result?.['inputRequests'] as object);
      const answers = keys.map((key) => [key, { action: 'accept', content: { name } }] as const);
      return {
        requestState: result?.['requestState'] ?? null,
        inputResponses: Object.fromEntries(answers),
      };
    };
    const [first] = (await ask(one!)).messages;
    const asked = retry(first!, 'Ann');
    assert.equal((await ask(other!, asked, { 'x-subject': 'mallory' })).messages[0]?.error?.code, -32602);
    const [second] = (await ask(other!, asked)).messages;
    assert.equal(second?.result?.['resultType'], 'input_required');
    assert.equal((await ask(other!, asked)).messages[0]?.error?.code, -32602);
    const [third] = (await ask(one!, retry(second, 'Bob'))).messages;
    assert.deepEqual(third?.result?.['content'], [{ type: 'text', text: 'Ann Bob' }]);
    const ran = [one!, other!].map(({ gateway }) => gateway.calls.filter(({ fault }) => !fault).length);
    assert.deepEqual(ran, [1, 0]);
  });

  test('a retry whose replica is gone fails at once', async () => {
    const capabilities = { elicitation: {} };
    const first = await modern(one!.url, 'tools/call', { name: 'askTwice' }, { capabilities });
    await shared.parts[0]!.replicas.close();
    const requestState = first.messages[0]?.result?.['requestState'] as string;
    const failed = await modern(
      other!.url,
      'tools/call',
      { name: 'askTwice', requestState, inputResponses: {} },
      { capabilities },
    );
    assert.equal(failed.status, 503);
    assert.equal(failed.headers.get('retry-after'), '1');
    assert.match(failed.messages[0]?.error?.message ?? '', /is gone/u);
  });
});

describe('what features are told of', () => {
  const kinds = ({ occurrences }: Edge): string[] =>
    occurrences.map((each) => ('method' in each ? `${each.kind} ${each.method}` : each.kind));

  test('a session begins and ends once, whichever replicas held it', async () => {
    const session = await openSession(one!.url);
    assert.equal(await statusAt(other!, session), 200);
    await fetch(other!.url, { method: 'DELETE', headers: session });
    await eventually(() => assert.equal(one!.gateway.endedSessions.length, 1));
    const told = [...kinds(one!), ...kinds(other!)];
    assert.equal(told.filter((each) => each === 'session ended').length, 1);
    assert.equal(told.filter((each) => each === 'request initialize').length, 1);
  });

  test('a notification for a call of another replica is one of the replica that it reached', async () => {
    const session = await openSession(one!.url);
    const running = post(one!.url, call('hang', 'h1'), session);
    await eventually(() => assert.equal(one!.gateway.calls.length, 1));
    const method = 'notifications/cancelled';
    await post(other!.url, { jsonrpc: '2.0', method, params: { requestId: 'h1' } }, session);
    await running;
    const told = [one!, other!].map((edge) => kinds(edge).filter((each) => each.includes(method)).length);
    assert.deepEqual(told, [0, 1]);
  });

  test('a retry is told of where the call goes on, and by its own replica where it cannot', async () => {
    const capabilities = { elicitation: {} };
    const ask = (edge: Edge, more: JsonObject): ReturnType<typeof modern> =>
      modern(edge.url, 'tools/call', { name: 'askTwice', ...more }, { capabilities });
    const [first] = (await ask(one!, {})).messages;
    const requestState = first?.result?.['requestState'] ?? null;
    const retry = { requestState, inputResponses: {} };
    await ask(other!, retry);
    assert.deepEqual([kinds(other!), other!.gateway.calls.length], [[], 0]);
    assert.equal((await ask(other!, retry)).messages[0]?.error?.code, -32602);
    assert.deepEqual([kinds(other!), other!.gateway.calls.length], [[], 1]);
    await shared.parts[0]!.replicas.close();
    assert.equal((await ask(other!, retry)).status, 503);
    await eventually(() => assert.deepEqual(kinds(other!), ['request tools/call']));
  });
});

test('a call in a session that its replica holds asks nothing of the store, however slow that is', async () => {
  const session = await openSession(one!.url);
  const { store } = shared.parts[0]!;
  const asked: string[] = [];
  const never = new Promise<never>(() => {});
  const names = ['get', 'set', 'take', 'delete', 'fields', 'change', 'extend', 'publish'] as const;
  for (const name of names)
    Object.assign(store, { [name]: (key: string) => (asked.push(`${name} ${key}`), never) });
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) statuses.push((await post(one!.url, call('echo'), session)).status);
  statuses.push((await modern(one!.url, 'tools/call', { name: 'echo' })).status);
  for (const name of names) Reflect.deleteProperty(store, name);
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.deepEqual(
    asked.filter((each) => !each.includes('alive:')),
    [],
  );
});

describe('while the store is down', () => {
  test('sessions open and go on at every replica, and what must be shared is refused with 503', async () => {
    const before = await openSession(one!.url);
    shared.hub.isUp = false;
    const session = await openSession(one!.url);
    for (const each of [before, session]) {
      assert.equal((await post(other!.url, call('echo'), each)).messages[0]?.error, undefined);
      assert.equal(await statusAt(one!, each), 200);
    }
    const refused = await send(one!, 'logging/setLevel', { level: 'error' }, session);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'x' } };
    assert.equal((await post(other!.url, cancelled, session)).status, 503);
  });
});
