import { errorCodes, type JsonObject, type JsonValue, ProtocolError } from '../../../protocol/index.ts';
import { missingCapability } from '../../wire/client-capabilities.ts';
import type { Question } from '../exchange/asks.ts';
import { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import type { Session } from './session.ts';

/** A request under a revision before 2026-07-28: the client is asked in mid-call, by requests of the gateway's own. */
export class LegacyExchange extends Exchange {
  readonly canAsk = true;
  readonly #session: Session;

  constructor(session: Session, id: RequestId, method: string, reply: Reply) {
    super(id, method, reply);
    this.#session = session;
  }

  protected ask(question: Question): Promise<JsonObject> {
    const { method, params } = question;
    const reply = this.reply;
    if (this.settled || reply === undefined) return Promise.reject(gone(method));
    const missing = missingCapability(this.#session.caller.capabilities, method, params);
    if (missing !== undefined) return Promise.reject(undeclared(method, missing));
    return this.#session.asks.ask((text) => reply.send(text), question);
  }

  protected wantsLog(level: JsonValue | undefined): boolean {
    return this.#session.wantsLog(level);
  }
}

/** What the client would have answered: a method it does not have, or a mode it does not take. */
function undeclared(method: string, missing: JsonObject): ProtocolError {
  const onlyMode = method === 'elicitation/create' && JSON.stringify(missing).includes('"url"');
  return new ProtocolError(
    onlyMode ? errorCodes.invalidParams : errorCodes.methodNotFound,
    `the client cannot be asked ${method}: it did not declare ${JSON.stringify(missing)}`,
  );
}

function gone(method: string): ProtocolError {
  return new ProtocolError(
    errorCodes.requestCancelled,
    `the client cannot be asked ${method}: its request is over`,
  );
}
