import type { BackendClientEvent } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { RequestId, RpcNotification } from '../../wire/jsonrpc.ts';
import type { FieldLog } from '../../wire/field-log.ts';
import { isRequestId } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf } from '../../wire/revisions.ts';
import type { ActiveCall } from './active-call.ts';
import type { ActiveCalls } from './active-calls.ts';
import type { AskRelay } from './ask-relay.ts';

export interface NotificationRelayOptions {
  readonly backend: string;
  readonly calls: ActiveCalls;
  readonly sessionId: string | undefined;
  readonly asks: AskRelay;
  readonly fields: FieldLog;
  /** The backend gives up one of the gateway's own requests, if it is one that may be: a subscription. */
  onGivenUp(id: RequestId): void;
  onEvent(event: BackendClientEvent): void;
}

/** Sorts what a backend says unasked: to the call it is about, to a question it takes back, or to everyone. */
export class NotificationRelay {
  readonly #options: NotificationRelayOptions;

  constructor(options: NotificationRelayOptions) {
    this.#options = options;
  }

  receive(message: RpcNotification, own: ActiveCall | undefined): void {
    const { method, params: said = {} } = message;
    const params = this.#options.fields.repair('notification', method, said, () => `sends ${method} with`);
    if (params === undefined) return; // of no use, which has been said
    switch (message.method) {
      case 'notifications/progress':
        return this.#progress(params);
      case 'notifications/message':
        return this.#log(params, own);
      case 'notifications/cancelled': {
        const id = params['requestId'];
        if (!isRequestId(id)) return;
        // Each side counts its requests for itself. Only one of the two can be meant: where backends ask questions, there are
        // no subscriptions.
        this.#options.asks.cancel(id);
        return this.#options.onGivenUp(id);
      }
      case 'notifications/tools/list_changed':
        return this.#changed('tools');
      case 'notifications/prompts/list_changed':
        return this.#changed('prompts');
      case 'notifications/resources/list_changed':
        return this.#changed('resources');
      case 'notifications/resources/updated':
        return this.#updated(params);
      case 'notifications/subscriptions/acknowledged':
        return;
      default:
        // On a call's own stream it is about that call, whatever it is: other clients are not to hear of it.
        if (own?.request === undefined) this.#emit(message.method, params);
        else own.request.client.notify(message.method, params);
    }
  }

  /** The backend knows the call by the gateway's token; the client by its own. */
  #progress(params: JsonObject): void {
    const token = params['progressToken'];
    const call = typeof token === 'number' ? this.#options.calls.get(token) : undefined;
    if (call?.request === undefined) return;
    const clientToken = metaOf(call.request.params)?.[metaKeys.progressToken];
    if (clientToken === undefined) return; // a token that the backend was never given
    call.progressed();
    call.request.client.notify('notifications/progress', { ...params, progressToken: clientToken });
  }

  #log(params: JsonObject, own: ActiveCall | undefined): void {
    const { calls } = this.#options;
    const call = own ?? calls.onlyClients();
    if (call?.request !== undefined) call.request.client.notify('notifications/message', params);
    // With calls of several clients under way, one client's log must not reach another.
    else if (calls.size === 0) this.#emit('notifications/message', params);
  }

  #changed(listing: 'tools' | 'prompts' | 'resources'): void {
    const { sessionId, onEvent } = this.#options;
    onEvent({ type: 'changed', listing, ...(sessionId === undefined ? {} : { sessionId }) });
  }

  #updated(params: JsonObject): void {
    const { uri } = params;
    if (typeof uri === 'string') {
      this.#options.onEvent({ type: 'resourceUpdated', params: { ...withoutSubscription(params), uri } });
    }
  }

  #emit(method: string, params: JsonObject): void {
    const { sessionId, onEvent } = this.#options;
    onEvent({
      type: 'notification',
      method,
      params: withoutSubscription(params),
      ...(sessionId === undefined ? {} : { sessionId }),
    });
  }
}

/** The id of the gateway's own subscription means nothing to clients. */
function withoutSubscription(params: JsonObject): JsonObject {
  const meta = metaOf(params);
  if (meta === undefined || !(metaKeys.subscriptionId in meta)) return params;
  const { [metaKeys.subscriptionId]: _own, ...rest } = meta;
  return { ...params, _meta: rest };
}
