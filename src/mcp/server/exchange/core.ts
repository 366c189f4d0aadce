import {
  isExpired,
  type Caller,
  type Gateway,
  type Occurrence,
  type Principal,
} from '../../../gateway/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import {
  AbandonedError,
  CancelledError,
  ProtocolError,
  errorCodes,
  isKnownMethod,
  isObject,
} from '../../../protocol/index.ts';
import { FieldLog } from '../../wire/field-log.ts';
import type { RpcErrorBody } from '../../wire/jsonrpc.ts';
import { toErrorBody } from '../../wire/jsonrpc.ts';
import { contain, guarded, type OnDefect, report } from '../../../lib/guarded.ts';
import type { Arrival } from './arrival.ts';
import { StoreError } from '../../../storage/index.ts';
import { ListWriter } from './lists.ts';
import type { EndpointLimits, McpEndpointOptions } from './options.ts';
import { defaultLimits } from './options.ts';

/** The longest wait of a timer. */
const maxTimerMs = 2 ** 31 - 1;

/** A request under way, as far as it is reported. */
export interface Tracked {
  readonly method: string;
  readonly caller: Caller;
  readonly arrival: Arrival;
  /** Absent for `initialize`, which asks the gateway for nothing that a client named. */
  readonly exchange?: { readonly asked: boolean };
}

/** What both eras and both transports of one endpoint share. */
export class Core {
  readonly options: McpEndpointOptions;
  readonly limits: EndpointLimits;
  readonly lists: ListWriter = new ListWriter();
  readonly #fields: FieldLog;
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Tells the operator. Never throws. */
  readonly onDefect: OnDefect;
  /** Requests of all clients that have no answer yet. */
  running = 0;

  constructor(options: McpEndpointOptions) {
    this.options = options;
    this.limits = { ...defaultLimits, ...options.limits };
    this.wallClock = options.wallClock ?? Date.now;
    this.now = options.now ?? (() => performance.now());
    this.#fields = new FieldLog((message) => options.onOddClient?.(message));
    this.onDefect = (thrown, where) => report(where, options.onFault, thrown);
  }

  get gateway(): Gateway {
    return this.options.gateway();
  }

  /**
   * What a client says of itself, as backends can take it: an odd field costs itself alone.
   * @param said where a client says it, for the operator
   */
  declarationOf(
    capabilities: JsonValue | undefined,
    clientInfo: JsonValue | undefined,
    said: string,
  ): Pick<Caller, 'capabilities' | 'clientInfo'> {
    const declared: JsonObject = {
      ...(capabilities !== undefined && { capabilities }),
      ...(clientInfo !== undefined && { clientInfo }),
    };
    const start = (): string => `a client declares itself in ${said} with`;
    const sound = this.#fields.repair('client', 'initialize', declared, start) ?? {};
    return {
      capabilities: isObject(sound['capabilities']) ? sound['capabilities'] : {},
      ...(isObject(sound['clientInfo']) && { clientInfo: sound['clientInfo'] }),
    };
  }

  /** What a client is told of an error; what it is not told goes to the operator. */
  errorBody(error: unknown): RpcErrorBody {
    if (error instanceof CancelledError || error instanceof AbandonedError) {
      return { code: errorCodes.requestCancelled, message: error.message };
    }
    if (error instanceof StoreError) {
      return { code: errorCodes.internalError, message: 'what replicas share cannot be reached; try again' };
    }
    if (!(error instanceof ProtocolError)) this.onDefect(error, 'a request');
    return toErrorBody(error);
  }

  /**
   * Acts when a principal's credential ends. Never before, and not at all for one that does not end.
   * @returns how to forget about it
   */
  whenExpired({ expiresAtMs }: Principal, act: () => void): () => void {
    if (expiresAtMs === undefined) return () => undefined;
    const wait = (): NodeJS.Timeout => {
      const leftMs = expiresAtMs - this.wallClock();
      const isDue = leftMs <= maxTimerMs;
      const go = guarded('the end of a credential', this.onDefect, () => {
        if (isDue) act();
        else timer = wait();
      });
      return setTimeout(go, isDue ? Math.max(0, leftMs) : maxTimerMs).unref();
    };
    let timer = wait();
    return () => clearTimeout(timer);
  }

  /** True when a principal's credential has ended. HTTP has its requests authenticated; a stdio client has one credential. */
  isExpired(principal: Principal): boolean {
    return isExpired(principal, this.wallClock());
  }

  /** Tells of what never reaches the gateway. Never throws. */
  occurred(occurrence: Occurrence): void {
    contain('the report of an occurrence', this.onDefect, () => this.options.onOccurrence?.(occurrence));
  }

  /** Counts a request as running while `work` is under way, and reports it. `work` tells the error code, if any. */
  async track(tracked: Tracked, work: () => Promise<number | undefined>): Promise<void> {
    const { http } = tracked.arrival;
    if (http !== undefined) http.taken = true;
    const startedMs = this.now();
    this.running++;
    try {
      const errorCode = await work();
      contain('the report of a request', this.onDefect, () =>
        this.#report(tracked, this.now() - startedMs, errorCode),
      );
    } finally {
      this.running--;
    }
  }

  #report(
    { method, caller, arrival, exchange }: Tracked,
    durationMs: number,
    code: number | undefined,
  ): void {
    const outcome = code === undefined ? { durationMs } : { durationMs, errorCode: code };
    this.options.onOperation?.({
      method: isKnownMethod(method) ? method : 'other',
      revision: caller.revision,
      transport: arrival.transport,
      ...outcome,
    });
    if (exchange?.asked !== true)
      this.occurred({ kind: 'request', method, caller, sender: arrival, ...outcome });
  }
}
