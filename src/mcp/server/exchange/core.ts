import { isExpired, type Gateway, type Principal, type Revision } from '../../../gateway/index.ts';
import {
  AbandonedError,
  CancelledError,
  ProtocolError,
  errorCodes,
  isKnownMethod,
} from '../../../protocol/index.ts';
import type { RpcErrorBody } from '../../wire/jsonrpc.ts';
import { toErrorBody } from '../../wire/jsonrpc.ts';
import { contain, guarded, type OnDefect, report } from '../../../lib/guarded.ts';
import { ListWriter } from './lists.ts';
import type { EndpointLimits, McpEndpointOptions, Operation } from './options.ts';
import { defaultLimits } from './options.ts';

/** The longest wait of a timer. */
const maxTimerMs = 2 ** 31 - 1;

/** What both eras and both transports of one endpoint share. */
export class Core {
  readonly options: McpEndpointOptions;
  readonly limits: EndpointLimits;
  readonly lists: ListWriter = new ListWriter();
  readonly now: () => number;
  /** Tells the operator. Never throws. */
  readonly onDefect: OnDefect;
  /** Requests of all clients that have no answer yet. */
  running = 0;

  constructor(options: McpEndpointOptions) {
    this.options = options;
    this.limits = { ...defaultLimits, ...options.limits };
    this.now = options.now ?? (() => performance.now());
    this.onDefect = (thrown, where) => report(where, options.onFault, thrown);
  }

  get gateway(): Gateway {
    return this.options.gateway();
  }

  /** What a client is told of an error; what it is not told goes to the operator. */
  errorBody(error: unknown): RpcErrorBody {
    if (error instanceof CancelledError || error instanceof AbandonedError) {
      return { code: errorCodes.requestCancelled, message: error.message };
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
    const wallClock = this.options.wallClock ?? Date.now;
    const wait = (): NodeJS.Timeout => {
      const leftMs = expiresAtMs - wallClock();
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
    return isExpired(principal, (this.options.wallClock ?? Date.now)());
  }

  /** Counts a request as running while `work` is under way, and reports it. `work` tells the error code, if any. */
  async track(
    method: string,
    revision: Revision,
    transport: Operation['transport'],
    work: () => Promise<number | undefined>,
  ): Promise<void> {
    const startedMs = this.now();
    this.running++;
    try {
      const errorCode = await work();
      contain('the report of a request', this.onDefect, () =>
        this.#report(method, revision, transport, startedMs, errorCode),
      );
    } finally {
      this.running--;
    }
  }

  #report(
    method: string,
    revision: Revision,
    transport: Operation['transport'],
    startedMs: number,
    errorCode: number | undefined,
  ): void {
    const { onOperation } = this.options;
    if (onOperation === undefined) return;
    const operation = {
      method: isKnownMethod(method) ? method : 'other',
      revision,
      transport,
      durationMs: this.now() - startedMs,
    };
    onOperation(errorCode === undefined ? operation : { ...operation, errorCode });
  }
}
