import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { anonymous, type Authenticator, type ClientPort } from '../../src/gateway/index.ts';
import { Asks } from '../../src/mcp/server/exchange/asks.ts';
import { Broadcast } from '../../src/mcp/server/broadcast.ts';
import { createMcpEndpoint, type McpEndpointOptions, type SharedParts } from '../../src/mcp/server/index.ts';
import { Listens } from '../../src/mcp/server/stateless/listens.ts';
import { ModernExchange } from '../../src/mcp/server/stateless/stateless-exchange.ts';
import type { Reply } from '../../src/mcp/server/exchange/reply.ts';
import { Session } from '../../src/mcp/server/sessions/session.ts';
import { WaitingReplies } from '../../src/mcp/server/http/waiting-replies.ts';
import { Replicas, Sealer, type Store } from '../../src/storage/index.ts';
import { MemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeCaller } from '../fixtures/calling.ts';
import { FakeGateway } from '../fixtures/fake-gateway.ts';
import { call, init, modern, modernRequest, openSession, post, streamed } from '../support/raw-mcp.ts';
import type { Cases, Plant } from './plant.ts';

const reply: Reply = {
  send: () => undefined,
  offer: () => undefined,
  answer: () => undefined,
  drop: () => undefined,
};

const anyone: Authenticator = {
  authenticate: () => ({ principal: anonymous }),
  authenticateStdio: () => anonymous,
  statusRequiresAuth: false,
};

const serverInfo = { name: 'planted', version: '1' };

