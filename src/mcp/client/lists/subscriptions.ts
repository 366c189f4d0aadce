import type { BackendInfo, BackendRequest } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { BackendError, waitFor } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { modernRevision } from '../../wire/revisions.ts';
import type { Connection } from '../connection/connection.ts';
import { ListenStream } from '../transport/http/listen-stream.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { ResourceWatch } from './resource-watch.ts';
import type { OnLog } from '../transport/transport.ts';

export interface SubscriptionsOptions {
  readonly backend: string;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
  /** Of a request that only the gateway has an interest in. */
  readonly timeoutMs: number;
  /** For a while nothing could be heard, so that lists may have changed unheard. */
  onGap(): void;
}

/**
 * What the gateway wants to hear of from one backend, over its shared connection: changes of lists, and the resources that
 * client sessions watch. Survives the connection: a new one is told anew.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #watch = new ResourceWatch();
  /** Of each resource that is watched, whether the backend took that; told once it is known. */
  readonly #begun = new Map<string, Promise<boolean>>();
  #connection: Connection | undefined;
  #stream: ListenStream | undefined;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** A shared connection stands. */
  connected(connection: Connection): void {
    this.disconnected();
    this.#connection = connection;
    if (connection.info.revision === modernRevision) return this.#listen(connection);
    for (const uri of this.#watch.uris()) this.#tell('resources/subscribe', uri);
  }

  disconnected(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#connection = undefined;
  }

  /** A client's `resources/subscribe`. */
  async subscribe(request: BackendRequest, send: () => Promise<JsonObject>): Promise<JsonObject> {
    const uri = uriOf(request);
    const info = this.#connection?.info;
    if (info !== undefined && !offersSubscriptions(info)) {
      throw new ProtocolError(
        errorCodes.methodNotFound,
        'the backend of this resource offers no subscriptions',
      );
    }
    const { sessionId } = request.caller;
    this.#watch.add(uri, sessionId);
    const begun = this.#begun.get(uri);
    if (begun === undefined) return this.#begin(uri, request, send);
    if (await begun) return {};
    // Why another's attempt failed (it was cancelled, say) is not this one's affair.
    if (request.signal.aborted) this.#watch.remove(uri, sessionId);
    request.signal.throwIfAborted();
    return this.subscribe(request, send);
  }

  async #begin(uri: string, request: BackendRequest, send: () => Promise<JsonObject>): Promise<JsonObject> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#begun.set(uri, promise);
    try {
      const result = await (this.#stream === undefined
        ? send()
        : this.#acknowledged(this.#stream.watch(this.#watch.uris()), request));
      resolve(true);
      return result ?? {};
    } catch (error) {
      if (this.#begun.get(uri) === promise) this.#begun.delete(uri);
      this.#watch.remove(uri, request.caller.sessionId);
      resolve(false);
      throw error;
    }
  }

  /** A client's `resources/unsubscribe`. */
  async unsubscribe(request: BackendRequest, send: () => Promise<JsonObject>): Promise<JsonObject> {
    const uri = uriOf(request);
    const isLast = this.#watch.remove(uri, request.caller.sessionId);
    if (!isLast) return {};
    this.#begun.delete(uri);
    if (this.#stream === undefined) return send();
    this.#watchAnew(this.#stream);
    return {};
  }

  endSession(sessionId: string): void {
    const abandoned = this.#watch.removeSession(sessionId);
    if (abandoned.length === 0) return;
    for (const uri of abandoned) this.#begun.delete(uri);
    if (this.#stream !== undefined) this.#watchAnew(this.#stream);
    else for (const uri of abandoned) this.#tell('resources/unsubscribe', uri);
  }

  /** Nothing waits for it: resources that are watched for longer than asked do no harm. */
  #watchAnew(stream: ListenStream): void {
    contain('the watch of resources', this.#options.onDefect, () => stream.watch(this.#watch.uris()));
  }

  /** So that a change right after the answer is heard. */
  #acknowledged(watching: Promise<void>, { signal }: BackendRequest): Promise<void> {
    const { backend, timeoutMs } = this.#options;
    const timeout = (): Error =>
      new BackendError('timeout', backend, `did not acknowledge a subscription within ${timeoutMs} ms`);
    return waitFor(watching, { signal, timeoutMs, timeout });
  }

  #listen(connection: Connection): void {
    const { backend, onLog, onDefect, onGap } = this.#options;
    this.#stream = new ListenStream(
      {
        lists: listsOf(connection.info),
        listen: (filter) => connection.listen(filter),
        onGap,
        onDefect,
        onRefused: ({ message }) =>
          onLog({ level: 'warn', backend, message: `does not tell of changes of its lists: ${message}` }),
      },
      this.#watch.uris(),
    );
  }

  /** What the backend answers is only worth a line in the log: no client waits for it. */
  #tell(method: string, uri: string): void {
    const { backend, onLog, timeoutMs } = this.#options;
    this.#connection
      ?.own({ method, params: { uri }, signal: new AbortController().signal, timeoutMs })
      .catch((error: unknown) => {
        onLog({ level: 'debug', backend, message: `did not take ${method}: ${messageOf(error)}` });
      });
  }
}

function uriOf(request: BackendRequest): string {
  const { uri } = request.params;
  if (typeof uri === 'string') return uri;
  throw new ProtocolError(errorCodes.invalidParams, `${request.method} needs a "uri", a string`);
}

function offersSubscriptions({ capabilities }: BackendInfo): boolean {
  const { resources } = capabilities;
  return isObject(resources) && resources['subscribe'] === true;
}

/** Changes of lists that the backend says it tells of. */
function listsOf({ capabilities }: BackendInfo): JsonObject {
  const filter: JsonObject = {};
  for (const [name, field] of [
    ['tools', 'toolsListChanged'],
    ['prompts', 'promptsListChanged'],
    ['resources', 'resourcesListChanged'],
  ] as const) {
    const capability = capabilities[name];
    if (isObject(capability) && capability['listChanged'] === true) filter[field] = true;
  }
  return filter;
}
