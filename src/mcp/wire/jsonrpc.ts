/**
 * JSON-RPC 2.0 messages as MCP uses them: one object a message, no batches, ids that are strings or integers, and
 * parameters and results that are objects. Payloads stay whole: nothing here knows a method's parameters, so fields
 * nobody has heard of pass through.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#messages
 */
import { hasLongNumbers, parseExactly, readMembers } from '../../lib/exact-json.ts';
import { joinPieces, type TextPieces } from '../../lib/text-pieces.ts';
import {
  errorCodes,
  isObject,
  type JsonObject,
  type JsonValue,
  ProtocolError,
} from '../../protocol/index.ts';
import { writtenText } from '../../gateway/index.ts';
import { exceedsDepth } from './depth.ts';

/**
 * A request's id. MCP forbids `null`, and an id is not used twice by one side of a session. A number that JavaScript
 * cannot hold exactly is refused: it would come back as its neighbour.
 */
export type RequestId = string | number;

export interface RpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface RpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonObject;
}

export interface RpcResult {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result: JsonObject;
}

/** An error answer; `id` is absent or `null` when the sender could not tell which request it was about. */
export interface RpcError {
  readonly jsonrpc: '2.0';
  readonly id?: RequestId | null;
  readonly error: RpcErrorBody;
}

export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResult | RpcError;

/**
 * A message with its kind told, as `parseMessage` and `classifyMessage` return it. A request whose `params` is no object
 * comes without them and with the `fault` to answer: it is still a request, for one who counts requests.
 */
export type ParsedMessage =
  | { readonly kind: 'request'; readonly message: RpcRequest; readonly fault?: string }
  | { readonly kind: 'notification'; readonly message: RpcNotification }
  | { readonly kind: 'result'; readonly message: RpcResult }
  | { readonly kind: 'error'; readonly message: RpcError };

/** Why a text is no message. `id` is the request's id where one could be read, so that it can be answered. */
export type WireFault = 'not-json' | 'too-deep' | 'batch' | 'not-a-message';

/** A text from the other side that is not one JSON-RPC message. `code` is the JSON-RPC code to answer with. */
export class WireError extends ProtocolError {
  readonly fault: WireFault;
  readonly id: RequestId | undefined;
  constructor(fault: WireFault, message: string, id?: RequestId) {
    super(fault === 'not-json' ? errorCodes.parseError : errorCodes.invalidRequest, message);
    this.name = 'WireError';
    this.fault = fault;
    this.id = id;
  }
}

/** How deep arrays and objects may nest in a message. Deeper ones could overflow the stack of whoever writes them. */
export const maxMessageDepth = 256;

/**
 * Reads one message.
 * @throws {WireError} when the text is not JSON, nests deeper than `maxDepth`, is a batch, or is no JSON-RPC message.
 */
export function parseMessage(text: string, maxDepth: number = maxMessageDepth): ParsedMessage {
  if (exceedsDepth(text, maxDepth)) throw tooDeep(maxDepth);
  return readMessage(text);
}

/** The fault of a message that nests too deep. */
export function tooDeep(maxDepth: number): WireError {
  return new WireError('too-deep', `expected JSON nested at most ${maxDepth} deep, found deeper`);
}

/**
 * As `parseMessage`, of a text whose depth is known to be sound.
 * @throws {WireError}
 */
export function readMessage(text: string): ParsedMessage {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new WireError('not-json', 'expected one JSON-RPC message, found text that is not valid JSON');
  }
  return classifyMessage(value);
}

/**
 * A message, or a batch of them, as JSON. Numbers that JavaScript cannot hold are kept where only clients and backends
 * look at them: inside arguments, results and schemas.
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  if (!hasLongNumbers(text)) return JSON.parse(text);
  const value = parseExactly(text);
  for (const message of Array.isArray(value) ? value : [value]) readEnvelope(message);
  return value;
}

/** Makes numbers of what the gateway itself looks at. A progress token, say, is only given back. */
function readEnvelope(message: unknown): void {
  if (!isObject(message)) return;
  readMembers(message);
  if (isObject(message['error'])) readMembers(message['error']);
}

/**
 * The messages of a batch, as revisions before 2025-06-18 have it: each as `classifyMessage` tells it, or its fault.
 * @throws {WireError} when the text is no batch, an empty one, or one of more than `max` messages.
 */
export function parseBatch(text: string, max: number): (ParsedMessage | WireError)[] {
  const value = parseJson(text);
  if (!Array.isArray(value) || value.length === 0 || value.length > max)
    throw new WireError('batch', `expected a batch of 1 to ${max} messages`);
  return value.map((each) => {
    try {
      return classifyMessage(each);
    } catch (error) {
      if (error instanceof WireError) return error;
      throw error;
    }
  });
}

