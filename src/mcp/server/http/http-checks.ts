/** Checks on the headers of an MCP request over HTTP, before and after its body is known. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ProtocolError, errorCodes, methodEntry } from '../../../protocol/index.ts';
import { decodeHeaderValue } from '../../wire/header-values.ts';
import type { RpcRequest } from '../../wire/jsonrpc.ts';
import { headerNames, metaKeys, metaOf, modernRevision } from '../../wire/revisions.ts';

/** True for `application/json` with any parameters. */
export function isJsonContent(request: IncomingMessage): boolean {
  const type = request.headers['content-type'];
  return type === 'application/json' || type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/**
 * Why the body cannot be read as it comes; undefined where it can. It has to be UTF-8, and as it is: what is packed could
 * be far larger than the limit on it.
 */
export function encodingFault({ headers }: IncomingMessage): string | undefined {
  const { 'content-encoding': encoding, 'content-type': type = '' } = headers;
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    return 'expected a body without Content-Encoding';
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset)
    ? undefined
    : 'expected a body in UTF-8';
}

/** True when the client takes one of the two kinds of answer to a POST. The specification has it say both. */
export function acceptsAnswers(request: IncomingMessage): boolean {
  // Clients send just this; looking closer costs.
  if (request.headers.accept === 'application/json, text/event-stream') return true;
  return accepts(request, 'application/json') || accepts(request, 'text/event-stream');
}

/** True when the client takes this media type, by name or by wildcard. */
export function accepts(request: IncomingMessage, type: 'application/json' | 'text/event-stream'): boolean {
  const accept = request.headers.accept;
  if (accept === undefined) return true;
  const group = `${type.split('/', 1)[0]}/*`;
  return accept.split(',').some((range) => {
    const name = range.split(';', 1)[0]?.trim().toLowerCase();
    return name === type || name === group || name === '*/*';
  });
}

/** True when a request is to be served under 2026-07-28: it says so in its body or, failing that, in a header. */
export function claimsModern(message: RpcRequest, headers: IncomingHttpHeaders): boolean {
  if (metaOf(message.params)?.[metaKeys.protocolVersion] !== undefined) return true;
  return headers[headerNames.protocolVersion] === modernRevision && message.method !== 'initialize';
}

/**
 * Holds the headers of a 2026-07-28 request against its body, where both say the protocol version or the method.
 * @throws {ProtocolError} header mismatch.
 */
export function assertSameVersionAndMethod(message: RpcRequest, headers: IncomingHttpHeaders): void {
  const version = headers[headerNames.protocolVersion];
  const claimed = metaOf(message.params)?.[metaKeys.protocolVersion];
  if (version !== undefined && typeof claimed === 'string' && version !== claimed) {
    throw mismatch('MCP-Protocol-Version', String(version), claimed);
  }
  const method = headers[headerNames.method];
  if (method !== undefined && method !== message.method) {
    throw mismatch('Mcp-Method', String(method), message.method);
  }
}

/**
 * Holds the headers that a 2026-07-28 request must have against its body.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 * @throws {ProtocolError} header mismatch.
 */
export function assertStandardHeaders(message: RpcRequest, headers: IncomingHttpHeaders): void {
  if (headers[headerNames.protocolVersion] === undefined) throw missing('MCP-Protocol-Version');
  if (headers[headerNames.method] === undefined) throw missing('Mcp-Method');
  const field = methodEntry(message.method)?.nameField;
  if (field === undefined) return;
  const value = message.params?.[field];
  const header = headers[headerNames.name];
  if (header === undefined) {
    if (typeof value === 'string') throw missing('Mcp-Name');
    return;
  }
  const decoded = decodeHeaderValue(String(header));
  if (decoded === undefined)
    throw mismatch('Mcp-Name', String(header), 'plain ASCII, or valid Base64 of UTF-8');
  if (typeof value === 'string' && decoded !== value) throw mismatch('Mcp-Name', decoded, value);
}

function missing(header: string): ProtocolError {
  return new ProtocolError(errorCodes.headerMismatch, `the required header ${header} is missing`);
}

function mismatch(header: string, found: string, expected: string): ProtocolError {
  return new ProtocolError(
    errorCodes.headerMismatch,
    `expected the header ${header} to say the same as the body, "${shorten(expected)}"; found "${shorten(found)}"`,
  );
}

/** What a client sent goes back to it, but not at length. */
function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
