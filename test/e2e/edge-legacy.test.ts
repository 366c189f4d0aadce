/** What goes over the wire between the gateway and clients of the revisions with sessions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askName } from '../fixtures/edge-tools.ts';
import { edgeOfFile, startEdge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { all, call, errorName, init, nextMessage, openSession, post, streamed } from '../support/raw-mcp.ts';
import type { RawEvent } from '../support/raw-mcp.ts';

const edge = await edgeOfFile();

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

  test('answers a quick call with plain JSON', async (t) => {
    const patient = await startEdge({ limits: { slowAnswerMs: 60_000 } });
    t.after(() => patient.close());
    const headers = await openSession(patient.url);
    const answer = await post(patient.url, call('echo', 'x-1'), headers);
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
    const response = await fetch(edge.url, { ...init(call('held'), headers), signal: controller.signal });
    const { value: primer } = await streamed(response).next();
    const before = edge.brokenOff();
    controller.abort();
    await eventually(() => assert.equal(edge.brokenOff(), before + 1));
    assert.equal(edge.gateway.calls[0]?.signal.aborted, false);
    await post(edge.url, call('release', 2), headers);
    await eventually(() => assert.equal(edge.endpoint.load.running, 0));
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
    assert.equal(errorName(edge.gateway.calls[0]?.signal.reason), 'CancelledError');
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

  test('hears what its client reports of each question, until that is answered', async () => {
    const headers = await openSession(edge.url, { capabilities: { sampling: {} } });
    const events = streamed(await fetch(edge.url, init(call('askSlowly'), headers)));
    const questions = [await nextMessage(events), await nextMessage(events)];
    const report = (progressToken: unknown, progress: number): Promise<unknown> => {
      const params = { progressToken, progress } as never;
      return post(edge.url, { jsonrpc: '2.0', method: 'notifications/progress', params }, headers);
    };
    for (const [index, { id, params }] of questions.entries()) {
      const { progressToken, own } = (params?.['_meta'] ?? {}) as Record<string, unknown>;
      assert.equal(own, index);
      await report(progressToken, index + 1);
      await report('of nothing', 9);
      const result = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' };
      await post(edge.url, { jsonrpc: '2.0', id, result }, headers);
      await report(progressToken, 9);
    }
    const answer = await nextMessage(events);
    assert.deepEqual(answer.result?.['content'], [{ type: 'text', text: '[[1],[2]]' }]);
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
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://ab' } });
    edge.gateway.emit({ type: 'resourceUpdated', params: { uri: 'test://a/part' } });
    assert.equal((await nextMessage(events)).params?.['uri'], 'test://a/part');
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

  test('tells the gateway that its client’s roots changed, and ignores what it does not know', async () => {
    const headers = await openSession(edge.url);
    for (const method of [
      'notifications/roots/list_changed',
      'notifications/no/such',
      'notifications/initialized',
    ]) {
      assert.equal((await post(edge.url, { jsonrpc: '2.0', method }, headers)).status, 202);
    }
    const told = edge.gateway.requests.at(-1);
    assert.deepEqual(
      [told?.method, told?.caller.sessionId],
      ['notifications/roots/list_changed', headers['mcp-session-id']],
    );
  });

  test('hands whole numbers on as they were written, however long', async () => {
    const headers = await openSession(edge.url);
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"id":12345678901234567890}}}';
    const { messages } = await post(edge.url, body, headers);
    assert.deepEqual(messages[0]?.result?.['content'], [
      { type: 'text', text: '{"id":12345678901234567890}' },
    ]);
  });

  test('does not know the methods that only 2026-07-28 has, whatever a backend knows', async () => {
    const headers = await openSession(edge.url);
    const before = edge.gateway.requests.length;
    for (const method of ['server/discover', 'subscriptions/listen']) {
      const { messages } = await post(edge.url, { jsonrpc: '2.0', id: 1, method, params: {} }, headers);
      assert.equal(messages[0]?.error?.code, -32601, method);
    }
    assert.equal(edge.gateway.requests.length, before);
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
