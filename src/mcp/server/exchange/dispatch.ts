import type { Gateway, RequestContext, ToolCall } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import type { ListPage } from './lists.ts';
import { pageOf } from './lists.ts';

/** A request as it goes to the gateway: no transport, no revision. */
export interface GatewayRequest {
  readonly method: string;
  readonly params: JsonObject;
  /** Why the parameters cannot be valid, where that was seen before. */
  readonly fault: string | undefined;
  readonly context: RequestContext;
}

/**
 * Asks the gateway. Every `tools/call` reaches `callTool`, whatever its parameters, so that it is counted.
 * @throws {ProtocolError} as the gateway does; invalid params for a list's bad cursor.
 */
export async function dispatch(
  gateway: Gateway,
  request: GatewayRequest,
  pageSize: number,
): Promise<JsonObject | ListPage> {
  const { method, params, context } = request;
  if (method === 'tools/call') return gateway.callTool(toToolCall(request));
  if (request.fault !== undefined) throw new ProtocolError(errorCodes.invalidParams, request.fault);
  const { cursor } = params;
  switch (method) {
    case 'tools/list':
      return pageOf('tools', await gateway.listTools(context.caller), cursor, pageSize);
    case 'resources/list':
      return pageOf('resources', await gateway.list('resources', context.caller), cursor, pageSize);
    case 'resources/templates/list': {
      const templates = await gateway.list('resourceTemplates', context.caller);
      return pageOf('resourceTemplates', templates, cursor, pageSize);
    }
    case 'prompts/list':
      return pageOf('prompts', await gateway.list('prompts', context.caller), cursor, pageSize);
    default:
      if (method.startsWith('notifications/')) throw unknownMethod(method);
      return gateway.request({ ...context, method, params });
  }
}

/** A method that is none here, whatever a backend may make of it. */
export function unknownMethod(method: string): ProtocolError {
  return new ProtocolError(errorCodes.methodNotFound, `${method} is no method of this protocol revision`);
}

function toToolCall(request: GatewayRequest): ToolCall {
  const { params, context } = request;
  const fault = request.fault ?? faultOf(params);
  const name = typeof params['name'] === 'string' ? params['name'] : '';
  return fault === undefined ? { ...context, name, params } : { ...context, name: '', params, fault };
}

/** Why these are no parameters of `tools/call`. */
function faultOf(params: JsonObject): string | undefined {
  const { name, arguments: args, _meta: meta } = params;
  if (typeof name !== 'string' || name === '') return 'expected "name" to be the name of a tool';
  if (args !== undefined && !isObject(args)) return 'expected "arguments" to be an object';
  if (meta !== undefined && !isObject(meta)) return 'expected "_meta" to be an object';
  return undefined;
}
