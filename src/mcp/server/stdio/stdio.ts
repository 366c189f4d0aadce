import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { CancelledError, errorCodes } from '../../../protocol/index.ts';
import type { Caller, Principal, Wishes } from '../../../gateway/index.ts';
import { joinPieces, writePieces, type TextPieces } from '../../../lib/text-pieces.ts';
import { TransientMap } from '../../../lib/transient-map.ts';
import type { ParsedMessage, RequestId, RpcNotification } from '../../wire/jsonrpc.ts';
import {
  WireError,
  errorText,
  isRequestId,
  parseBatch,
  parseMessage,
  resultText,
} from '../../wire/jsonrpc.ts';
import { idOfCutRequest } from '../../wire/cut-request.ts';
import { LineReader } from '../../wire/lines.ts';
import { hasBatches, metaKeys, metaOf } from '../../wire/revisions.ts';
import type { Core } from '../exchange/core.ts';
import type { Arrival, IncomingRequest } from '../exchange/arrival.ts';
import { noHeaders } from '../exchange/arrival.ts';
import type { LegacyServer } from '../sessions/session-server.ts';
import { Listen } from '../stateless/listens.ts';
import type { ModernServer, Running } from '../stateless/stateless-server.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Session } from '../sessions/session.ts';
import { contain, guarded } from '../../../lib/guarded.ts';

/** Notifications that wait for the result of `initialize`. */
const maxHeld = 100;

interface StdioParts {
  readonly legacy: LegacyServer;
  readonly modern: ModernServer;
  readonly output: Writable;
  /** Who the client is. */
  readonly principal: Principal;
  readonly wishes: Wishes;
}

