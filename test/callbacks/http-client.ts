import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import type { Dispatcher } from 'undici';
import type { BodySink, HttpLane, HttpRequest } from '../../src/mcp/client/transport/http/http-call.ts';
import { discardSink, sendHttp } from '../../src/mcp/client/transport/http/http-call.ts';
import { HttpExchange } from '../../src/mcp/client/transport/http/http-exchange.ts';
import { createOrigin } from '../../src/mcp/client/transport/http/http-origin.ts';
import { createTunnels } from '../../src/mcp/client/transport/http/proxy.ts';
import type { Connector } from '../../src/mcp/client/transport/http/tls-connector.ts';
import { LegacySseTransport } from '../../src/mcp/client/transport/sse/legacy-sse.ts';
import { StandingStream } from '../../src/mcp/client/transport/http/standing-stream.ts';
import { StreamableHttpTransport } from '../../src/mcp/client/transport/http/streamable-http.ts';
import type { Cases, Plant } from './plant.ts';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

interface Answer {
  readonly head?: { readonly status: number; readonly headers: Record<string, string> };
  readonly body?: string;
  readonly ends?: boolean;
  readonly breaks?: boolean;
}

const stream: Answer['head'] = { status: 200, headers: { 'content-type': 'text/event-stream' } };

/** Answers the requests in turn, the last answer over and over. An abort ends in the handler, as undici has it. */
function laneOf(answers: readonly Answer[], onAbort?: () => void): HttpLane {
  let count = 0;
  const dispatch = (_options: unknown, handler: Handler): boolean => {
    const controller = {
      abort: (reason: Error) => {
        onAbort?.();
        handler.onResponseError?.(controller, reason);
      },
    } as Controller;
    handler.onRequestStart?.(controller, undefined);
    const { head, body, ends, breaks } = answers[Math.min(count++, answers.length - 1)] ?? {};
    if (head !== undefined) handler.onResponseStart?.(controller, head.status, head.headers, '');
    if (body !== undefined) handler.onResponseData?.(controller, Buffer.from(body));
    if (ends) handler.onResponseEnd?.(controller, {});
    if (breaks) handler.onResponseError?.(controller, new Error('broken'));
    return true;
  };
  return { dispatcher: { dispatch } as unknown as Dispatcher, headersFor: () => ({}) };
}

/** Whatever throws on the way, the request hears of its failure once, and as an `Error`. */
function send(answer: Answer, parts: Partial<HttpRequest> | Partial<BodySink>, plant: Plant): void {
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const sink = { ...discardSink, fail, ...parts };
  sendHttp(laneOf([answer]), {
    method: 'GET',
    path: '/',
    headers: {},
    onHead: () => sink,
    onError: fail,
    onDefect: plant.onDefect,
    ...parts,
  });
  assert.ok(failures.length === 1 && failures[0] instanceof Error, `told ${failures.length} times`);
}

function exchange(lane: HttpLane, plant: Plant, resumeHeaders?: Record<string, string>): HttpExchange {
  const made = new HttpExchange({
    backend: 'planted',
    lane,
    context: undefined,
    path: '/',
    origin: 'http://localhost',
    headers: {},
    id: 1,
    body: '',
    limits,
    resumeHeaders,
    hadSession: false,
    unreadTexts: false,
    onMessage: () => undefined,
    onSession: () => undefined,
    onMoved: () => undefined,
    onSettled: () => undefined,
    onDefect: plant.onDefect,
  });
  made.answer.catch(() => undefined);
  return made;
}

const limits = { maxMessageBytes: 1_000, closeGraceMs: 1 };
const target = { url: new URL('http://localhost/mcp') };

function transportOptions(lane: HttpLane, { onDefect, onLog }: Plant) {
  const origin = { calls: lane, streams: lane, close: () => Promise.resolve() };
  return { backend: 'planted', target, origin, limits, onLog, onDefect };
}

