import { randomUUID } from 'node:crypto';
import type {
  Caller,
  Gateway,
  GatewayEvent,
  RequestContext,
  ServerCapabilities,
} from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { holderOf } from '../../../gateway/index.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import type { RequestId, RpcErrorBody } from '../../wire/jsonrpc.ts';
import { errorText, isObject, notificationText, resultText } from '../../wire/jsonrpc.ts';
import { metaKeys } from '../../wire/revisions.ts';
import { toDescribe } from '../exchange/dispatch.ts';
import type { Reply } from '../exchange/reply.ts';
import { placesOf } from '../exchange/sub-resources.ts';

/** What a client asked to hear, or what the gateway agreed to send. */
interface ListenFilter extends JsonObject {
  toolsListChanged?: true;
  promptsListChanged?: true;
  resourcesListChanged?: true;
  resourceSubscriptions?: string[];
}

/** URIs that one stream may watch. */
const maxUris = 1_000;

const unasked = new ProtocolError(errorCodes.methodNotFound, 'nothing can be asked of a client that listens');

export interface ListensOptions {
  /** Streams that may be open at once. */
  readonly max: number;
  readonly serverInfo: () => JsonObject;
  /** Told the session id of each stream that was opened, when it is over. */
  readonly onOver: (sessionId: string) => void;
  readonly now: () => number;
  /** The event as a stream's caller may hear it; undefined when it is not for it. */
  readonly eventFor: (event: GatewayEvent, caller: Caller) => GatewayEvent | undefined;
  /** What the client is told of an error. */
  readonly errorBody: (error: unknown) => RpcErrorBody;
  readonly onDefect: OnDefect;
}

