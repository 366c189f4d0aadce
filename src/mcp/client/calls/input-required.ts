import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackendRequest } from '../../../gateway/index.ts';
import { CancelledError, type JsonObject } from '../../../protocol/index.ts';
import { BackendError } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { modernRevision } from '../../wire/revisions.ts';
import type { FieldLog } from '../../wire/field-log.ts';
import { askableMethods, cannotAsk, soundAnswer, soundQuestion } from './ask-relay.ts';

/** A backend that still wants more after this many rounds is asking in circles. */
const maxRounds = 10;
const firstPauseMs = 50;
const maxPauseMs = 5_000;

export interface InputOptions {
  readonly backend: string;
  readonly request: BackendRequest;
  readonly fields: FieldLog;
  /** Sends the request again with these parameters. */
  retry(params: JsonObject): Promise<JsonObject>;
}

/**
 * Finishes an input-required exchange of a 2026-07-28 backend. A client of that revision does it itself, so the result
 * goes to it whole; for any other the questions are asked here and the request is sent again with the answers.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export async function resolveInputs(first: JsonObject, options: InputOptions): Promise<JsonObject> {
  const { caller, client, params, method } = options.request;
  if (caller.revision === modernRevision && client.canAsk) return first;
  let result = first;
  for (let round = 0; round < maxRounds; round++) {
    const answered = await answersTo(result, options, round);
    const { requestState } = result;
    result = await options.retry({
      ...params,
      ...answered,
      ...(requestState === undefined ? {} : { requestState }),
    });
    if (result['resultType'] !== 'input_required') return result;
  }
  throw new BackendError(
    'bad-answer',
    options.backend,
    `still asked for input after ${maxRounds} rounds of ${method}`,
  );
}

/** What the retry says in answer. A backend that asks nothing only wants to be asked again, and not at once. */
async function answersTo(result: JsonObject, options: InputOptions, round: number): Promise<JsonObject> {
  const questions = questionsIn(result, options.backend);
  const [first] = Object.values(questions);
  const { client, shownAs, signal } = options.request;
  if (first === undefined) {
    await delay(Math.min(firstPauseMs * 2 ** round, maxPauseMs), undefined, { signal }).catch(
      () => undefined,
    );
    signal.throwIfAborted();
    return {};
  }
  if (!client.canAsk) throw cannotAsk(shownAs, first.method);
  return { inputResponses: await askAll(questions, options) };
}

interface Question {
  readonly method: string;
  readonly params: JsonObject;
}

function questionsIn(result: JsonObject, backend: string): Record<string, Question> {
  const requests = result['inputRequests'] ?? (result['requestState'] === undefined ? undefined : {});
  if (!isObject(requests))
    throw new BackendError('bad-answer', backend, 'asked for input without valid "inputRequests"');
  const questions: Record<string, Question> = {};
  for (const [key, value] of Object.entries(requests)) {
    const method = isObject(value) ? value['method'] : undefined;
    if (typeof method !== 'string' || !Object.hasOwn(askableMethods, method)) {
      throw new BackendError(
        'bad-answer',
        backend,
        'asked for input of a kind that the protocol does not know',
      );
    }
    const params = isObject(value) ? value['params'] : undefined;
    questions[key] = { method, params: isObject(params) ? params : {} };
  }
  return questions;
}

/** Asks everything at once. The first refusal takes the other questions back. */
async function askAll(
  questions: Record<string, Question>,
  { request, fields }: InputOptions,
): Promise<JsonObject> {
  const others = new AbortController();
  const signal = AbortSignal.any([request.signal, others.signal]);
  try {
    const answers = Object.entries(questions).map(async ([key, { method, params }]) => {
      const sound = soundQuestion(fields, method, asSessionsAsk(method, params));
      const answer = await request.client.request(method, sound, signal);
      return [key, soundAnswer(fields, method, answer)] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  } catch (error) {
    others.abort(new CancelledError('another question of the same call was refused'));
    throw error;
  }
}

/**
 * A 2026-07-28 backend sends users to a page without an id for the visit; clients before it require one.
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#url-mode-elicitation-requests
 */
function asSessionsAsk(method: string, params: JsonObject): JsonObject {
  const isVisit = method === 'elicitation/create' && params['mode'] === 'url';
  return isVisit && params['elicitationId'] === undefined
    ? { ...params, elicitationId: randomUUID() }
    : params;
}
