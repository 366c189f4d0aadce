import { abortReason, errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import type { RequestId, RpcError, RpcResult } from '../../wire/jsonrpc.ts';
import { isRequestId, notificationText, requestText, toProtocolError } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf } from '../../wire/revisions.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';

/** What a client is asked. */
export interface Question {
  readonly method: string;
  readonly params: JsonObject;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Told what the client reports meanwhile. */
  readonly onProgress: ((progress: JsonObject) => void) | undefined;
}

interface PendingAsk {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: JsonObject) => void) | undefined;
}

/** Requests that wait for one client before they are refused. */
const maxPending = 100;

/** The gateway's own requests to one legacy client that have no answer yet. */
export class Asks {
  readonly #onDefect: OnDefect | undefined;
  readonly #pending = new Map<RequestId, PendingAsk>();
  #lastId = 0;
  #nameOf: (count: number) => RequestId = (count) => count;

  constructor(onDefect: OnDefect | undefined) {
    this.#onDefect = onDefect;
  }

  /** Has further questions named so: other replicas must be able to tell whose they are. */
  nameBy(nameOf: (count: number) => RequestId): void {
    this.#nameOf = nameOf;
  }

  /** True while a question of this name has no answer. */
  isPending(id: unknown): boolean {
    return isRequestId(id) && this.#pending.has(id);
  }

  /**
   * Sends a request through `send` and waits for its answer.
   * @throws {ProtocolError} the client's error answer, or too many questions; else whatever `signal` was aborted with.
   */
  ask(send: (text: string) => void, question: Question): Promise<JsonObject> {
    const { method, params, signal, onProgress } = question;
    if (this.#pending.size >= maxPending) {
      return Promise.reject(
        new ProtocolError(
          errorCodes.internalError,
          `${method}: ${maxPending} questions already wait for this client`,
        ),
      );
    }
    const id = this.#nameOf(++this.#lastId);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        this.#pending.delete(id);
        reject(abortReason(signal));
        contain('a question taken back', this.#onDefect, () =>
          send(notificationText('notifications/cancelled', { requestId: id })),
        );
      };
      const forget = (): void => {
        this.#pending.delete(id);
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        resolve: (result) => (forget(), resolve(result)),
        reject: (error) => (forget(), reject(error)),
        onProgress,
      });
      send(requestText(id, method, withToken(params, id)));
    });
  }

  /** Hands a report of the client to whoever asked. */
  progress(params: JsonObject): void {
    const token = params[metaKeys.progressToken];
    if (isRequestId(token)) this.#pending.get(token)?.onProgress?.(params);
  }

  /** Hands an answer of the client to whoever asked. Answers to nothing are ignored, as a late one would be. */
  settle(answer: RpcResult | RpcError): void {
    const pending = answer.id === undefined || answer.id === null ? undefined : this.#pending.get(answer.id);
    if (pending === undefined) return;
    if ('result' in answer) pending.resolve(answer.result);
    else pending.reject(toProtocolError(answer.error));
  }

  /** Fails every question, because the client is gone. */
  abandon(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error);
  }
}

/** Each question has a token of its own: those of several backends may be the same. */
function withToken(params: JsonObject, token: RequestId): JsonObject {
  const meta = metaOf(params);
  if (meta?.[metaKeys.progressToken] === undefined) return params;
  return { ...params, _meta: { ...meta, [metaKeys.progressToken]: token } };
}