export const httpClientCases: Cases = {
  'the head of a response': (plant) => send({ head: stream }, { onHead: plant.throwIt }, plant),
  'the body of a response': (plant) => send({ head: stream, body: 'x' }, { push: plant.throwIt }, plant),
  'the end of a response': (plant) => send({ head: stream, ends: true }, { end: plant.throwIt }, plant),

  'the failure of a response (before its head)': ({ throwIt, onDefect }) => {
    sendHttp(laneOf([{ breaks: true }]), {
      method: 'GET',
      path: '/',
      headers: {},
      onHead: () => discardSink,
      onError: throwIt,
      onDefect,
    });
  },

  'the failure of a response (whose credential is not to be had)': ({ rejectIt, throwIt, onDefect }) => {
    sendHttp(
      { ...laneOf([{}]), headersFor: rejectIt },
      {
        method: 'GET',
        path: '/',
        headers: {},
        onHead: () => discardSink,
        onError: throwIt,
        onDefect,
      },
    );
  },

  'the failure of a response (after its head)': ({ throwIt, onDefect }) => {
    sendHttp(laneOf([{ head: stream, breaks: true }]), {
      method: 'GET',
      path: '/',
      headers: {},
      onHead: () => ({ ...discardSink, fail: throwIt }),
      onError: () => assert.fail('the head was there'),
      onDefect,
    });
  },

  'the resumption of a response': (plant) => {
    const headers = new Proxy({}, { ownKeys: plant.throwIt });
    exchange(laneOf([{ head: stream, body: 'retry: 50\nid: a\n\n', ends: true }]), plant, headers);
  },

  'the end of a stream': async (plant) => {
    const body = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n';
    await exchange(laneOf([{ head: stream, body }], plant.throwIt), plant).answer;
  },

  'the stream outside of requests': (plant) => {
    let asked = 0;
    const made = new StandingStream({
      lane: laneOf([{ head: stream, body: 'retry: 50\n\n', ends: true }]),
      path: () => (++asked === 1 ? '/' : plant.throwIt()),
      headers: () => ({}),
      maxMessageBytes: 1_000,
      onMessage: () => undefined,
      onAnswer: () => undefined,
      onFault: () => undefined,
      onDefect: plant.onDefect,
    });
    plant.t.after(() => made.close());
  },

  'the farewell to a backend': async (plant) => {
    const headers = { 'content-type': 'application/json', 'mcp-session-id': 'a' };
    const body = '{"jsonrpc":"2.0","id":1,"result":{}}';
    const opened = { head: { status: 200, headers }, body, ends: true };
    const transport = new StreamableHttpTransport(
      transportOptions(laneOf([opened, {}], plant.throwIt), plant),
    );
    const request = { id: 1, method: 'initialize', params: {}, revision: undefined };
    await transport.exchange({ ...request, onMessage: () => undefined }).answer;
    await transport.close();
  },

  'the limit of opening a stream': async (plant) => {
    const transport = new LegacySseTransport(transportOptions(laneOf([{}], plant.throwIt), plant));
    const limit = new AbortController();
    const events = { onMessage: () => undefined, onClose: () => undefined };
    const opening = assert.rejects(transport.open(events, limit.signal), /did not open its stream in time/);
    limit.abort({ why: 'no Error' });
    await opening;
  },

  'the failure of a tunnel': async (plant) => {
    const refused: Connector = (_options, callback) =>
      process.nextTick(callback, new Error('no way to the proxy'), null);
    const tunnels = createTunnels(
      { url: new URL('http://proxy.test'), from: 'proxy' },
      { toProxy: refused, toBackend: refused, timeoutMs: 60_000, onDefect: plant.onDefect },
    );
    plant.t.after(() => tunnels.close());
    tunnels.connector({ hostname: 'backend.test', protocol: 'https:', port: '' }, plant.throwIt);
  },

  'an HTTP connection': async (plant) => {
    const server = createServer().listen(0, '127.0.0.1');
    plant.t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const origin = createOrigin({ url: new URL(`http://127.0.0.1:${port}/`) }, { onDefect: plant.onDefect });
    const { dispatcher } = origin.calls;
    dispatcher.on('connect', (_url, [, client]) => {
      // As undici does where it finds itself in a state that it holds to be impossible.
      try {
        plant.throwIt();
      } catch (thrown) {
        (client as unknown as NodeJS.EventEmitter).emit('error', thrown);
      }
    });
    const done = new Promise<void>((resolve) => {
      const call = sendHttp(origin.calls, {
        method: 'GET',
        path: '/',
        headers: {},
        onHead: () => discardSink,
        onError: () => resolve(),
        onDefect: plant.onDefect,
      });
      dispatcher.once('connect', () => setImmediate(() => call.abort(new Error('enough'))));
    });
    await done;
    await origin.close();
  },
};
