import type { BackendRequest } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { metaKeys, metaOf, modernRevision } from '../../wire/revisions.ts';
import type { Connection } from '../connection/connection.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { LogLevels } from './log-levels.ts';

export interface LogWishesOptions {
  /** Of telling the backend. */
  readonly timeoutMs: number;
  readonly onDebug: (message: string) => void;
}

/** How much a client of 2026-07-28 can want at most. What is less, the edge leaves out of what a backend says by itself. */
const everything = 'debug';

/**
 * How much clients want to hear of one backend. A 2026-07-28 backend is told with each request; an older one once for each
 * connection: a session's level on its own, and on one that is shared, what the chattiest wants.
 */
export class LogWishes {
  readonly #options: LogWishesOptions;
  readonly #levels = new LogLevels();
  /** Connections of older backends over which a 2026-07-28 client wants to hear everything. */
  readonly #chatty = new WeakSet<Connection>();

  constructor(options: LogWishesOptions) {
    this.#options = options;
  }

  /** What a 2026-07-28 backend is told with a request. */
  levelFor({ caller, params }: BackendRequest): string | undefined {
    const own =
      caller.revision === modernRevision
        ? metaOf(params)?.[metaKeys.logLevel]
        : this.#levels.orDefault(caller.sessionId);
    return typeof own === 'string' ? own : undefined;
  }

  /** A connection was opened: of one session alone, or shared. Resolves once it has been told what was wished before. */
  opened(connection: Connection, sessionId: string | undefined): Promise<void> {
    const level = sessionId === undefined ? this.#levels.chattiest() : this.#levels.get(sessionId);
    return level === undefined ? Promise.resolve() : this.#tell(connection, level);
  }

  /** Before a request goes out; undefined when there is nothing to tell. */
  beforeRequest(connection: Connection, { caller, params }: BackendRequest): Promise<void> | undefined {
    if (caller.revision !== modernRevision || connection.info.revision === modernRevision) return undefined;
    if (metaOf(params)?.[metaKeys.logLevel] !== everything || this.#chatty.has(connection)) return undefined;
    this.#chatty.add(connection);
    return this.#tell(connection, everything);
  }

  /** A client's `logging/setLevel`, which goes to its session's own connection where it has one. */
  async setLevel(
    request: BackendRequest,
    { shared, own }: { shared: Connection; own: Promise<Connection> | undefined },
  ): Promise<JsonObject> {
    const { level } = request.params;
    if (typeof level !== 'string')
      throw new ProtocolError(errorCodes.invalidParams, 'logging/setLevel needs a "level"');
    this.#levels.set(request.caller.sessionId, level);
    if (shared.info.revision === modernRevision) return {};
    const ownConnection = await own;
    if (ownConnection !== undefined) return ownConnection.request(request, { logLevel: undefined });
    const loudest = this.#chatty.has(shared) ? everything : (this.#levels.chattiest() ?? level);
    return shared.request({ ...request, params: { level: loudest } }, { logLevel: undefined });
  }

  forget(sessionId: string): void {
    this.#levels.forget(sessionId);
  }

  /** What the backend answers is only worth a line in the log. */
  async #tell(connection: Connection, level: string): Promise<void> {
    const { revision, capabilities } = connection.info;
    if (revision === modernRevision || capabilities['logging'] === undefined) return;
    const { timeoutMs, onDebug } = this.#options;
    const { signal } = new AbortController();
    try {
      await connection.own({ method: 'logging/setLevel', params: { level }, signal, timeoutMs });
    } catch (error) {
      onDebug(`did not take the log level: ${messageOf(error)}`);
    }
  }
}
