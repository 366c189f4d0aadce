import { errorCodes, InputRefusedError, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import type { RequestId, RpcRequest } from '../../wire/jsonrpc.ts';
import { pieceText } from '../../../lib/text-pieces.ts';
import { errorText, notificationText, resultText, toErrorBody } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf } from '../../wire/revisions.ts';
import { missingCapability } from '../../wire/client-capabilities.ts';
import { type OnDefect, report } from '../../../lib/guarded.ts';
import { messageOf } from '../../../lib/thrown.ts';
import type { FieldLog } from '../../wire/field-log.ts';
import type { ActiveCall } from './active-call.ts';
import type { ActiveCalls } from './active-calls.ts';
import type { OnLog } from '../transport/transport.ts';

/** What a backend may ask of a client in any revision, by the capability that the client must have declared. */
export const askableMethods: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/** In 2025-11-25 a client may answer a question with a task of its own, which the backend then follows. */
const taskMethods: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel']);

/** A session's own connection is opened for a call that follows at once; a backend may ask before that call is there. */
const ownerWaitMs = 5_000;

/** A person may take their time, but nobody waits for ever. */
const askTimeoutMs = 10 * 60_000;

/** A backend that asks more than this at once is told to wait. */
const maxOpenAsks = 32;

export interface AskRelayOptions {
  readonly backend: string;
  readonly calls: ActiveCalls;
  /** True when calls of several clients share the connection: a question without a stream of its own is then nobody's. */
  readonly isShared: boolean;
  readonly fields: FieldLog;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
  send(text: string): Promise<void>;
}

/** Brings a backend's questions to the client in whose call they arose, and the answers back. */
export class AskRelay {
  readonly #options: AskRelayOptions;
  readonly #open = new Map<RequestId, AbortController>();

  constructor(options: AskRelayOptions) {
    this.#options = options;
  }

  /** @param call the call whose own stream carried the question, where the transport can tell. */
  receive(message: RpcRequest, call: ActiveCall | undefined): void {
    this.#answer(message, call)
      .then((result) => pieceText(resultText(message.id, result)))
      .catch((error: unknown) => errorText(message.id, toErrorBody(error)))
      .then((text) => this.#send(text))
      .catch((thrown: unknown) => report('the answer to a question', this.#options.onDefect, thrown));
  }

  /** The backend no longer wants to know. */
  cancel(id: RequestId): void {
    this.#open.get(id)?.abort(new Error('the backend took its question back'));
  }

  async #answer(message: RpcRequest, own: ActiveCall | undefined): Promise<JsonObject> {
    if (message.method === 'ping') return {};
    if (!Object.hasOwn(askableMethods, message.method) && !taskMethods.has(message.method)) {
      throw new ProtocolError(errorCodes.methodNotFound, `the gateway does not know "${message.method}"`);
    }
    const call =
      own ?? (this.#options.isShared ? undefined : await this.#options.calls.nextAskable(ownerWaitMs));
    if (call?.request === undefined) return this.#refuseUnowned(message);
    if (!call.request.client.canAsk) throw refuse(call, message);
    if (this.#open.size >= maxOpenAsks) {
      throw new ProtocolError(errorCodes.internalError, `more than ${maxOpenAsks} questions at once`);
    }
    return this.#relay(message, call, call.request.client);
  }

  async #relay(
    message: RpcRequest,
    call: ActiveCall,
    client: NonNullable<ActiveCall['request']>['client'],
  ): Promise<JsonObject> {
    const takenBack = new AbortController();
    this.#open.set(message.id, takenBack);
    call.askOpened();
    try {
      const signal = AbortSignal.any([call.ended, takenBack.signal, AbortSignal.timeout(askTimeoutMs)]);
      const { method, params: asked = {} } = message;
      const params = soundQuestion(this.#options.fields, method, asked);
      const answer = await client.request(method, params, signal, this.#progressTo(params));
      return soundAnswer(this.#options.fields, method, answer);
    } finally {
      call.askClosed();
      this.#open.delete(message.id);
    }
  }

  /** The client knows its question by another token than the backend. */
  #progressTo(params: JsonObject): ((progress: JsonObject) => void) | undefined {
    const progressToken = metaOf(params)?.[metaKeys.progressToken];
    if (progressToken === undefined) return undefined;
    return (progress) =>
      this.#send(notificationText('notifications/progress', { ...progress, progressToken }));
  }

  /** A question that belongs to no client's call: nobody may answer for a client. */
  #refuseUnowned(message: RpcRequest): JsonObject {
    const call = this.#options.calls.onlyClients();
    if (call !== undefined) throw refuse(call, message);
    if (message.method === 'roots/list') return { roots: [] };
    throw new ProtocolError(
      errorCodes.invalidRequest,
      `no client is attached that could answer "${message.method}"`,
    );
  }

  #send(text: string): void {
    const { backend, onLog, send } = this.#options;
    send(text).catch((error: unknown) => {
      onLog({
        level: 'debug',
        backend,
        message: `did not take an answer to its question: ${messageOf(error)}`,
      });
    });
  }
}

/**
 * A question as clients can take it.
 * @throws {ProtocolError} invalid params where it is of no use, for the backend to hear.
 */
export function soundQuestion(fields: FieldLog, method: string, params: JsonObject): JsonObject {
  const sound = fields.repair('question', method, params, () => `asks ${method} with`);
  if (sound !== undefined) return sound;
  throw new ProtocolError(errorCodes.invalidParams, `no client could take these parameters of ${method}`);
}

/**
 * What a client answered as backends can take it.
 * @throws {ProtocolError} internal error where it is of no use.
 */
export function soundAnswer(fields: FieldLog, method: string, answer: JsonObject): JsonObject {
  const sound = fields.repair(
    'client-result',
    method,
    answer,
    () => `is answered ${method} by a client with`,
  );
  if (sound !== undefined) return sound;
  throw new ProtocolError(errorCodes.internalError, `the client's answer to ${method} cannot be understood`);
}

/** Why a call that has no client's end to ask cannot have its question answered, in words for the agent. */
export function cannotAsk(tool: string | undefined, method: string): InputRefusedError {
  return new InputRefusedError(
    errorCodes.invalidRequest,
    `${whatOf(tool)} asks the client something in mid-call (${method}), which is not possible here: call it directly`,
  );
}

function refuse(call: ActiveCall, { method, params = {} }: RpcRequest): ProtocolError {
  const { shownAs, client, caller } = call.request ?? {};
  const missing = client?.canAsk ? missingCapability(caller?.capabilities ?? {}, method, params) : undefined;
  call.refusedAsk = missing === undefined ? cannotAsk(shownAs, method) : undeclared(shownAs, method, missing);
  return call.refusedAsk;
}

/** What a 2026-07-28 backend would have said itself; backends before it see what the shared connection declares. */
export function undeclared(tool: string | undefined, method: string, missing: JsonObject): ProtocolError {
  return new InputRefusedError(
    errorCodes.missingRequiredClientCapability,
    `${whatOf(tool)} asks the client something in mid-call (${method}), which the client did not declare that it can answer`,
    { requiredCapabilities: missing },
  );
}

function whatOf(tool: string | undefined): string {
  return tool === undefined ? 'this request' : `the tool "${tool}"`;
}
