import {
  noClient,
  type Caller,
  type Gateway,
  type PassedRequest,
  type RequestContext,
  type RequestOf,
  type ToolCall,
} from '../../../gateway/index.ts';
import {
  errorCodes,
  isGatewayMethod,
  isKnownMethod,
  methodEntry,
  type JsonObject,
  ProtocolError,
} from '../../../protocol/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import type { ListPage } from './lists.ts';
import { pageOf } from './lists.ts';

/** A client's request as it goes to the gateway: no transport, no revision. */
export interface ClientRequest {
  readonly method: string;
  readonly params: JsonObject;
  /** Why the parameters cannot be valid, where that was seen before. */
  readonly fault: string | undefined;
  readonly context: RequestContext;
  /** Told right before the gateway is asked. */
  readonly onAsk: () => void;
}

/**
 * Asks the gateway. Every `tools/call` reaches it, whatever its parameters, so that it is counted.
 * @throws {ProtocolError} as the gateway does; invalid params for a list's bad cursor.
 */
export async function dispatch(
  gateway: Gateway,
  request: ClientRequest,
  pageSize: number,
): Promise<JsonObject | ListPage> {
  const { method, params, context } = request;
  if (request.fault !== undefined && method !== 'tools/call')
    throw new ProtocolError(errorCodes.invalidParams, request.fault);
  if (!isKnownMethod(method)) {
    if (method.startsWith('notifications/')) throw unknownMethod(method);
    request.onAsk();
    return gateway.ask({ ...context, method: 'extension', name: method, params });
  }
  if (!isGatewayMethod(method) || method === 'notifications/roots/list_changed') throw unknownMethod(method);
  request.onAsk();
  switch (method) {
    case 'tools/list':
    case 'resources/list':
    case 'resources/templates/list':
    case 'prompts/list': {
      const field = methodEntry(method)?.listField ?? '';
      const entries = await gateway.ask({ ...context, method });
      return pageOf(field, entries, params['cursor'], pageSize);
    }
    case 'tools/call':
      return gateway.ask(toToolCall(request));
    default: {
      const passed: PassedRequest = { ...context, method, params };
      return gateway.ask(passed);
    }
  }
}

/** Asks what the gateway offers this caller, on its client's behalf: that is no request of the client's own. */
export function toDescribe(caller: Caller): RequestOf<'describe'> {
  return {
    origin: 'client',
    method: 'describe',
    caller,
    client: noClient,
    signal: AbortSignal.timeout(describeMs),
  };
}

/** How long backends may take to say what they offer. */
const describeMs = 30_000;

export function unknownMethod(method: string): ProtocolError {
  return new ProtocolError(errorCodes.methodNotFound, `${method} is no method of this protocol revision`);
}

function toToolCall(request: ClientRequest): ToolCall {
  const { params, context } = request;
  const fault = request.fault ?? faultOf(params);
  const name = typeof params['name'] === 'string' ? params['name'] : '';
  const method = 'tools/call';
  return fault === undefined
    ? { ...context, method, name, params }
    : { ...context, method, name: '', params, fault };
}

/** Why these are no parameters of `tools/call`. */
function faultOf(params: JsonObject): string | undefined {
  const { name, arguments: args, _meta: meta } = params;
  if (typeof name !== 'string' || name === '') return 'expected "name" to be the name of a tool';
  if (args !== undefined && !isObject(args)) return 'expected "arguments" to be an object';
  if (meta !== undefined && !isObject(meta)) return 'expected "_meta" to be an object';
  return undefined;
}
