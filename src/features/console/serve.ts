/** Serves what is below `/console/`: the page's parts to anyone, its questions to people alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Streams } from '../../console/wire/index.ts';
import type { Authentication, Caller } from '../../gateway/index.ts';
import { stringifyExactly } from '../../lib/exact-json.ts';
import { contain } from '../../lib/guarded.ts';
import { joinChunks } from '../../lib/join-chunks.ts';
import { messageOf } from '../../lib/thrown.ts';
import { isObject, ProtocolError, type JsonObject } from '../../protocol/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { FeatureHost, Site } from '../feature.ts';
import { cookieOf, faultOf, personOf, sessionOf, withCredential } from './access.ts';
import { answers, BadRequest, streams, type ApiTerms, type Asked } from './api.ts';
import { sendAsset, type Page } from './page.ts';
import type { ConsoleState } from './state.ts';
import type { RunObserver } from './watch.ts';

const prefix = '/console/api/';
const mostBodyBytes = 4 * 1024 * 1024;
/** A page that falls behind by more than this is cut off; it comes back by itself. */
const mostUnreadBytes = 4 * 1024 * 1024;

export interface ServeTerms {
  readonly state: ConsoleState;
  readonly site: Site;
  readonly observers: WeakMap<Caller, RunObserver>;
  readonly page: Page;
  readonly host: FeatureHost<Metrics>;
}

/** Serves one request to its end. Never throws. */
export function serveConsole(request: IncomingMessage, response: ServerResponse, terms: ServeTerms): void {
  const isGet = request.method === 'GET' || request.method === 'HEAD';
  if (isGet && sendAsset(request, response, terms.page)) return;
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (!path.startsWith(prefix))
    return sendJson(response, 404, { error: 'nothing is served at this path; the console is at /' });
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return sendJson(response, 405, { error: 'expected POST' });
  }
  contain('the console', terms.host.onDefect, () =>
    answer(request, response, path.slice(prefix.length), terms),
  );
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  terms: ServeTerms,
): Promise<void> {
  const { state, site } = terms;
  const refused = faultOf(request, state.pageToken, site);
  if (refused !== undefined) return sendJson(response, refused.status, { error: refused.error });
  try {
    const body = await readBody(request);
    if (name === 'login') return await logIn(request, response, body, terms);
    if (name === 'logout') return logOut(request, response, terms);
    const server = terms.host.server();
    const who = await personOf(request, state, site, server.authenticate);
    if ('refusal' in who) return sendRefusal(response, who.refusal);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const asked: Asked = {
      person: who.principal,
      signedIn: who.signedIn,
      body,
      signal: gone.signal,
      origin: new URL(String(request.headers.origin)).origin,
    };
    await dispatch(name, asked, response, { server, state, site, observers: terms.observers });
  } catch (error) {
    fail(response, error, terms);
  }
}

async function dispatch(
  name: string,
  asked: Asked,
  response: ServerResponse,
  terms: ApiTerms,
): Promise<void> {
  if (Object.hasOwn(answers, name)) {
    const found = await answers[name as keyof typeof answers](asked, terms);
    return sendJson(response, 200, found);
  }
  if (!Object.hasOwn(streams, name))
    return sendJson(response, 404, { error: `the console has no "${name}"` });
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const tell = (event: Streams[keyof Streams]['gets']): void => {
    if (response.writableLength > mostUnreadBytes) response.destroy();
    if (!response.destroyed) response.write(`${stringifyExactly(event)}\n`);
  };
  await streams[name as keyof Streams](asked, terms, tell);
  response.end();
}

/** A key becomes a session: the page never has to keep it. */
async function logIn(
  request: IncomingMessage,
  response: ServerResponse,
  body: JsonObject,
  { state, site, host }: ServeTerms,
): Promise<void> {
  const { key } = body;
  if (typeof key !== 'string' || key.trim() === '') throw new BadRequest('expected "key" to be an API key');
  const credential = key.trim();
  const who = await host.server().authenticate(withCredential(request, credential));
  if ('refusal' in who) return sendRefusal(response, who.refusal);
  response.setHeader('set-cookie', cookieOf(state.sessions.begin(credential), site));
  sendJson(response, 200, {});
}

function logOut(request: IncomingMessage, response: ServerResponse, { state, site }: ServeTerms): void {
  const session = sessionOf(request, site);
  if (session !== undefined) state.sessions.end(session);
  response.setHeader('set-cookie', cookieOf('', site));
  sendJson(response, 200, {});
}

type Refusal = Extract<Authentication, { refusal: unknown }>['refusal'];

/** Without the challenge of HTTP: a browser would ask for a password that there is not. */
function sendRefusal(response: ServerResponse, { status, message }: Refusal): void {
  sendJson(response, status, { error: message, login: status === 401 });
}

function fail(response: ServerResponse, error: unknown, { host }: ServeTerms): void {
  if (response.headersSent) return void response.destroy();
  if (error instanceof BadRequest) return sendJson(response, 400, { error: error.message });
  if (error instanceof ProtocolError) return sendJson(response, 502, { error: error.message });
  if (response.destroyed) return;
  host.onDefect(error, 'the console');
  sendJson(response, 500, { error: 'internal error; the log of the server has more' });
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw new BadRequest(`expected at most ${mostBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return parse(joinChunks(chunks).toString('utf8'));
}

function parse(text: string): JsonObject {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`expected JSON: ${messageOf(error)}`);
  }
  if (isObject(found)) return found;
  throw new BadRequest('expected a JSON object');
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(stringifyExactly(value));
}
