/** Answers to requests that never reach the gateway. */
import type { ServerResponse } from 'node:http';
import { errorCodes } from '../../../protocol/index.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import { errorText } from '../../wire/jsonrpc.ts';
import type { BodyFault } from './body.ts';
import { sendJson } from './http-reply.ts';

/** The JSON-RPC code of refusals that JSON-RPC has no code for. */
const refusedCode = -32000;

export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** What was expected and what to do. */
  readonly message: string;
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request it is about, where that could be read. */
  readonly id?: RequestId;
  /** The whole body, where it is no JSON-RPC error. */
  readonly body?: object;
}

export function refuse(response: ServerResponse, refusal: Refusal): void {
  const { status, message, code = refusedCode, headers, id = null, body } = refusal;
  const text = body === undefined ? errorText(id, { code, message }) : JSON.stringify(body);
  sendJson(response, status, text, headers);
}

/** 405, for everything but POST and what a session has beside it. */
export function refuseMethod(response: ServerResponse): void {
  const headers = { allow: 'POST, GET, DELETE' };
  refuse(response, { status: 405, message: 'expected POST, or GET or DELETE within a session', headers });
}

export function refuseBody(response: ServerResponse, fault: BodyFault, maxBytes: number): void {
  switch (fault) {
    case 'too-large': {
      const headers = { connection: 'close' };
      return refuse(response, {
        status: 413,
        message: `expected a body of at most ${maxBytes} bytes`,
        headers,
      });
    }
    case 'not-utf8':
      return refuse(response, {
        status: 400,
        message: 'expected a body in UTF-8',
        code: errorCodes.parseError,
      });
    case 'cut-off':
      response.destroy();
  }
}

/** 503, when there is no room for one more of something. */
export function refuseBusy(
  response: ServerResponse,
  message: string,
  retryAfterS: number,
  id?: RequestId,
): void {
  refuse(response, {
    status: 503,
    message,
    headers: { 'retry-after': String(retryAfterS) },
    ...(id === undefined ? {} : { id }),
  });
}
