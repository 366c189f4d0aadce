import type { JsonObject } from '../../gateway/index.ts';
import { ProtocolError, errorCodes } from '../../gateway/index.ts';
import type { RequestId, RpcError, RpcResult } from '../wire/jsonrpc.ts';
import { notificationText, requestText, toProtocolError } from '../wire/jsonrpc.ts';

interface PendingAsk {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that wait for one client before they are refused. */
const maxPending = 100;

/** The gateway's own requests to one legacy client that have no answer yet. */
export class Asks {
  readonly #pending = new Map<RequestId, PendingAsk>();
  #lastId = 0;

  /**
   * Sends a request through `send` and waits for its answer.
   * @throws {ProtocolError} the client's error answer, or too many questions; else whatever `signal` was aborted with.
   */
  ask(
    send: (text: string) => void,
    method: string,
    params: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    if (this.#pending.size >= maxPending) {
      return Promise.reject(
        new ProtocolError(
          errorCodes.internalError,
          `${method}: ${maxPending} questions already wait for this client`,
        ),
      );
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        this.#pending.delete(id);
        send(notificationText('notifications/cancelled', { requestId: id }));
        reject(signal.reason as Error);
      };
      const forget = (): void => {
        this.#pending.delete(id);
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        resolve: (result) => (forget(), resolve(result)),
        reject: (error) => (forget(), reject(error)),
      });
      send(requestText(id, method, params));
    });
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
