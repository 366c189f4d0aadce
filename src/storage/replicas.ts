import { randomBytes, randomUUID } from 'node:crypto';
import { contain, guarded, type OnDefect } from '../lib/guarded.ts';
import type { Sealer } from './sealer.ts';
import type { Store } from './store.ts';

/** A replica that has not said for this long that it lives is taken for gone. */
const aliveMs = 3_000;
const heartbeatMs = 1_000;
/** A message that is older, or from further ahead, is not taken: what was used must be remembered for so long. */
const maxAgeMs = 60_000;

/** What a message may be; a replica that knows no handler for its kind ignores it. */
export type MessageBody = Readonly<Record<string, unknown>>;

type Handler = (body: MessageBody, from: string) => unknown;

export interface ReplicasOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  /** Namespace and name of the virtual server: its replicas, and no others, read each other's messages. */
  readonly fleet: readonly string[];
  readonly onDefect: OnDefect;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

/**
 * The other processes of the same virtual server. Each has a random id and a channel; it says every second that it lives.
 * Messages are sealed for one receiver and are taken once.
 */
export class Replicas {
  /** This process. */
  readonly id: string = randomBytes(9).toString('base64url');
  readonly #options: ReplicasOptions;
  readonly #handlers = new Map<string, Handler>();
  /** Ids of messages that were taken, with when each may be forgotten. In order of arrival. */
  readonly #taken = new Map<string, number>();
  readonly #wallClock: () => number;
  #timer: NodeJS.Timeout | undefined;
  #stop: (() => Promise<void>) | undefined;
  #forget: (() => void) | undefined;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? Date.now;
  }

  /** Listens, and begins to say that it lives. @throws {StoreError} never while the store is merely unreachable */
  async open(): Promise<void> {
    const { store, onDefect } = this.#options;
    const hear = guarded('a message of a replica', onDefect, (sealed: string) => this.#hear(sealed));
    this.#stop = await store.subscribe(channelOf(this.id), hear);
    this.#forget = store.onAvailable(() => this.#beat());
    const beat = guarded('the heartbeat', onDefect, () => this.#beat());
    this.#timer = setInterval(beat, heartbeatMs).unref();
    this.#beat();
  }

  on(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  /**
   * Sends a message to one replica.
   * @returns false when it is gone
   * @throws {StoreError}
   */
  async send(to: string, kind: string, body: MessageBody): Promise<boolean> {
    const { store, sealer, fleet } = this.#options;
    const text = JSON.stringify({ kind, body, from: this.id, id: randomUUID(), at: this.#wallClock() });
    const sealed = sealer.seal('message', text, [...fleet, to]);
    return (await store.publish(channelOf(to), sealed)) > 0;
  }

  /** @throws {StoreError} */
  async isAlive(id: string): Promise<boolean> {
    return (await this.#options.store.get(aliveKey(id))) !== undefined;
  }

  /** A name of this replica for a client to bring back. It holds for one scope, such as a session. */
  tag(scope: string): string {
    return `${this.id}${this.#options.sealer.sign([...this.#options.fleet, scope, this.id])}`;
  }

  /** The replica that a tag names; undefined when no replica of the fleet made it for this scope. */
  ownerOf(tag: string, scope: string): string | undefined {
    const id = tag.slice(0, this.id.length);
    const { sealer, fleet } = this.#options;
    return sealer.isSigned(tag.slice(this.id.length), [...fleet, scope, id]) ? id : undefined;
  }

  /** Says that this replica is gone, so that others need not wait for it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#forget?.();
    const { store } = this.#options;
    if (!store.available) return;
    await Promise.allSettled([this.#stop?.(), store.delete(aliveKey(this.id))]);
  }

  #beat(): void {
    const { store, onDefect } = this.#options;
    if (!store.available) return;
    contain('the heartbeat', onDefect, () =>
      // A store that fails is told of by its connection.
      store.set(aliveKey(this.id), '1', { ttlMs: aliveMs }).catch(() => undefined),
    );
  }

  #hear(sealed: string): void {
    const { sealer, fleet, onDefect } = this.#options;
    const text = sealer.open('message', sealed, [...fleet, this.id]);
    if (text === undefined) return;
    const { kind, body, from, id, at } = JSON.parse(text) as {
      kind: string;
      body: MessageBody;
      from: string;
      id: string;
      at: number;
    };
    if (!this.#takeOnce(id, at)) return;
    const handler = this.#handlers.get(kind);
    if (handler !== undefined) contain('a message of a replica', onDefect, () => handler(body, from));
  }

  /** False for a message that was taken before, or is too old to tell. */
  #takeOnce(id: string, atMs: number): boolean {
    const nowMs = this.#wallClock();
    for (const [old, untilMs] of this.#taken) {
      if (untilMs > nowMs) break;
      this.#taken.delete(old);
    }
    if (Math.abs(nowMs - atMs) > maxAgeMs || this.#taken.has(id)) return false;
    this.#taken.set(id, nowMs + 2 * maxAgeMs);
    return true;
  }
}

function channelOf(id: string): string {
  return `replica:${id}`;
}

function aliveKey(id: string): string {
  return `alive:${id}`;
}
