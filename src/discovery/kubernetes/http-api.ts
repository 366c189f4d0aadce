import { Pool } from 'undici';
import { FollowedFile } from '../../lib/followed-file.ts';
import { messageOf } from '../../lib/thrown.ts';
import { ApiError, type ApiChange, type KubernetesApi, type WatchEvent } from './api.ts';
import type { Surroundings } from './surroundings.ts';

/** A watch on which nothing comes for so long is taken for lost: bookmarks come once a minute. */
const watchIdleMs = 150_000;
const requestTimeoutMs = 15_000;
const connectTimeoutMs = 5_000;
/** Far more than a Secret or a page of a list. */
const maxBodyBytes = 64 * 1024 * 1024;
const maxFileBytes = 1024 * 1024;

/** The API server over HTTPS. The token and the certificates are read again when their files change. */
export class HttpKubernetesApi implements KubernetesApi {
  readonly #url: URL;
  readonly #token: FollowedFile;
  readonly #ca: FollowedFile;
  #pool: { readonly version: number; readonly pool: Pool } | undefined;

  constructor({ url, tokenFile, caFile }: Pick<Surroundings, 'url' | 'tokenFile' | 'caFile'>) {
    this.#url = url;
    this.#token = new FollowedFile(tokenFile, { maxBytes: maxFileBytes });
    this.#ca = new FollowedFile(caFile, { maxBytes: maxFileBytes });
  }

  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#ask({ method: 'GET', path }, signal);
  }

  async send({ method, path, contentType, body }: ApiChange, signal: AbortSignal): Promise<unknown> {
    return this.#ask({ method, path, body: JSON.stringify(body), contentType }, signal);
  }

  async watch(path: string, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>> {
    const { statusCode, body } = await this.#connection().request({
      method: 'GET',
      path,
      headers: this.#headers(),
      headersTimeout: requestTimeoutMs,
      bodyTimeout: watchIdleMs,
      signal,
    });
    if (statusCode !== 200) throw errorOf(statusCode, await textOf(body));
    return eventsOf(body);
  }

  async close(): Promise<void> {
    await this.#pool?.pool.destroy();
  }

  async #ask(
    request: { method: 'GET' | ApiChange['method']; path: string; body?: string; contentType?: string },
    signal: AbortSignal,
  ): Promise<unknown> {
    const { method, path, body = null, contentType } = request;
    const answer = await this.#connection().request({
      method,
      path,
      headers: { ...this.#headers(), ...(contentType !== undefined && { 'content-type': contentType }) },
      body,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      signal,
    });
    const text = await textOf(answer.body);
    if (answer.statusCode >= 300) throw errorOf(answer.statusCode, text);
    return JSON.parse(text) as unknown;
  }

  #headers(): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': 'vmcp',
      authorization: `Bearer ${this.#read(this.#token, 'the token').text.trim()}`,
    };
  }

  /** Requests under way on a pool with older certificates end there. */
  #connection(): Pool {
    const { version, text: ca } = this.#read(this.#ca, 'the certificates');
    if (this.#pool?.version === version) return this.#pool.pool;
    const pool = new Pool(this.#url.origin, {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { ca, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 15_000 },
    });
    const old = this.#pool;
    this.#pool = { version, pool };
    // It rejects only where it was closed before.
    old?.pool.close().catch(() => undefined);
    return pool;
  }

  #read(file: FollowedFile, what: string): { readonly version: number; readonly text: string } {
    try {
      return file.read();
    } catch (cause) {
      throw new Error(`${what} of the service account: ${messageOf(cause)}`, { cause });
    }
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`expected at most ${maxBodyBytes} bytes of the API server`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** One event a line. */
async function* eventsOf(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > maxBodyBytes) throw new Error('expected an event of a watch to end within 64 MiB');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as WatchEvent;
  }
}

/** The server's own words, without the body of an answer that is not its own. */
function errorOf(status: number, text: string): ApiError {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return new ApiError(status, message.slice(0, 500));
  } catch {
    // Not one of the API server's answers, such as a proxy's page.
  }
  return new ApiError(status, `the API server answered ${status}`);
}