/** The edge in front of a gateway in memory. `onResponse` sees each response before it is written to. */
async function serve(
  plant: Plant,
  options: Partial<McpEndpointOptions> = {},
  onResponse: (response: ServerResponse) => unknown = () => undefined,
) {
  const gateway = new FakeGateway({ planted: plant.throwIt });
  const endpoint = createMcpEndpoint({
    gateway: () => gateway,
    serverInfo,
    authenticator: () => anyone,
    onFault: plant.onDefect,
    ...options,
  });
  const server = createServer((request, response) => {
    onResponse(response);
    endpoint.handle(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  plant.t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await endpoint.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  return { gateway, endpoint, url };
}

/** A client on two streams whose end cannot be written to. */
function serveStdio(plant: Plant, limits: McpEndpointOptions['limits'] = {}): PassThrough {
  const gateway = new FakeGateway();
  const endpoint = createMcpEndpoint({
    gateway: () => gateway,
    serverInfo,
    authenticator: () => anyone,
    onFault: plant.onDefect,
    limits,
  });
  const input = new PassThrough();
  const output = new Writable();
  output.write = plant.throwIt;
  const served = endpoint.serveStdio(input, output, anonymous);
  plant.t.after(async () => {
    input.end();
    await served;
    await endpoint.close();
  });
  return input;
}

function listensOf(plant: Plant, errorBody: () => never | { code: number; message: string }): Listens {
  return new Listens({
    max: 10,
    serverInfo: () => serverInfo,
    onOver: () => undefined,
    now: () => 0,
    eventFor: (event) => event,
    errorBody,
    onDefect: plant.onDefect,
  });
}

const fine = (): { code: number; message: string } => ({ code: -1, message: 'no' });
const everything = { notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a'] } };

function broadcastTo(plant: Plant, sessions: () => Iterable<Session>): FakeGateway {
  const gateway = new FakeGateway();
  const broadcast = new Broadcast(sessions, listensOf(plant, fine), {
    onToolsChanged: () => undefined,
    now: () => 0,
    onDefect: plant.onDefect,
  });
  broadcast.listenTo(gateway);
  plant.t.after(() => broadcast.close());
  return gateway;
}

function sessionWith(offer: (text: string) => void): Session {
  const session = new Session(fakeCaller(), 0);
  session.outlet = { offer, close: () => undefined };
  return session;
}

const internalError = /-32603|internal error/;

/** A store of replicas that fails at what a case needs. */
async function sharedParts(plant: Plant, failing: Partial<Store>): Promise<SharedParts> {
  const store = Object.assign(new MemoryStore(), failing);
  const sealer = new Sealer([Buffer.alloc(32)]);
  const replicas = new Replicas({ store, sealer, fleet: [], onDefect: plant.onDefect });
  plant.t.after(() => replicas.close());
  return { store, sealer, replicas, fleet: [] };
}

export const serverCases: Cases = {
  'a shared session': async (plant) => {
    let nowMs = 0;
    const shared = await sharedParts(plant, { extend: plant.rejectIt });
    const { url } = await serve(plant, { shared, now: () => nowMs });
    const session = await openSession(url);
    nowMs += 20 * 60_000;
    await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, session);
  },
  'a crossing to another replica': async (plant) => {
    const shared = await sharedParts(plant, { publish: plant.rejectIt });
    const other = await sharedParts(plant, {});
    const { url } = await serve(plant, { shared });
    const requestState = `vmcp1.x.${other.replicas.tag('parked calls')}`;
    await modern(url, 'tools/call', { name: 'planted', requestState });
  },
  // Each ends that request alone: the next one of the same client is answered.
  'a request (of a session)': async (plant) => {
    const { url } = await serve(plant);
    const headers = await openSession(url);
    const [failed] = (await post(url, call('planted'), headers)).messages;
    assert.match(JSON.stringify(failed?.error), internalError);
    const [answered] = (await post(url, call('echo', 2), headers)).messages;
    assert.ok(answered?.result);
  },
  'a request (of 2026-07-28)': async (plant) => {
    const { url } = await serve(plant);
    const [failed] = (await modern(url, 'tools/call', { name: 'planted' })).messages;
    assert.match(JSON.stringify(failed?.error), internalError);
    assert.ok((await modern(url, 'tools/call', { name: 'echo' })).messages[0]?.result);
  },
  'a request (of 2026-07-28, whose answer cannot be written)': async (plant) => {
    const { url } = await serve(plant, {}, (response) => (response.writeHead = plant.throwIt));
    await assert.rejects(modern(url, 'tools/call', { name: 'echo' }), 'the client must not be left to wait');
  },
  'a request (to list)': async (plant) => {
    const { url, gateway } = await serve(plant);
    const { ask } = gateway;
    gateway.ask = (request) => (request.method.endsWith('/list') ? plant.rejectIt() : ask(request));
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      assert.match(JSON.stringify((await modern(url, method)).messages), internalError);
    }
  },
  'a request (of another method)': async (plant) => {
    const { url, gateway } = await serve(plant);
    gateway.answer = plant.throwIt;
    const answer = await modern(url, 'prompts/get', { name: 'greet' });
    assert.match(JSON.stringify(answer.messages), internalError);
  },
  'a request (to open a session)': async (plant) => {
    const { url, gateway } = await serve(plant);
    gateway.beforeDescribing = plant.rejectIt;
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: serverInfo };
    const answer = await post(url, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    assert.match(JSON.stringify(answer.messages), internalError);
  },
  'a request (to authenticate)': async (plant) => {
    const { url } = await serve(plant, { authenticator: () => ({ ...anyone, authenticate: plant.throwIt }) });
    const answer = await post(url, call('echo'));
    assert.equal(answer.status, 500);
  },
  'a request (to listen)': async (plant) => {
    const { url, gateway } = await serve(plant);
    gateway.beforeDescribing = plant.rejectIt;
    const answer = await modern(url, 'subscriptions/listen', everything);
    assert.match(JSON.stringify(answer.messages), internalError);
  },

  'the report of a request': async (plant) => {
    const { url } = await serve(plant, { onOperation: plant.throwIt });
    assert.ok((await modern(url, 'tools/call', { name: 'echo' })).messages[0]?.result);
  },

  'the report of an occurrence': async (plant) => {
    const { url } = await serve(plant, { onOccurrence: plant.throwIt });
    assert.ok((await modern(url, 'server/discover')).messages[0]?.result);
  },

  'a request (of a session, whose answer cannot be written)': async (plant) => {
    const { url } = await serve(plant, {}, (response) => (response.writeHead = plant.throwIt));
    await assert.rejects(post(url, call('echo')), 'the client must not be left to wait');
  },
  'the answer to a request (over stdio)': (plant) => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: serverInfo };
    const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    serveStdio(plant).write(`${JSON.stringify(message)}\n`);
  },

  'a line of the client': (plant) => void serveStdio(plant).write('no message\n'),
  'a long line of the client': (plant) =>
    void serveStdio(plant, { maxBodyBytes: 10 }).write(`${'x'.repeat(100)}\n`),
  'the input of the client': (plant) => void serveStdio(plant).emit('data', { indexOf: plant.throwIt }),

  'a slow answer': (plant) => {
    const waiting = new WaitingReplies(1, { now: () => performance.now(), onDefect: plant.onDefect });
    waiting.add({ stream: plant.throwIt });
    plant.t.after(() => waiting.close());
  },

  'a question to a client': (plant) => {
    const owner = { onDefect: plant.onDefect, park: () => 'token', inputRequiredText: plant.throwIt };
    const caller = fakeCaller({ capabilities: { roots: {} } });
    const port: ClientPort = new ModernExchange(owner, caller, 1, 'tools/call', {}, reply);
    port.request('roots/list', {}, new AbortController().signal).catch(() => undefined);
  },

  'a question taken back': async (plant) => {
    const asks = new Asks(plant.onDefect);
    const taken = new AbortController();
    const question = { method: 'roots/list', params: {}, signal: taken.signal, onProgress: undefined };
    let sent = 0;
    const asked = asks.ask(() => (++sent === 1 ? undefined : plant.throwIt()), question);
    taken.abort({ why: 'no Error' });
    await assert.rejects(asked, /cancelled/);
  },

  'news for a session': (plant) => {
    let heard = 0;
    const gateway = broadcastTo(plant, () => [sessionWith(plant.throwIt), sessionWith(() => (heard += 1))]);
    gateway.emit({ type: 'notification', method: 'notifications/x', params: {} });
    assert.equal(heard, 1, 'the session after the one that throws was not told');
  },
  'news of a list': (plant) => broadcastTo(plant, plant.throwIt).emit({ type: 'promptsChanged' }),

  'news for a subscription': async (plant) => {
    const listens = listensOf(plant, fine);
    const gateway = new FakeGateway();
    let acknowledged = false;
    const offer = (): void => {
      if (acknowledged) plant.throwIt();
      acknowledged = true;
    };
    listens.open(gateway, fakeCaller(), 1, everything, { ...reply, offer });
    await new Promise((resolve) => setTimeout(resolve, 10));
    listens.hear({ type: 'toolsChanged' });
  },
  'the start of a subscription': (plant) => {
    const listens = listensOf(plant, fine);
    listens.open(new FakeGateway(), fakeCaller(), 1, {}, { ...reply, answer: plant.throwIt });
  },
  'the renewal of a subscription': async (plant) => {
    const listens = listensOf(plant, plant.throwIt);
    const gateway = new FakeGateway();
    listens.open(gateway, fakeCaller(), 1, everything, reply);
    await new Promise((resolve) => setTimeout(resolve, 10));
    gateway.answer = plant.throwIt;
    listens.moveTo(gateway);
  },

  'what a session asked for': async (plant) => {
    const { url, gateway } = await serve(plant);
    const headers = await openSession(url);
    gateway.answer = plant.throwIt;
    const message = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
    assert.equal((await post(url, message, headers)).status, 202);
  },

  'the end of a session': async (plant) => {
    const { url, gateway } = await serve(plant);
    const headers = await openSession(url);
    gateway.endSession = plant.rejectIt;
    await fetch(url, { method: 'DELETE', headers });
  },

  'the close of an answer': async (plant) => {
    const { url, gateway } = await serve(plant);
    const { body, headers } = modernRequest('subscriptions/listen', everything);
    const client = new AbortController();
    const response = await fetch(url, { ...init(body, headers), signal: client.signal });
    await streamed(response).next();
    gateway.endSession = plant.throwIt;
    client.abort();
  },

  'the end of a credential': async (plant) => {
    const expiresAtMs = Date.now() + 200;
    const principal = { ...anonymous, expiresAtMs };
    const authenticator = { ...anyone, authenticate: () => ({ principal }) };
    const { url } = await serve(plant, { authenticator: () => authenticator }, (response) => {
      if (response.req.method !== 'GET') return;
      const { end } = response;
      response.end = () => {
        response.end = end;
        return plant.throwIt();
      };
    });
    const headers = await openSession(url);
    await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } });
  },

  'the sweep of sessions': async (plant) => {
    let isPlanted = false;
    const now = (): number => (isPlanted ? plant.throwIt() : performance.now());
    await serve(plant, { now, limits: { sessionTtlMs: 40 } });
    isPlanted = true;
  },

  'the keep-alive of streams': async (plant) => {
    const { url } = await serve(plant, { limits: { keepAliveMs: 20 } }, (response) => {
      if (response.req.method === 'GET') response.write = plant.throwIt;
    });
    // Of this revision, whose streams begin without an event.
    const headers = await openSession(url, { revision: '2025-06-18' });
    await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } });
  },
};
