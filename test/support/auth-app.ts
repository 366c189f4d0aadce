/** A server with `incomingAuth` in the test's own process, in front of one backend. */
import type { TestContext } from 'node:test';
import { parseMetrics, type Sample } from './metrics-text.ts';
import { configReader, startApp, type App, type AppOptions } from '../../src/server/index.ts';

export interface AuthApp {
  readonly app: App;
  /** The MCP path. */
  readonly url: URL;
  readonly logged: string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  metrics(): Promise<Sample[]>;
  reload(incomingAuth: object | undefined, more?: object): Promise<void>;
}

export interface AuthAppOptions extends Partial<AppOptions> {
  readonly backendUrl: string;
  readonly blocks?: object;
}

/** @param incomingAuth the block as a file has it; undefined leaves it out */
export async function startAuthApp(
  t: Pick<TestContext, 'after'>,
  incomingAuth: object | undefined,
  { backendUrl, blocks = {}, ...more }: AuthAppOptions,
): Promise<AuthApp> {
  const environment = more.environment ?? {};
  const backends = [{ name: 'one', transport: 'streamable-http', url: backendUrl }];
  const read = (block: object | undefined, others: object) =>
    configReader.parse(
      JSON.stringify({ name: 'demo', backends, ...blocks, ...others, ...(block && { incomingAuth: block }) }),
      { file: '/tmp/vmcp.yaml', environment },
    );
  const logged: string[] = [];
  const app = await startApp({
    loaded: read(incomingAuth, {}),
    version: '1',
    environment,
    logSink: (line) => logged.push(line),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    sessionTtlMs: 60_000,
    ...more,
  });
  t.after(() => app.close(0));
  await app.open();
  const get: AuthApp['get'] = (path, headers = {}) => fetch(app.url + path, { headers });
  return {
    app,
    url: new URL(`${app.url}/mcp`),
    logged,
    get,
    metrics: async () => parseMetrics(await (await get('/metrics')).text()),
    reload: (block, others = {}) => app.reload(read(block, others)),
  };
}

/** The header that carries a credential. */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
