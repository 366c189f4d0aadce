import { principalKey, type Caller, type Principal } from '../../../gateway/index.ts';
import { contain } from '../../../lib/guarded.ts';
import { StoreError, type MessageBody } from '../../../storage/index.ts';
import { isLogLevel } from '../../wire/log-levels.ts';
import type { ParsedMessage } from '../../wire/jsonrpc.ts';
import { noHeaders } from '../exchange/arrival.ts';
import type { Core } from '../exchange/core.ts';
import type { HttpSession } from './http-session.ts';
import type { Sessions } from './sessions.ts';
import type { LegacyServer } from '../sessions/session-server.ts';
import { Session } from '../sessions/session.ts';
import { maxSessionMs, openSession, sealSession } from './session-token.ts';
import type { SharedParts } from '../exchange/shared-parts.ts';

/** A record that is missing says nothing for so long after the store came back: it may have lost what it held. */
const recoveryMs = 10_000;

/** Fields of a record: `at:REPLICA`, `uri:URI`, and these. */
const levelField = 'level';
const listenField = 'listen';
const holderPrefix = 'at:';
const uriPrefix = 'uri:';

/** What a client may send that has no answer. */
type Accepted = Exclude<ParsedMessage, { kind: 'request' }>;

/**
 * The sessions of the older revisions as all replicas know them. What never changes stands in the sealed id, so that a
 * session goes on while the store is down. The store has the rest: that a session is used and has not ended, the log
 * level, the watched URIs, and which replicas hold it, for messages between them.
 */
export class SharedSessions {
  readonly #parts: SharedParts;
  readonly #core: Core;
  readonly #sessions: Sessions;
  readonly #server: LegacyServer;
  /** Sessions that are being taken over, by id. */
  readonly #adopting = new Map<string, Promise<HttpSession | undefined>>();
  /** Ended here while the store was down. */
  readonly #endedUntold = new Set<string>();
  readonly #forget: () => void;
  #storeBackMs = -Infinity;

  constructor(parts: SharedParts, core: Core, sessions: Sessions, server: LegacyServer) {
    this.#parts = parts;
    this.#core = core;
    this.#sessions = sessions;
    this.#server = server;
    const { replicas, store } = parts;
    replicas.on('session-ended', (body) =>
      this.#withSession(body, (held) => this.#sessions.end(held, 'ended elsewhere')),
    );
    replicas.on('session-changed', (body) => this.#withSession(body, (held) => this.#sync(held, false)));
    replicas.on('session-offer', (body) =>
      this.#withSession(body, ({ session }) => session.outlet?.offer(String(body['text']))),
    );
    replicas.on('session-message', (body) =>
      this.#withSession(body, ({ session }) => this.#accept(session, body['parsed'] as Accepted)),
    );
    this.#forget = store.onAvailable(() => this.#recover());
  }

  /** Gives a new session its sealed id and tells the store of it. Undefined where the client says too much of itself. */
  seal(session: Session): string | undefined {
    session.endsAtMs = this.#core.wallClock() + maxSessionMs;
    this.#equip(session);
    return sealSession(
      this.#parts,
      { caller: session.caller, endsAtMs: session.endsAtMs },
      session.caller.principal,
    );
  }

  /** Writes a session into the store; one that cannot be reached is told when it is back. */
  async opened(session: Session): Promise<void> {
    await this.#quietly(() => this.#write(session, {}));
  }

  /** Takes over a session that another replica opened; undefined when it has ended, or is not this principal's. */
  adopt(token: string, principal: Principal): Promise<HttpSession | undefined> | undefined {
    const identity = openSession(this.#parts, token, principal, this.#core.wallClock());
    if (identity === undefined || this.#endedUntold.has(identity.caller.sessionId)) return undefined;
    const { sessionId } = identity.caller;
    const running = this.#adopting.get(sessionId);
    if (running !== undefined) return running;
    const caller: Caller = { ...identity.caller, principal, forwardedHeaders: noHeaders };
    const adopting = this.#adopt(token, caller, identity.endsAtMs).finally(() =>
      this.#adopting.delete(sessionId),
    );
    this.#adopting.set(sessionId, adopting);
    return adopting;
  }

  /** Says that a session is in use. Waits for nothing. */
  touch({ session }: HttpSession): void {
    const nowMs = this.#core.now();
    const ttlMs = this.#core.limits.sessionTtlMs;
    if (session.toldUsedMs + ttlMs / 4 > nowMs) return;
    session.toldUsedMs = nowMs;
    contain('a shared session', this.#core.onDefect, () =>
      this.#quietly(async () => {
        const { store } = this.#parts;
        if (await store.extend(keyOf(session), ttlMs)) return;
        await this.#write(session, {});
      }),
    );
  }