/**
 * Tells the kind of a message that is already parsed.
 * @throws {WireError} `batch` for an array, `not-a-message` for anything else that is not one JSON-RPC message.
 */
export function classifyMessage(value: unknown): ParsedMessage {
  if (Array.isArray(value)) throw new WireError('batch', 'expected one JSON-RPC message, found a batch');
  if (!isObject(value)) throw new WireError('not-a-message', 'expected a JSON-RPC message, an object');
  const id = isRequestId(value['id']) ? value['id'] : undefined;
  if (value['jsonrpc'] !== '2.0') throw new WireError('not-a-message', 'expected "jsonrpc": "2.0"', id);
  if ('method' in value) return classifyCall(value, id);
  if ('result' in value) return classifyResult(value, id);
  if ('error' in value) return classifyError(value, id);
  throw new WireError('not-a-message', 'expected "method", "result" or "error" in a JSON-RPC message', id);
}

function classifyCall(value: JsonObject, id: RequestId | undefined): ParsedMessage {
  const { method } = value;
  dropNulls(value);
  const { params } = value;
  if (typeof method !== 'string')
    throw new WireError('not-a-message', 'expected "method" to be a string', id);
  const sound = params === undefined || isObject(params);
  if ('id' in value) {
    if (id === undefined) throw new WireError('not-a-message', 'expected "id" to be a string or an integer');
    if (sound) return { kind: 'request', message: value as unknown as RpcRequest };
    const message: RpcRequest = { jsonrpc: '2.0', id, method };
    return { kind: 'request', message, fault: 'expected "params" to be an object' };
  }
  if (!sound) throw new WireError('not-a-message', 'expected "params" to be an object');
  return { kind: 'notification', message: value as unknown as RpcNotification };
}

/** Members of a request that may be absent. Many clients write `null` for what they do not have. */
const mayBeNull = ['_meta', 'arguments', 'cursor', 'context', 'task', 'inputResponses', 'requestState'];

function dropNulls(message: JsonObject): void {
  const { params } = message;
  if (params === null) delete message['params'];
  if (!isObject(params)) return;
  for (const name of mayBeNull) if (params[name] === null) delete params[name];
  const { _meta: meta } = params;
  if (isObject(meta) && meta['progressToken'] === null) delete meta['progressToken'];
}

function classifyResult(value: JsonObject, id: RequestId | undefined): ParsedMessage {
  if (id === undefined)
    throw new WireError('not-a-message', 'expected a result to carry the "id" of its request');
  if (!isObject(value['result']))
    throw new WireError('not-a-message', 'expected "result" to be an object', id);
  return { kind: 'result', message: value as unknown as RpcResult };
}

function classifyError(value: JsonObject, id: RequestId | undefined): ParsedMessage {
  const error = value['error'];
  if (!isObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') {
    throw new WireError(
      'not-a-message',
      'expected "error" to hold a number "code" and a string "message"',
      id,
    );
  }
  return { kind: 'error', message: value as unknown as RpcError };
}

/** The JSON text of a request. */
export function requestText(id: RequestId, method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The JSON text of a notification. */
export function notificationText(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

/** The JSON text of a request's result. */
export function resultText(id: RequestId, result: JsonObject): TextPieces {
  const text = writtenText(result);
  return text === undefined ? JSON.stringify({ jsonrpc: '2.0', id, result }) : answerText(id, text);
}

/** The JSON text of an answer whose result is JSON text already. */
export function answerText(id: RequestId, result: TextPieces): TextPieces {
  return joinPieces(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`, result, '}');
}

/** The JSON text of an error answer; `id` is `null` when it is not known which request it is about. */
export function errorText(id: RequestId | null, error: RpcErrorBody): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

/** The error body for anything thrown: a `ProtocolError` as it is, anything else as an internal error with no detail. */
export function toErrorBody(error: unknown): RpcErrorBody {
  if (!(error instanceof ProtocolError)) return { code: errorCodes.internalError, message: 'internal error' };
  const { code, message, data } = error;
  return data === undefined ? { code, message } : { code, message, data };
}

/** The error of a peer's answer, to be thrown or passed on. */
export function toProtocolError(error: RpcErrorBody): ProtocolError {
  return new ProtocolError(error.code, error.message, error.data === undefined ? {} : { data: error.data });
}

/** True for what can be an answer's id without being changed. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

export { isObject };
