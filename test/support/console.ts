/** A server with the console, as its page asks it. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { tokenHeader } from '../../src/console/wire/index.ts';
import { createConfigReader } from '../../src/config/index.ts';
import { startApp, type App, type AppOptions, type Config } from '../../src/server/index.ts';
import { features } from '../../src/server/features.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ServedConsole {
  readonly app: App;
  /** The page's token, read from the page. */
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  /** One of the page's own requests, with changes to its headers; an undefined one is left out. */
  ask(name: string, body?: object, headers?: Record<string, string | undefined>): Promise<Answered>;
  reload(changes: object): Promise<void>;
}

export async function serveConsole(
  t: { after(close: () => unknown): void },
  config: object,
  options: Partial<AppOptions> = {},
): Promise<ServedConsole> {
  const reader = createConfigReader<Config>(features);
  const read = (changes: object) =>
    reader.parse(JSON.stringify({ name: 'demo', ...config, ...changes }), {
      file: '/tmp/vmcp.yaml',
      environment: {},
    });
  const app = await startApp({
    loaded: read({}),
    version: '1',
    environment: process.env,
    logSink: () => undefined,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    sessionTtlMs: 60_000,
    ...options,
  });
  t.after(() => app.close(0));
  await app.open();
  const send = (method: string, path: string, headers: object, body?: string): Promise<Answered> =>
    exchange(new URL(path, app.url), { method, headers }, body);
  const page = await send('GET', '/', { accept: 'text/html' });
  const token = /name="vmcp-token" content="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return {
    app,
    token,
    get: (path, headers = {}) => send('GET', path, headers),
    ask: (name, body = {}, headers = {}) => {
      const own = { origin: app.url, 'content-type': 'application/json', [tokenHeader]: token, ...headers };
      const sent = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
      return send('POST', `/console/api/${name}`, sent, JSON.stringify(body));
    },
    reload: (changes) => app.reload(read(changes)),
  };
}

/** `fetch` sets some headers itself, and keeps others from being set. */
function exchange(url: URL, options: { method: string; headers: object }, body?: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, headers: { ...options.headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
