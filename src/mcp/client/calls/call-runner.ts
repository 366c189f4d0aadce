import { BackendError, type BackendRequest } from '../../../gateway/index.ts';
import { abortReason, CancelledError, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import { notificationText } from '../../wire/jsonrpc.ts';
import { modernRevision } from '../../wire/revisions.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { ActiveCall } from './active-call.ts';
import { ActiveCalls } from './active-calls.ts';
import type { Listening } from '../transport/http/listen-stream.ts';
import type { Inbound, OnLog, PendingExchange, Transport } from '../transport/transport.ts';

/** One request as it goes out. */
export interface OutgoingCall {
  readonly method: string;
  /** Made with the id that the request will have, since `_meta` may carry it. */
  params(id: number): JsonObject;
  readonly revision: string | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's request that it carries; absent for the gateway's own. */
  readonly request?: BackendRequest;
}

export interface CallRunnerOptions {
  readonly backend: string;
  readonly transport: Transport;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
  onMessage(message: Inbound, call: ActiveCall | undefined): void;
  /** No request is under way any longer. */
  onIdle(): void;
}

/** Sends requests over one transport, each with its id, its limit and its way of being given up. */
export class CallRunner {
  readonly calls: ActiveCalls = new ActiveCalls();
  readonly #options: CallRunnerOptions;
  readonly #listening = new Map<RequestId, PendingExchange>();
  #nextId = 1;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  async run(outgoing: OutgoingCall): Promise<JsonObject> {
    const { signal } = outgoing;
    if (signal.aborted) throw abortReason(signal);
    const call = this.#start(outgoing);
    try {
      const result = await call.answer;
      if (call.refusedAsk !== undefined && result['isError'] === true) throw call.refusedAsk;
      return result;
    } catch (error) {
      throw call.refusedAsk !== undefined && error instanceof ProtocolError ? call.refusedAsk : error;
    } finally {
      call.end();
      this.calls.delete(call);
      if (this.calls.size === 0) this.#options.onIdle();
    }
  }

  /** A request whose answer is a stream without a limit; what comes on it belongs to no call. */
  listen(params: JsonObject, revision: string): Listening {
    const id = this.#nextId++;
    const { promise: acknowledged, resolve: acknowledge } = Promise.withResolvers<void>();
    const pending = this.#options.transport.exchange({
      id,
      method: 'subscriptions/listen',
      params,
      revision,
      onMessage: (message) => {
        if (message.message.method === 'notifications/subscriptions/acknowledged') acknowledge();
        this.#options.onMessage(message, undefined);
      },
    });
    if (this.#options.transport.isDuplex) acknowledge(); // what follows on the same pipe is read after it
    this.#listening.set(id, pending);
    const over = (): void => {
      this.#listening.delete(id);
      acknowledge();
    };
    pending.answer.then(over, over);
    return { acknowledged, ended: pending.answer, stop: () => this.#stopListening(id, pending) };
  }

  /** The backend ends a stream without an answer, as it may where all streams share one channel. */
  endListening(id: RequestId): void {
    this.#listening.get(id)?.abort(new CancelledError('the backend ended the subscription'));
  }

  #start(outgoing: OutgoingCall): ActiveCall {
    const { method, revision, signal, timeoutMs, headers, request } = outgoing;
    const id = this.#nextId++;
    const call = new ActiveCall({
      id,
      method,
      request,
      timeoutMs,
      onTimeout: () => this.#giveUp(call, revision),
    });
    this.calls.add(call);
    const pending = this.#options.transport.exchange({
      id,
      method,
      params: outgoing.params(id),
      revision,
      headers,
      context: request,
      unreadTexts: request?.unreadTexts,
      onMessage: (message) => this.#options.onMessage(message, call),
    });
    call.start(pending, signal, () => {
      const reason = abortReason(signal);
      this.#abandon(call, revision, reason, messageOf(reason));
    });
    return call;
  }

  #giveUp(call: ActiveCall, revision: string | undefined): void {
    const { backend } = this.#options;
    const meanwhile = call.noticed === undefined ? '' : `; meanwhile it ${call.noticed}`;
    const message = `did not answer ${call.method} within ${call.timeoutMs} ms${meanwhile}`;
    this.#abandon(
      call,
      revision,
      new BackendError('timeout', backend, message),
      'the gateway gave up waiting',
    );
  }

  /** Over HTTP, 2026-07-28 hears of it by the closed response; everyone else by a notification. */
  #abandon(call: ActiveCall, revision: string | undefined, error: Error, reason: string): void {
    contain('the end of a call', this.#options.onDefect, () => {
      call.abort(error);
      if (revision === modernRevision && !this.#options.transport.isDuplex) return;
      if (call.method !== 'initialize') this.#tellCancelled(call.id, reason);
    });
  }

  #stopListening(id: number, pending: PendingExchange): void {
    const reason = 'the gateway stopped listening';
    pending.abort(new CancelledError(reason));
    if (this.#options.transport.isDuplex) this.#tellCancelled(id, reason);
  }

  #tellCancelled(requestId: number, reason: string): void {
    const { transport, backend, onLog } = this.#options;
    const text = notificationText('notifications/cancelled', { requestId, reason });
    transport.send(text).catch((cause: unknown) => {
      onLog({
        level: 'debug',
        backend,
        message: `could not be told of a cancelled request: ${messageOf(cause)}`,
      });
    });
  }
}
