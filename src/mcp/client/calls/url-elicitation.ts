import type { BackendRequest } from '../../../gateway/index.ts';
import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { missingCapability } from '../../wire/client-capabilities.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { modernRevision } from '../../wire/revisions.ts';
import { undeclared } from './ask-relay.ts';

/**
 * The same demand as a 2026-07-28 client understands it: an input-required result that asks for each page. Undefined for
 * any other error, and for a client that knows the error itself.
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#url-elicitation-required-error
 * @throws {InputRefusedError} for a client that did not declare that it shows pages.
 */
export function toUrlQuestions(
  error: unknown,
  { caller, client, shownAs }: BackendRequest,
): JsonObject | undefined {
  if (!(error instanceof ProtocolError) || error.code !== errorCodes.urlElicitationRequired) return undefined;
  if (caller.revision !== modernRevision || !client.canAsk || !isObject(error.data)) return undefined;
  const { elicitations } = error.data;
  if (!Array.isArray(elicitations)) return undefined;
  const method = 'elicitation/create';
  const missing = missingCapability(caller.capabilities, method, { mode: 'url' });
  if (missing !== undefined) throw undeclared(shownAs, method, missing);
  const questions = elicitations.filter(isObject).map((params, index) => {
    const id = params['elicitationId'];
    const key = typeof id === 'string' ? id : `url-${index + 1}`;
    return [key, { method, params: { mode: 'url', ...params } }] as const;
  });
  if (questions.length === 0) return undefined;
  return { resultType: 'input_required', inputRequests: Object.fromEntries(questions) };
}

/** The answers are for the gateway: a legacy backend learns by itself that its page was visited. */
export function withoutAnswers(params: JsonObject): JsonObject {
  if (params['inputResponses'] === undefined) return params;
  const { inputResponses: _answers, requestState: _state, ...rest } = params;
  return rest;
}
