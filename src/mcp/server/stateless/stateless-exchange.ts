import type { Caller } from '../../../gateway/index.ts';
import {
  abortReason,
  errorCodes,
  type JsonObject,
  type JsonValue,
  ProtocolError,
} from '../../../protocol/index.ts';
import type { TextPieces } from '../../../lib/text-pieces.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf } from '../../wire/revisions.ts';
import { missingCapability } from '../../wire/client-capabilities.ts';
import type { Question } from '../exchange/asks.ts';
import { Exchange } from '../exchange/exchange.ts';
import { isAtLeast, isLogLevel } from '../../wire/log-levels.ts';
import type { LogLevel } from '../../wire/log-levels.ts';
import type { Reply } from '../exchange/reply.ts';
import { guarded, type OnDefect } from '../../../lib/guarded.ts';
import { toError } from '../../../lib/thrown.ts';

/** A question of a backend that the client has not answered yet. */
interface OpenQuestion {
  readonly method: string;
  readonly params: JsonObject;
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/** The methods that may be answered with `input_required`. */
const askingMethods: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Notifications of older revisions that this one took away. */
const removedNotifications: ReadonlySet<string> = new Set([
  'notifications/elicitation/complete',
  'notifications/tasks/status',
]);

/** What an exchange asks of its owner. */
export interface ModernExchangeOwner {
  readonly onDefect: OnDefect;
  /** Keeps the exchange until its client comes back; the token to come back with. Throws when there is no room. */
  park(exchange: ModernExchange): string;
  /** The text of an answer that asks for input. */
  inputRequiredText(id: RequestId, inputRequests: JsonObject, requestState: string): TextPieces;
}

/**
 * A request under 2026-07-28. A question in mid-call answers the request with `input_required` and parks the running
 * call; the client's retry brings the answers and takes its place. So one exchange may outlive several requests, each
 * a leg of it, while the gateway sees one call.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export class ModernExchange extends Exchange {
  readonly canAsk: boolean;
  readonly caller: Caller;
  readonly params: JsonObject;
  readonly #owner: ModernExchangeOwner;
  readonly #questions = new Map<string, OpenQuestion>();
  #legId: RequestId;
  #progressToken: JsonValue | undefined;
  #logLevel: LogLevel | undefined;
  #metaFault: string | undefined;
  #asked = 0;
  #parking = false;
  /** The answer, when it came while the client was away. */
  #kept: { readonly write: (id: RequestId) => TextPieces; readonly status: number } | undefined;

  constructor(
    owner: ModernExchangeOwner,
    caller: Caller,
    id: RequestId,
    method: string,
    params: JsonObject,
    reply: Reply,
  ) {
    super(id, method, reply);
    this.canAsk = askingMethods.has(method);
    this.caller = caller;
    this.params = params;
    this.#owner = owner;
    this.#legId = id;
    this.#readLegMeta(params);
  }

  /** Why the first request's `_meta` is not valid. */
  get metaFault(): string | undefined {
    return this.#metaFault;
  }

  override notify(method: string, params: JsonObject): void {
    if (removedNotifications.has(method)) return;
    if (method !== 'notifications/progress') return super.notify(method, params);
    if (this.#progressToken === undefined) return;
    super.notify(method, { ...params, progressToken: this.#progressToken });
  }

  protected ask({ method, params, signal }: Question): Promise<JsonObject> {
    // Tasks are no longer the client's to hold: an input-required result may ask for three things, and this is none.
    if (!this.canAsk || this.settled || method.startsWith('tasks/'))
      return Promise.reject(cannotAsk(method, this.method));
    const missing = missingCapability(this.caller.capabilities, method, params);
    if (missing !== undefined) return Promise.reject(undeclared(method, missing));
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const key = `q${++this.#asked}`;
      const settle = (): void => {
        this.#questions.delete(key);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => (settle(), reject(abortReason(signal)));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#questions.set(key, {
        method,
        params,
        resolve: (answer) => (settle(), resolve(answer)),
        reject: (error) => (settle(), reject(error)),
      });
      this.#parkSoon();
    });
  }

  /** The client is back with another request, the next leg: its answers go to whoever asked. */
  resume(id: RequestId, params: JsonObject, reply: Reply): void {
    this.reply = reply;
    this.#legId = id;
    this.#readLegMeta(params);
    if (this.#kept !== undefined) return this.answer(this.#kept.write(id), this.#kept.status);
    const answers = isObject(params['inputResponses']) ? params['inputResponses'] : {};
    for (const [key, question] of this.#questions) {
      const answer = answers[key];
      if (isObject(answer)) question.resolve(answer);
    }
    if (this.#questions.size > 0) this.#parkSoon();
  }

  /** Answers the leg that waits; keeps the answer when none does. */
  finish(write: (id: RequestId) => TextPieces, status: number): void {
    if (this.reply === undefined) this.#kept = { write, status };
    else this.answer(write(this.#legId), status);
  }

  protected wantsLog(level: JsonValue | undefined): boolean {
    return this.#logLevel !== undefined && isAtLeast(level, this.#logLevel);
  }

  /** Questions asked in one turn of the event loop go to the client together. */
  #parkSoon(): void {
    if (this.#parking) return;
    this.#parking = true;
    const park = guarded('a question to a client', this.#owner.onDefect, () => {
      this.#parking = false;
      this.#park();
    });
    setImmediate(park);
  }

  #park(): void {
    if (this.settled || this.reply === undefined || this.#questions.size === 0) return;
    let token: string;
    try {
      token = this.#owner.park(this);
    } catch (error) {
      for (const question of this.#questions.values()) question.reject(toError(error));
      return;
    }
    const requests: JsonObject = {};
    for (const [key, { method, params }] of this.#questions) requests[key] = { method, params };
    const { reply } = this;
    this.reply = undefined;
    reply.answer(this.#owner.inputRequiredText(this.#legId, requests, token), 200);
  }

  /** What each leg says for itself. */
  #readLegMeta(params: JsonObject): void {
    const meta = metaOf(params);
    this.#progressToken = meta?.[metaKeys.progressToken];
    const level = meta?.[metaKeys.logLevel];
    this.#logLevel = isLogLevel(level) ? level : undefined;
    if (level !== undefined && this.#logLevel === undefined) {
      this.#metaFault = `expected "${metaKeys.logLevel}" in "_meta" to be a syslog severity such as "info"`;
    }
  }
}

function cannotAsk(method: string, during: string): ProtocolError {
  return new ProtocolError(
    errorCodes.methodNotFound,
    `the client cannot be asked ${method} during ${during}`,
  );
}

function undeclared(method: string, missing: JsonObject): ProtocolError {
  return new ProtocolError(
    errorCodes.missingRequiredClientCapability,
    `${method} needs a client capability that this request did not declare`,
    { data: { requiredCapabilities: missing } },
  );
}