  /** Tells the store, and the replicas that hold the session, its log level. @throws {StoreError} */
  async #saveLevel(session: Session): Promise<void> {
    await this.#change(session, { [levelField]: session.logLevel ?? null });
  }

  /** The same for one watched URI. @throws {StoreError} */
  async #saveUri(session: Session, uri: string): Promise<void> {
    await this.#change(session, { [uriPrefix + uri]: session.subscribedUris.has(uri) ? '1' : null });
  }

  /** This replica has the stream now for what belongs to no request. Waits for nothing. */
  listening(session: Session): void {
    contain('a shared session', this.#core.onDefect, () =>
      this.#quietly(() => this.#change(session, { [listenField]: this.#parts.replicas.id })),
    );
  }

  /** Ends a session everywhere, at its client's wish. With the store down, elsewhere it may live until its id ends. */
  async end(held: HttpSession): Promise<void> {
    const { session } = held;
    const { sessionId } = session.caller;
    this.#sessions.end(held);
    this.#endedUntold.add(sessionId);
    await this.#quietly(async () => {
      await this.#writeEnd(sessionId, session.endsAtMs);
      const record = await this.#parts.store.fields(keyOf(session));
      await this.#parts.store.delete(keyOf(session));
      await this.#tell(session, record, 'session-ended', {});
    });
  }

  /** Lets go of a session that goes on elsewhere. */
  async release(session: Session): Promise<void> {
    const { store, replicas } = this.#parts;
    if (!store.available) return;
    await this.#quietly(async () => {
      const record = await store.fields(keyOf(session));
      if (record[holderPrefix + replicas.id] === undefined) return;
      const listens = record[listenField] === replicas.id ? { [listenField]: null } : {};
      const fields = { [holderPrefix + replicas.id]: null, used: '1', ...listens };
      await store.change(keyOf(session), fields, this.#core.limits.sessionTtlMs);
    });
  }

  /**
   * Passes on what this replica has no use for: an answer to another one's question, or what every holder must hear.
   * @returns false when the replica that it is for is gone
   * @throws {StoreError}
   */
  async passOn(session: Session, parsed: Accepted): Promise<boolean> {
    const { replicas, store } = this.#parts;
    const named = nameIn(parsed);
    if (named !== undefined) {
      const owner = replicas.ownerOf(named, askScope(session));
      if (owner === undefined || owner === replicas.id) return true;
      return replicas.send(owner, 'session-message', this.#bodyOf(session, { parsed }));
    }
    await this.#tell(session, await store.fields(keyOf(session)), 'session-message', { parsed });
    return true;
  }

  /** The held session that a message is about, checked again: it must be the same principal's. */
  heldBy(body: MessageBody): HttpSession | undefined {
    const held = this.#sessions.bySessionId(String(body['session']));
    return held !== undefined && principalKey(held.session.caller.principal) === body['principal']
      ? held
      : undefined;
  }

  bodyFor(session: Session, more: MessageBody): MessageBody {
    return this.#bodyOf(session, more);
  }

  close(): void {
    this.#forget();
  }

  async #adopt(token: string, caller: Caller, endsAtMs: number): Promise<HttpSession | undefined> {
    const session = new Session(caller, this.#core.now(), this.#core.onDefect);
    session.endsAtMs = endsAtMs;
    this.#equip(session);
    const known = await this.#read(session);
    if (known === 'ended') return undefined;
    if (known !== undefined) this.#apply(session, known);
    const held = this.#sessions.add(session, this.#core.now(), token);
    if (held === undefined) return undefined;
    this.#server.restore(session);
    await this.#quietly(() => this.#write(session, known ?? {}));
    return held;
  }

  /** The record; undefined when nothing can be known now; `ended` when the session is over. */
  async #read(session: Session): Promise<Readonly<Record<string, string>> | 'ended' | undefined> {
    const { store } = this.#parts;
    if (!store.available) return undefined;
    try {
      const [record, ended] = await Promise.all([
        store.fields(keyOf(session)),
        store.get(endKeyOf(session.caller.sessionId)),
      ]);
      if (ended !== undefined) return 'ended';
      if (Object.keys(record).length > 0) return record;
      return this.#core.now() < this.#storeBackMs + recoveryMs ? undefined : 'ended';
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Takes from the record what other replicas were told. */
  #apply(session: Session, record: Readonly<Record<string, string>>): void {
    const level = record[levelField];
    session.logLevel = isLogLevel(level) ? level : undefined;
    const uris = Object.keys(record).flatMap((field) =>
      field.startsWith(uriPrefix) ? [field.slice(uriPrefix.length)] : [],
    );
    for (const uri of session.subscribedUris) if (!uris.includes(uri)) session.subscribedUris.delete(uri);
    for (const uri of uris) session.subscribedUris.add(uri);
    const listener = record[listenField];
    const { replicas } = this.#parts;
    session.remoteOutlet =
      listener === undefined || listener === replicas.id
        ? undefined
        : {
            offer: (text) =>
              contain('a shared session', this.#core.onDefect, () =>
                this.#quietly(() =>
                  replicas.send(listener, 'session-offer', this.#bodyOf(session, { text })),
                ),
              ),
            close: () => undefined,
          };
  }

  /** Compares a held session with its record, which other replicas may have changed or ended. */
  async #sync(held: HttpSession, writes: boolean): Promise<void> {
    const { session } = held;
    const known = await this.#read(session);
    if (known === 'ended') return this.#sessions.end(held, 'ended elsewhere');
    const before = new Set(session.subscribedUris);
    if (known !== undefined) this.#apply(session, known);
    if ([...session.subscribedUris].some((uri) => !before.has(uri))) this.#server.restore(session);
    if (writes) await this.#quietly(() => this.#write(session, {}));
  }

  /** The store is back, perhaps without what it held: each session is written again, unless it was ended meanwhile. */
  #recover(): void {
    this.#storeBackMs = this.#core.now();
    for (const sessionId of this.#endedUntold)
      contain('a shared session', this.#core.onDefect, () =>
        this.#quietly(() => this.#writeEnd(sessionId, this.#core.wallClock() + maxSessionMs)),
      );
    for (const held of this.#sessions.values())
      contain('a shared session', this.#core.onDefect, () => this.#sync(held, true));
  }

  /** Says that this replica holds a session, with all that the session is known to be. */
  async #write(session: Session, known: Readonly<Record<string, string>>): Promise<void> {
    const fields: Record<string, string> = { [holderPrefix + this.#parts.replicas.id]: '1' };
    if (session.logLevel !== undefined && known[levelField] === undefined)
      fields[levelField] = session.logLevel;
    for (const uri of session.subscribedUris)
      if (known[uriPrefix + uri] === undefined) fields[uriPrefix + uri] = '1';
    session.toldUsedMs = this.#core.now();
    await this.#parts.store.change(keyOf(session), fields, this.#core.limits.sessionTtlMs);
  }

  async #change(session: Session, fields: Readonly<Record<string, string | null>>): Promise<void> {
    const { store } = this.#parts;
    await store.change(keyOf(session), fields, this.#core.limits.sessionTtlMs);
    await this.#tell(session, await store.fields(keyOf(session)), 'session-changed', {});
  }

  async #writeEnd(sessionId: string, endsAtMs: number): Promise<void> {
    await this.#parts.store.set(endKeyOf(sessionId), '1', { ttlMs: endsAtMs - this.#core.wallClock() });
    this.#endedUntold.delete(sessionId);
  }

  /** Tells each other replica that holds the session. */
  async #tell(
    session: Session,
    record: Readonly<Record<string, string>>,
    kind: string,
    more: MessageBody,
  ): Promise<void> {
    const { replicas } = this.#parts;
    const holders = Object.keys(record).flatMap((field) =>
      field.startsWith(holderPrefix) ? [field.slice(holderPrefix.length)] : [],
    );
    const others = holders.filter((id) => id !== replicas.id);
    await Promise.all(others.map((id) => replicas.send(id, kind, this.#bodyOf(session, more))));
  }

  #withSession(body: MessageBody, act: (held: HttpSession) => unknown): unknown {
    const held = this.heldBy(body);
    return held === undefined ? undefined : act(held);
  }

  #accept(session: Session, parsed: Accepted): void {
    if (parsed.kind === 'notification') this.#server.heard(session, parsed.message);
    else session.asks.settle(parsed.message);
  }

  /** Has the session's questions named so that any replica can tell whose they are. */
  #equip(session: Session): void {
    const tag = this.#parts.replicas.tag(askScope(session));
    session.asks.nameBy((count) => `${count}.${tag}`);
    session.shared = {
      levelSet: () => this.#saveLevel(session),
      uriChanged: (uri) => this.#saveUri(session, uri),
    };
  }

  #bodyOf({ caller }: Session, more: MessageBody): MessageBody {
    return { ...more, session: caller.sessionId, principal: principalKey(caller.principal) };
  }

  /** For what can wait until the store is back. */
  async #quietly(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

/** The tag in the id of the question that a message is about; undefined where it is about none. */
function nameIn(parsed: Accepted): string | undefined {
  const { message } = parsed;
  const id = 'method' in message ? (message.params?.['progressToken'] ?? undefined) : message.id;
  if ('method' in message && message.method !== 'notifications/progress') return undefined;
  const text = String(id);
  return text.slice(text.indexOf('.') + 1);
}

function askScope({ caller }: Session): string {
  return `questions of ${caller.sessionId}`;
}

function keyOf({ caller }: Session): string {
  return `session:${caller.sessionId}`;
}

function endKeyOf(sessionId: string): string {
  return `ended:${sessionId}`;
}
