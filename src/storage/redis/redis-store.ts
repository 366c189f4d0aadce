/** The store in Redis or Valkey, over two connections: one for commands, one that only listens. */
import { isIP } from 'node:net';
import { Redis } from 'ioredis';
import { guarded, tellEach, type OnDefect } from '../../lib/guarded.ts';
import { messageOf } from '../../lib/thrown.ts';
import type { BucketStore } from '../buckets.ts';
import { StoreError, type Store } from '../store.ts';
import { createRedisBuckets } from './redis-buckets.ts';

export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  /** Present for TLS; `ca` as PEM where the system does not trust the server's. */
  readonly tls?: { readonly ca?: string };
}

export interface RedisStoreOptions {
  /** Put before every key and channel. */
  readonly keyPrefix: string;
  /** An operation that takes longer fails. */
  readonly commandTimeoutMs: number;
  /** Told once each time the connection is lost, and once each time it stands again. */
  readonly onConnection: (state: 'lost' | 'connected', reason?: string) => void;
  readonly onDefect: OnDefect;
}

/** A store, and the token buckets beside it on the same connection. */
export interface StoreWithBuckets extends Store {
  readonly buckets: BucketStore;
}

const connectTimeoutMs = 2_000;
const maxRetryDelayMs = 1_000;

/** Connects in the background: a server that cannot be reached is no error here, but of each operation. */
export function createRedisStore(target: RedisTarget, options: RedisStoreOptions): StoreWithBuckets {
  return new RedisStore(target, options);
}

class RedisStore implements StoreWithBuckets {
  readonly buckets: BucketStore;
  readonly #options: RedisStoreOptions;
  readonly #commands: Redis;
  readonly #listening: Redis;
  readonly #listeners = new Map<string, Set<(message: string) => void>>();
  readonly #onAvailable = new Set<() => void>();
  #isUp = false;
  /** Undefined until it was told of. */
  #toldUp: boolean | undefined;
  #closed = false;