/**
 * The `subscriptions/listen` streams of 2026-07-28 clients: a request whose answer comes only when the gateway ends it,
 * and before it every change the client asked to hear, tagged with the request's id.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class Listens {
  readonly #open = new Set<Listen>();
  readonly #max: number;
  readonly #serverInfo: () => JsonObject;
  readonly #onOver: (sessionId: string) => void;
  readonly #now: () => number;
  readonly #eventFor: ListensOptions['eventFor'];
  readonly #errorBody: (error: unknown) => RpcErrorBody;
  readonly #onDefect: OnDefect;

  constructor(options: ListensOptions) {
    this.#max = options.max;
    this.#serverInfo = options.serverInfo;
    this.#onOver = options.onOver;
    this.#now = options.now;
    this.#eventFor = options.eventFor;
    this.#errorBody = options.errorBody;
    this.#onDefect = options.onDefect;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Opens a stream, which acknowledges what it will carry; a bad filter, or one stream too many, is answered with an
   * error. Never throws.
   */
  open(gateway: Gateway, caller: Caller, id: RequestId, params: JsonObject, reply: Reply): Listen {
    // Watched resources belong to the stream, not to the connection: they end with it.
    const own = { ...caller, sessionId: randomUUID(), hasSession: true };
    const listen = new Listen(own, id, reply, {
      holder: holderOf(caller),
      serverInfo: this.#serverInfo,
      now: this.#now,
      errorBody: this.#errorBody,
      onOver: () => {
        if (this.#open.delete(listen)) this.#onOver(own.sessionId);
      },
    });
    if (this.#open.size >= this.#max) {
      listen.fail(new ProtocolError(errorCodes.internalError, 'too many subscriptions are open'));
      return listen;
    }
    this.#open.add(listen);
    contain('the start of a subscription', this.#onDefect, () => listen.begin(gateway, params));
    return listen;
  }

  /**
   * Hands an event to every stream that asked for it and that it concerns.
   * @param concerns false for streams that it tells nothing new: of callers who see no change, or opened since
   */
  hear(
    event: GatewayEvent,
    concerns: (listen: Pick<Listen, 'openedMs' | 'caller'>) => boolean = () => true,
  ): void {
    for (const listen of this.#open) {
      contain('news for a subscription', this.#onDefect, () => {
        if (!listen.isConcerned(event) || !concerns(listen)) return;
        const heard = this.#eventFor(event, listen.caller);
        if (heard !== undefined) listen.hear(heard);
      });
    }
  }

  *callers(): Iterable<Caller> {
    for (const { caller } of this.#open) yield caller;
  }

  /** Watches on the gateway now in force what streams watched on the one before. */
  moveTo(gateway: Gateway): void {
    for (const listen of this.#open) {
      contain('the renewal of a subscription', this.#onDefect, () => listen.watch(gateway));
    }
  }

  /** Ends every stream, saying so to its client. */
  close(): void {
    for (const listen of this.#open) listen.end();
  }
}

interface ListenOptions {
  /** Whose lists it hears of: those of the client that asked for the stream. */
  readonly holder: string;
  readonly serverInfo: () => JsonObject;
  readonly onOver: () => void;
  readonly now: () => number;
  readonly errorBody: (error: unknown) => RpcErrorBody;
}

/** One open stream. */
export class Listen {
  readonly caller: Caller;
  readonly id: RequestId;
  /** When it was acknowledged, by the endpoint's clock; until then, when it was asked for. */
  #openedMs: number;
  readonly #now: () => number;
  readonly #holder: string;
  readonly #reply: Reply;
  readonly #serverInfo: () => JsonObject;
  readonly #whenOver: (() => void)[];
  readonly #errorBody: (error: unknown) => RpcErrorBody;
  readonly #controller = new AbortController();
  #filter: ListenFilter = {};
  #acknowledged = false;
  #over = false;

  constructor(caller: Caller, id: RequestId, reply: Reply, options: ListenOptions) {
    this.caller = caller;
    this.id = id;
    this.#now = options.now;
    this.#holder = options.holder;
    this.#openedMs = options.now();
    this.#reply = reply;
    this.#serverInfo = options.serverInfo;
    this.#whenOver = [options.onOver];
    this.#errorBody = options.errorBody;
  }

  /** Has `act` called when the stream is over, at once where it is already. */
  onOver(act: () => void): void {
    if (this.#over) act();
    else this.#whenOver.push(act);
  }

  get openedMs(): number {
    return this.#openedMs;
  }

  get settled(): boolean {
    return this.#over;
  }

  /** False for what happened to some other client alone. */
  isConcerned(event: GatewayEvent): boolean {
    if (!('sessionId' in event) || event.sessionId === undefined) return true;
    return event.sessionId === this.#holder;
  }

  /** Agrees to what the gateway can deliver, and says so first of all. Never rejects. */
  async begin(gateway: Gateway, params: JsonObject): Promise<void> {
    try {
      const asked = parseFilter(params['notifications']);
      this.#filter = honoured(asked, (await gateway.ask(toDescribe(this.caller))).capabilities);
      await this.watch(gateway);
      this.#send('notifications/subscriptions/acknowledged', { notifications: this.#filter });
      this.#acknowledged = true;
      this.#openedMs = this.#now();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Asks the gateway for updates of the URIs; those that it refuses are dropped from the filter. */
  async watch(gateway: Gateway): Promise<void> {
    const uris = this.#filter.resourceSubscriptions;
    if (uris === undefined) return;
    const watched = await Promise.all(
      uris.map(async (uri) => {
        try {
          await gateway.ask({ ...this.#context(), method: 'resources/subscribe', params: { uri } });
          return uri;
        } catch (error) {
          if (!this.#controller.signal.aborted) this.#errorBody(error);
          // The acknowledgement tells the client: it lists what will be sent.
          return undefined;
        }
      }),
    );
    this.#filter.resourceSubscriptions = watched.filter((uri) => uri !== undefined);
  }

  /** Before the acknowledgement, which must come first, nothing: a client reads what it watches after it. */
  hear(event: GatewayEvent): void {
    if (!this.#acknowledged) return;
    switch (event.type) {
      case 'toolsChanged':
        if (this.#filter.toolsListChanged) this.#send('notifications/tools/list_changed', {});
        return;
      case 'promptsChanged':
        if (this.#filter.promptsListChanged) this.#send('notifications/prompts/list_changed', {});
        return;
      case 'resourcesChanged':
        if (this.#filter.resourcesListChanged) this.#send('notifications/resources/list_changed', {});
        return;
      case 'resourceUpdated':
        if (this.#watches(event.params.uri)) this.#send('notifications/resources/updated', event.params);
        return;
      case 'message':
      case 'notification':
        return; // A listening client has no way to ask for these.
    }
  }

  /** The gateway ends it: the request is answered at last. */
  end(): void {
    if (this.#over) return;
    const meta = { [metaKeys.subscriptionId]: this.id, [metaKeys.serverInfo]: this.#serverInfo() };
    this.#reply.answer(resultText(this.id, { resultType: 'complete', _meta: meta }), 200);
    this.#finish();
  }

  /** It could not begin. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#reply.answer(errorText(this.id, this.#errorBody(error)), 200);
    this.#finish();
  }

  /** The client ended it. */
  cancel(): void {
    if (this.#over) return;
    this.#reply.drop();
    this.#finish();
  }

  #watches(uri: string): boolean {
    const watched = this.#filter.resourceSubscriptions;
    return watched !== undefined && placesOf(uri).some((place) => watched.includes(place));
  }

  #finish(): void {
    this.#over = true;
    this.#controller.abort();
    for (const act of this.#whenOver) act();
  }

  #send(method: string, params: JsonObject): void {
    if (this.#over) return;
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const tagged = { ...params, _meta: { ...meta, [metaKeys.subscriptionId]: this.id } };
    this.#reply.offer(notificationText(method, tagged));
  }

  #context(): RequestContext {
    const client = { canAsk: false, notify: () => {}, request: () => Promise.reject(unasked) };
    return { origin: 'client', caller: this.caller, client, signal: this.#controller.signal };
  }
}

/** The part of what a client asks to hear that the gateway can tell it. */
function honoured(asked: ListenFilter, { tools, prompts, resources }: ServerCapabilities): ListenFilter {
  const filter: ListenFilter = {};
  if (asked.toolsListChanged && offers(tools, 'listChanged')) filter.toolsListChanged = true;
  if (asked.promptsListChanged && offers(prompts, 'listChanged')) filter.promptsListChanged = true;
  if (asked.resourcesListChanged && offers(resources, 'listChanged')) filter.resourcesListChanged = true;
  if (asked.resourceSubscriptions !== undefined && offers(resources, 'subscribe')) {
    filter.resourceSubscriptions = asked.resourceSubscriptions;
  }
  return filter;
}

function parseFilter(value: unknown): ListenFilter {
  if (!isObject(value)) throw invalidFilter('"notifications" to be an object');
  const filter: ListenFilter = {};
  for (const key of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const) {
    const wanted = value[key];
    if (wanted !== undefined && typeof wanted !== 'boolean')
      throw invalidFilter(`"${key}" to be true or false`);
    if (wanted === true) filter[key] = true;
  }
  const uris = value['resourceSubscriptions'];
  if (uris === undefined) return filter;
  if (!Array.isArray(uris) || uris.length > maxUris || !uris.every((uri) => typeof uri === 'string')) {
    throw invalidFilter(`"resourceSubscriptions" to be at most ${maxUris} URIs`);
  }
  if (uris.length > 0) filter.resourceSubscriptions = [...new Set(uris)];
  return filter;
}

function invalidFilter(expected: string): ProtocolError {
  return new ProtocolError(errorCodes.invalidParams, `expected ${expected}`);
}

function offers(capability: unknown, feature: string): boolean {
  return isObject(capability) && capability[feature] === true;
}
