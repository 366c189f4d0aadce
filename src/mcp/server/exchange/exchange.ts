import type { ClientPort } from '../../../gateway/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import type { TextPieces } from '../../../lib/text-pieces.ts';
import { notificationText } from '../../wire/jsonrpc.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import type { Question } from './asks.ts';
import type { Reply } from './reply.ts';

/**
 * One running request of a client: its way back, its cancellation, and the `ClientPort` that the gateway is handed.
 * Settled exactly once, by whichever of answer and cancellation comes first; everything after that is ignored.
 */
export abstract class Exchange implements ClientPort {
  abstract readonly canAsk: boolean;
  readonly id: RequestId;
  readonly method: string;
  /** True once the gateway was asked: its stages have seen the request. */
  asked = false;
  /** Where messages go; undefined while the client has been answered `input_required` and has not come back. */
  protected reply: Reply | undefined;
  readonly #controller = new AbortController();
  #settled = false;

  constructor(id: RequestId, method: string, reply: Reply) {
    this.id = id;
    this.method = method;
    this.reply = reply;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get settled(): boolean {
    return this.#settled;
  }

  notify(method: string, params: JsonObject): void {
    if (this.#settled || this.reply === undefined) return;
    if (method === 'notifications/message' && !this.wantsLog(params['level'])) return;
    this.reply.offer(notificationText(method, params));
  }

  /** Asks the client; given up with the request, at the latest. */
  request(
    method: string,
    params: JsonObject,
    signal: AbortSignal,
    onProgress?: (progress: JsonObject) => void,
  ): Promise<JsonObject> {
    return this.ask({ method, params, signal: AbortSignal.any([signal, this.signal]), onProgress });
  }

  protected abstract ask(question: Question): Promise<JsonObject>;

  /** True when the client asked for log messages of this level. */
  protected abstract wantsLog(level: JsonValue | undefined): boolean;

  /** Sends the answer, unless the exchange is settled. */
  answer(text: TextPieces, status: number): void {
    if (this.#settled) return;
    this.#settled = true;
    this.reply?.answer(text, status);
  }

  /** Stops the call because its client wants no answer any more. */
  cancel(reason: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.reply?.drop();
    this.#controller.abort(reason);
  }

  /** Stops the call and tells the client so. */
  abort(reason: Error, text: TextPieces, status: number): void {
    if (this.#settled) return;
    this.answer(text, status);
    this.#controller.abort(reason);
  }
}