  constructor(target: RedisTarget, options: RedisStoreOptions) {
    this.#options = options;
    const redisOptions = toRedisOptions(target, options);
    this.#commands = new Redis(redisOptions);
    this.#listening = new Redis(redisOptions);
    this.buckets = createRedisBuckets(this.#commands, `${options.keyPrefix}bucket:`);
    const { onDefect } = options;
    for (const connection of [this.#commands, this.#listening]) {
      connection.on('error', (error: Error) => this.#lost(messageOf(error)));
      connection.on('close', () => this.#lost('the connection was closed'));
    }
    this.#commands.on(
      'ready',
      guarded('the connection to the store', onDefect, () => this.#ready()),
    );
    this.#listening.on(
      'ready',
      guarded('the connection to the store', onDefect, () => this.#resubscribe()),
    );
    this.#listening.on(
      'message',
      guarded('a message of the store', onDefect, (channel: string, message: string) =>
        tellEach('a message of the store', onDefect, [...(this.#listeners.get(channel) ?? [])], message),
      ),
    );
  }

  get available(): boolean {
    return this.#isUp;
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#ask(() => this.#commands.get(this.#key(key)))) ?? undefined;
  }

  async set(
    key: string,
    value: string,
    options: { readonly ttlMs: number; readonly onlyIfAbsent?: boolean },
  ): Promise<boolean> {
    const ttlMs = wholeMs(options.ttlMs);
    const answer = await this.#ask(() =>
      options.onlyIfAbsent === true
        ? this.#commands.set(this.#key(key), value, 'PX', ttlMs, 'NX')
        : this.#commands.set(this.#key(key), value, 'PX', ttlMs),
    );
    return answer !== null;
  }

  async take(key: string): Promise<string | undefined> {
    return (await this.#ask(() => this.#commands.getdel(this.#key(key)))) ?? undefined;
  }

  async delete(key: string): Promise<void> {
    await this.#ask(() => this.#commands.del(this.#key(key)));
  }

  fields(key: string): Promise<Readonly<Record<string, string>>> {
    return this.#ask(() => this.#commands.hgetall(this.#key(key)));
  }

  async change(key: string, fields: Readonly<Record<string, string | null>>, ttlMs: number): Promise<void> {
    const entries = Object.entries(fields);
    const removed = entries.flatMap(([name, value]) => (value === null ? [name] : []));
    const written = Object.fromEntries(
      entries.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    );
    const whole = this.#commands.multi();
    if (removed.length > 0) whole.hdel(this.#key(key), ...removed);
    if (Object.keys(written).length > 0) whole.hset(this.#key(key), written);
    whole.pexpire(this.#key(key), wholeMs(ttlMs));
    const answers = await this.#ask(() => whole.exec());
    const failed = answers?.find(([error]) => error !== null)?.[0];
    if (answers === null || failed) throw toStoreError(failed);
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#ask(() => this.#commands.pexpire(this.#key(key), wholeMs(ttlMs)))) === 1;
  }

  publish(channel: string, message: string): Promise<number> {
    return this.#ask(() => this.#commands.publish(this.#key(channel), message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    const name = this.#key(channel);
    // Its own function, since one listener may listen twice.
    const own = (message: string): void => listener(message);
    const listeners = this.#listeners.get(name) ?? new Set();
    const isFirst = listeners.size === 0;
    this.#listeners.set(name, listeners.add(own));
    const stop = async (): Promise<void> => {
      if (!listeners.delete(own) || listeners.size > 0 || this.#listeners.get(name) !== listeners) return;
      this.#listeners.delete(name);
      // A lost connection listens to nothing, and is not told again.
      if (this.#listening.status === 'ready') await this.#ask(() => this.#listening.unsubscribe(name));
    };
    // Without a connection, its being ready has the channel subscribed to.
    if (isFirst && this.#listening.status === 'ready') {
      await this.#ask(() => this.#listening.subscribe(name));
    }
    return stop;
  }

  onAvailable(listener: () => void): () => void {
    this.#onAvailable.add(listener);
    return () => this.#onAvailable.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#isUp = false;
    this.#commands.disconnect();
    this.#listening.disconnect();
  }

  #key(key: string): string {
    return this.#options.keyPrefix + key;
  }

  async #ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    try {
      return await command();
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Both connections are needed: without the one that listens, an answer to a message never comes. */
  #ready(): void {
    if (this.#closed || this.#isUp) return;
    if (this.#commands.status !== 'ready' || this.#listening.status !== 'ready') return;
    this.#isUp = true;
    if (this.#toldUp !== true) this.#options.onConnection('connected');
    this.#toldUp = true;
    tellEach(
      'the connection to the store',
      this.#options.onDefect,
      [...this.#onAvailable].map(asListener),
      undefined,
    );
  }

  async #resubscribe(): Promise<void> {
    const channels = [...this.#listeners.keys()];
    if (channels.length > 0) await this.#ask(() => this.#listening.subscribe(...channels));
    this.#ready();
  }

  #lost(reason: string): void {
    this.#isUp = false;
    if (this.#closed || this.#toldUp === false) return;
    this.#toldUp = false;
    this.#options.onConnection('lost', reason);
  }
}

function asListener(listener: () => void): (event: undefined) => void {
  return () => listener();
}

function toRedisOptions(target: RedisTarget, { commandTimeoutMs }: RedisStoreOptions) {
  const { host, port, db, username, password, tls } = target;
  return {
    host,
    port,
    db,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && {
      // An address is no server name (RFC 6066).
      tls: { ...(isIP(host) === 0 && { servername: host }), ...(tls.ca !== undefined && { ca: tls.ca }) },
    }),
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // A command fails when there is no connection: what waits for one would hang with it.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), maxRetryDelayMs),
  };
}

/** Redis takes whole milliseconds, and at least one. */
function wholeMs(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}

function toStoreError(error: unknown): StoreError {
  const isAnswer = error instanceof Error && error.name === 'ReplyError';
  return new StoreError(isAnswer ? 'refused' : 'unavailable', `the store: ${messageOf(error)}`, {
    cause: error,
  });
}