/**
 * Serves one client on a pair of streams, a message a line. The client may speak both eras: requests that carry their
 * revision in `_meta` are served by that, all others belong to the session that `initialize` opened.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
export class StdioTransport {
  readonly #core: Core;
  readonly #legacy: LegacyServer;
  readonly #modern: ModernServer;
  readonly #output: Writable;
  readonly #arrival: Arrival;
  /** Under which a 2026-07-28 client's requests are known to the gateway. */
  readonly #sessionId = randomBytes(18).toString('base64url');
  /** Ids of requests without an answer yet: on one channel they must tell the answers apart. */
  readonly #ids = new Set<RequestId>();
  readonly #modernRunning = new TransientMap<RequestId, Running>();
  #session: Session | undefined;
  #over = false;

  constructor(core: Core, parts: StdioParts) {
    this.#core = core;
    const { principal, wishes } = parts;
    this.#arrival = { transport: 'stdio', headers: {}, forwardedHeaders: noHeaders, principal, wishes };
    this.#legacy = parts.legacy;
    this.#modern = parts.modern;
    this.#output = parts.output;
  }

  /** The legacy session, once there is one. */
  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * Reads messages until the client closes its end or `signal` is aborted; then lets what is under way finish, for a
   * while, and ends the session.
   */
  async serve(input: Readable, signal: AbortSignal): Promise<void> {
    const { limits, onDefect } = this.#core;
    const lines = new LineReader(limits.maxBodyBytes, {
      // One that cannot be dealt with keeps no other from being read.
      onLine: guarded('a line of the client', onDefect, (line: Buffer) => this.#take(line)),
      onTooLong: guarded('a long line of the client', onDefect, (head: Buffer, tail: Buffer) =>
        this.#refuseLong(head.toString('utf8'), tail.toString('utf8')),
      ),
    });
    this.#output.on('error', () => input.destroy());
    await new Promise<void>((resolve) => {
      const read = (chunk: Buffer): void => {
        lines.push(chunk);
        if (this.#isClogged && this.#output.writableNeedDrain) this.#rest(input);
      };
      input.on('data', guarded('the input of the client', onDefect, read));
      input.once(
        'end',
        guarded('the input of the client', onDefect, () => lines.end()),
      );
      for (const end of ['end', 'close', 'error']) input.on(end, () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // A pipe that is still read would keep the process from ending.
    input.destroy();
    if (!signal.aborted && this.#output.writable) await this.#drain();
    await this.#end();
  }

  #take(line: Buffer): void {
    if (!isUtf8(line)) return this.#refuse('expected a line in UTF-8');
    const text = line.toString('utf8');
    try {
      this.#hear(parseMessage(text));
    } catch (error) {
      const isBatch = error instanceof WireError && error.fault === 'batch';
      if (isBatch && this.#session !== undefined && hasBatches(this.#session.caller.revision))
        this.#takeBatch(text);
      else this.#refuseMessage(error);
    }
  }

  /** Each message of a batch is heard as if it had come alone. */
  #takeBatch(text: string): void {
    try {
      for (const each of parseBatch(text, this.#core.limits.maxRunningPerSession)) {
        if (each instanceof WireError) this.#refuseMessage(each);
        else this.#hear(each);
      }
    } catch (error) {
      this.#refuseMessage(error);
    }
  }

  #hear(parsed: ParsedMessage): void {
    if (parsed.kind === 'request') this.#request(parsed);
    else if (parsed.kind === 'notification') this.#notification(parsed.message);
    else this.#session?.asks.settle(parsed.message);
  }

  #refuseMessage(error: unknown): void {
    const id = error instanceof WireError ? (error.id ?? null) : null;
    this.#write(errorText(id, this.#core.errorBody(error)));
  }

  #request(incoming: IncomingRequest): void {
    const { message } = incoming;
    const { id } = message;
    const { limits } = this.#core;
    if (this.#ids.has(id)) {
      return this.#refuse('a request with this "id" is under way', id);
    }
    if (this.#ids.size >= limits.maxRunningPerSession) {
      return this.#refuse('too many requests are under way', id);
    }
    if (this.#core.isExpired(this.#arrival.principal)) {
      return this.#refuse(
        'the credential in VMCP_TOKEN has ended: start the server again with a new one',
        id,
      );
    }
    const reply = this.#replyFor(id);
    if (metaOf(message.params)?.[metaKeys.protocolVersion] !== undefined)
      this.#modernRequest(incoming, reply);
    else if (message.method === 'initialize' || this.#session !== undefined)
      contain('the answer to a request', this.#core.onDefect, () => this.#legacyRequest(incoming, reply));
    else reply.answer(refusal(id, 'expected "initialize" first, or the protocol version in "_meta"'), 400);
  }

  #legacyRequest(incoming: IncomingRequest, reply: Reply): Promise<void> {
    const session = this.#session;
    if (session === undefined || incoming.message.method === 'initialize')
      return this.#initialize(incoming, reply);
    return this.#legacy.request(session, incoming, reply, this.#arrival);
  }

  #modernRequest(incoming: IncomingRequest, reply: Reply): void {
    const { id } = incoming.message;
    let caller: Caller;
    try {
      caller = this.#modern.callerOf(incoming.message.params, this.#arrival, this.#sessionId);
    } catch (error) {
      return reply.answer(errorText(id, this.#core.errorBody(error)), 400);
    }
    const running = this.#modern.serve(caller, incoming, reply, this.#arrival);
    if (!running.settled) this.#modernRunning.set(id, running);
  }

  async #initialize({ message, fault }: IncomingRequest, reply: Reply): Promise<void> {
    const { id, params = {} } = message;
    if (this.#session !== undefined) return reply.answer(refusal(id, 'the session is open already'), 400);
    if (fault !== undefined || typeof params['protocolVersion'] !== 'string') {
      const message = fault ?? 'expected "protocolVersion" to be a string';
      return reply.answer(errorText(id, { code: errorCodes.invalidParams, message }), 200);
    }
    const session = this.#legacy.open(params, this.#arrival);
    // Nothing comes before the result; of what is told alike meanwhile, once is enough.
    let held: Set<string> | undefined = new Set();
    session.outlet = {
      offer: (text) => {
        if (held === undefined) this.#offer(text);
        else if (held.size < maxHeld) held.add(text);
      },
      close: () => {},
    };
    const tellHeld = (): void => {
      const texts = held ?? [];
      held = undefined;
      for (const text of texts) this.#offer(text);
    };
    this.#session = session;
    const arrival = this.#arrival;
    await this.#core.track({ method: 'initialize', caller: session.caller, arrival }, async () => {
      try {
        reply.answer(resultText(id, await this.#legacy.initializeResult(session)), 200);
        tellHeld();
        return undefined;
      } catch (error) {
        const body = this.#core.errorBody(error);
        reply.answer(errorText(id, body), 200);
        return body.code;
      }
    });
  }

  #notification(message: RpcNotification): void {
    const requestId = message.params?.['requestId'];
    if (message.method === 'notifications/cancelled' && isRequestId(requestId)) {
      const running = this.#modernRunning.get(requestId);
      if (running !== undefined) return running.cancel(new CancelledError());
    }
    if (this.#session !== undefined) this.#legacy.notification(this.#session, message, this.#arrival);
  }

  #replyFor(id: RequestId): Reply {
    this.#ids.add(id);
    return {
      send: (text) => this.#write(text),
      offer: (text) => this.#offer(text),
      answer: (text) => {
        this.#forget(id);
        this.#write(text);
      },
      drop: () => this.#forget(id),
    };
  }

  #forget(id: RequestId): void {
    this.#ids.delete(id);
    this.#modernRunning.delete(id);
  }

  /** Waits until nothing is under way, but not for long. */
  async #drain(): Promise<void> {
    const untilMs = performance.now() + this.#core.limits.stdioDrainMs;
    while (this.#busy && performance.now() < untilMs) await setTimeout(10);
  }

  get #busy(): boolean {
    return [...this.#ids].some((id) => !(this.#modernRunning.get(id) instanceof Listen));
  }

  /** True while more waits for the client to read than may. */
  get #isClogged(): boolean {
    return this.#output.writableLength > this.#core.limits.maxBufferedBytes;
  }

  /** A client that does not read its answers is not heard for as long. */
  #rest(input: Readable): void {
    input.pause();
    this.#output.once('drain', () => input.resume());
  }

  async #end(): Promise<void> {
    this.#over = true;
    for (const running of this.#modernRunning.values()) {
      running.cancel(new CancelledError('the client is gone'));
    }
    if (this.#session !== undefined) {
      this.#session.end();
      this.#core.occurred({ kind: 'session ended', caller: this.#session.caller });
    }
    const ids = [this.#sessionId, this.#session?.caller.sessionId].filter((id) => id !== undefined);
    await Promise.allSettled(ids.map((id) => this.#core.gateway.endSession(id)));
  }

  #refuseLong(head: string, tail: string): void {
    const message = `expected a line of at most ${this.#core.limits.maxBodyBytes} bytes`;
    this.#refuse(message, idOfCutRequest(head, tail) ?? null);
  }

  #refuse(message: string, id: RequestId | null = null): void {
    this.#write(refusal(id, message));
  }

  #offer(text: string): void {
    if (!this.#isClogged) this.#write(text);
  }

  #write(text: TextPieces): void {
    if (!this.#over && this.#output.writable) writePieces(this.#output, joinPieces(text, '\n'));
  }
}

function refusal(id: RequestId | null, message: string): string {
  return errorText(id, { code: errorCodes.invalidRequest, message });
}
