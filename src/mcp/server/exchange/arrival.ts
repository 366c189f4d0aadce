import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RpcRequest } from '../../wire/jsonrpc.ts';
import type { Principal, Sender, Wishes } from '../../../gateway/index.ts';

/** A request as parsed; `fault` when its parameters are no object. */
export interface IncomingRequest {
  readonly message: RpcRequest;
  readonly fault?: string;
}

/** How a message came, beside what stands in it. */
export interface Arrival extends Sender {
  readonly transport: 'http' | 'stdio';
  /** Those of the headers that the caller passes on to backends. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /** Who sent it: the session's principal, perhaps with a newer credential. */
  readonly principal: Principal;
  readonly wishes: Wishes;
  /** The HTTP request that brought it. */
  readonly http?: HttpContext;
}

/** One HTTP request and its response, once it is known who sends it. */
export interface HttpContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  readonly wishes: Wishes;
  /** Set once it has become a request or a notification of the protocol, which is told of by itself. */
  taken?: true;
}

/** What an arrival forwards where nothing is to be forwarded: always the same object. */
export const noHeaders: Readonly<Record<string, string>> = {};

/** The arrival of a message over HTTP. `forwarded` names the headers to pass on, in any case. */
export function httpArrival(http: HttpContext, forwarded: readonly string[] | undefined): Arrival {
  const { request, principal, wishes } = http;
  const { remoteAddress } = request.socket;
  const forwardedHeaders = forwardedOf(request, forwarded);
  return {
    transport: 'http',
    headers: request.headers,
    remoteAddress,
    forwardedHeaders,
    principal,
    wishes,
    http,
  };
}

function forwardedOf(
  { headers }: IncomingMessage,
  names: readonly string[] | undefined,
): Readonly<Record<string, string>> {
  if (names === undefined || names.length === 0) return noHeaders;
  const forwarded: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name.toLowerCase()];
    if (value !== undefined) forwarded[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return forwarded;
}
