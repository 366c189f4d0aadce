/** Clients that are old, or odd in one respect, and work with the official servers all the same. */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { anonymous } from '../../src/gateway/index.ts';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { edgeOfFile, startEdge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { call, type Message, modern, openSession, post } from '../support/raw-mcp.ts';

const edge = await edgeOfFile();

describe('a batch', () => {
  const batch = [
    call('echo', 1),
    { jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
    call('echo', 'two'),
    { jsonrpc: '2.0', id: 3, method: 'ping' },
    { jsonrpc: '2.0', id: 4 },
  ];

  for (const revision of ['2025-03-26', '2024-11-05']) {
    test(`is served to a client of ${revision}, each call as one`, async () => {
      const headers = await openSession(edge.url, { revision });
      const before = edge.operations.filter(({ method }) => method === 'tools/call').length;
      const { status, messages } = await post(edge.url, batch, headers);
      assert.equal(status, 200);
      assert.deepEqual(new Set(messages.map(({ id }) => id)), new Set([1, 'two', 3, 4]));
      assert.ok(messages.find(({ id }) => id === 'two')?.result);
      assert.equal(messages.find(({ id }) => id === 4)?.error?.code, -32600);
      assert.equal(edge.operations.filter(({ method }) => method === 'tools/call').length, before + 2);
    });
  }

  test('of notifications alone is accepted without an answer', async () => {
    const headers = await openSession(edge.url, { revision: '2025-03-26' });
    const { status } = await post(
      edge.url,
      [{ jsonrpc: '2.0', method: 'notifications/initialized' }],
      headers,
    );
    assert.equal(status, 202);
  });

  test('is refused from a client of a revision without batches, and an empty one from any', async () => {
    const newer = await openSession(edge.url, { revision: '2025-06-18' });
    assert.equal((await post(edge.url, batch, newer)).status, 400);
    assert.equal((await post(edge.url, batch)).status, 400);
    const older = await openSession(edge.url, { revision: '2025-03-26' });
    assert.equal((await post(edge.url, [], older)).status, 400);
  });
});

describe('a request', () => {
  test('with null for what it does not have is served as without it', async () => {
    const headers = await openSession(edge.url);
    for (const [method, params] of [
      ['ping', null],
      ['tools/list', null],
      ['tools/list', { cursor: null, _meta: null }],
      ['tools/call', { name: 'echo', arguments: null, _meta: { progressToken: null } }],
    ] as const) {
      const { messages } = await post(edge.url, { jsonrpc: '2.0', id: 1, method, params }, headers);
      assert.ok(messages[0]?.result, `${method} ${JSON.stringify(params)}: ${JSON.stringify(messages)}`);
    }
  });

  test('to the path with a slash behind it is served', async () => {
    const url = new URL(`${edge.url.href}/`);
    const headers = await openSession(url);
    assert.ok((await post(url, call('echo'), headers)).messages[0]?.result);
  });

  test('is answered in the one form that its client takes', async () => {
    const headers = await openSession(edge.url);
    const json = await post(edge.url, call('echo'), { ...headers, accept: 'application/json' });
    assert.match(json.type, /^application\/json/);
    const slow = await post(edge.url, call('slow'), { ...headers, accept: 'application/json' });
    assert.match(slow.type, /^application\/json/);
    const events = await post(edge.url, call('echo'), { ...headers, accept: 'text/event-stream' });
    assert.match(events.type, /^text\/event-stream/);
    for (const answer of [json, slow, events]) assert.ok(answer.messages.at(-1)?.result);
    const accept = { headers: { accept: 'application/json' } };
    assert.ok((await modern(edge.url, 'tools/call', { name: 'echo' }, accept)).messages[0]?.result);
  });

  test('with an id that could not be given back exactly is refused', async () => {
    const headers = await openSession(edge.url);
    for (const id of ['12345678901234567891', '9007199254740993', '1.5']) {
      const { status } = await post(edge.url, `{"jsonrpc":"2.0","id":${id},"method":"ping"}`, headers);
      assert.equal(status, 400);
    }
  });
});

describe('what a client declares of itself', () => {
  test('costs the odd field alone, and is said once', async (t) => {
    const said: string[] = [];
    const own = await startEdge({ onOddClient: (message) => void said.push(message) });
    t.after(() => own.close());
    const capabilities = { roots: true, sampling: null, elicitation: { form: 'yes' }, tasks: 7 };
    const clientInfo = { name: 'odd', version: 2 };
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo };
    for (let time = 0; time < 2; time++) {
      const { messages } = await post(own.url, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
      assert.ok(messages[0]?.result);
    }
    const declared = own.gateway.described.at(-1);
    assert.deepEqual(declared?.capabilities, { roots: {}, elicitation: {} });
    assert.deepEqual(declared?.clientInfo, { name: 'odd', version: '2' });
    const fields = ['capabilities.roots', 'capabilities.elicitation.form', 'capabilities.tasks'];
    assert.deepEqual(
      said.map((line) => /^a client declares itself in initialize with "([^"]+)": expected/.exec(line)?.[1]),
      [...fields, 'clientInfo.version'],
    );
  });

  test('may be nothing at all', async () => {
    for (const more of [{ capabilities: null, clientInfo: null }, { capabilities: [], clientInfo: 7 }, {}]) {
      const params = { protocolVersion: '2025-11-25', ...more };
      const { messages } = await post(edge.url, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
      assert.ok(messages[0]?.result, JSON.stringify(more));
    }
  });

  test('is read the same with each request of 2026-07-28', async (t) => {
    const said: string[] = [];
    const own = await startEdge({ tools: edgeTools, onOddClient: (message) => void said.push(message) });
    t.after(() => own.close());
    const meta = {
      'io.modelcontextprotocol/clientCapabilities': { sampling: true },
      'io.modelcontextprotocol/clientInfo': 7,
    };
    const { messages } = await modern(own.url, 'tools/call', { name: 'echo' }, { meta });
    assert.ok(messages[0]?.result, JSON.stringify(messages));
    assert.equal(said.length, 2);
    assert.match(said.join('\n'), /in "_meta" with "capabilities\.sampling": expected/);
  });
});

test('on stdio, nothing comes before the result of initialize, and then one of each notification', async (t) => {
  const own = await startEdge();
  t.after(() => own.close());
  const { gateway, endpoint } = own;
  // As when backends connect one after the other while the client opens its session.
  gateway.beforeDescribing = async () => {
    for (let time = 0; time < 3; time++) {
      gateway.emit({ type: 'toolsChanged' });
      gateway.emit({ type: 'notification', method: 'notifications/x', params: {} });
      await setTimeout(100);
    }
  };
  const input = new PassThrough();
  const output = new PassThrough();
  const lines: string[] = [];
  createInterface({ input: output }).on('line', (line) => void lines.push(line));
  const served = endpoint.serveStdio(input, output, anonymous);
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  await eventually(() => assert.ok(lines.some((line) => line.includes('"id":1'))));
  await eventually(() => assert.ok(lines.some((line) => line.includes('tools/list_changed'))));
  input.end();
  await served;
  const said = lines.map((line) => JSON.parse(line) as Message).map(({ id, method }) => method ?? id);
  assert.deepEqual(
    [said[0], ...said.slice(1).map(String).toSorted()],
    [1, 'notifications/tools/list_changed', 'notifications/x'],
  );
});
