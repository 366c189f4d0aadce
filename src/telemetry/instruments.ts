import { type Counter, type Meter, type ObservableGauge, ValueType } from '@opentelemetry/api';
import { callMethods, callStatuses, type CallMethod, type CallStatus, declarations } from './declarations.ts';
import type { Declaration } from './kit/declaration.ts';
import { fromErrorCode } from './error-type.ts';
import { createOperationSeries, type OperationSeries } from './operation-series.ts';

/** A request of a client when it is over. */
export interface EdgeRequest {
  /** A method of the protocol; any other word becomes `_OTHER`. */
  readonly method: string;
  readonly durationMs: number;
  /** The JSON-RPC error code of the answer; absent for a result. */
  readonly errorCode?: number;
}

/** What the gauges read at each collection. */
export interface GaugeSources {
  /** Name of this virtual server, in the configuration now in force. */
  serverName: () => string;
  /** How many backends are configured, and how many of them do not serve. */
  backends: () => { readonly configured: number; readonly unavailable: number };
  /** Whether the last change of the configuration was refused. */
  configRejected: () => boolean;
}

/** The server's instruments, as verbs. None of them throws or waits. */
export interface Instruments {
  /** Adds 1 to the client's tool calls. Costs an addition: the SDK's counter gets the sum when it is read. */
  countToolCall(method: CallMethod, status: CallStatus): void;
  /**
   * Records one request of a client, of any method, as the edge reports it when it is over. Tool calls are left to the
   * stage that counts them, which knows whether the tool exists.
   */
  recordRequest(request: EdgeRequest): void;
  /** What is recorded per backend tool and per operation. */
  readonly operations: OperationSeries;
}

/**
 * Creates every instrument on the server's one meter. Counters start at 0 in all their series, so that ratios have data
 * and the first call is not lost to `rate()`.
 */
export function createInstruments(meter: Meter, sources: GaugeSources): Instruments {
  const toolCalls = createTallies(counter(meter, declarations.toolCalls), callAttributes);
  const operations = createOperationSeries();
  observeGauges(meter, sources, () => toolCalls.flush());
  return {
    countToolCall: (method, status) =>
      toolCalls.increment(callMethods.indexOf(method) * callStatuses.length + callStatuses.indexOf(status)),
    recordRequest({ method, durationMs, errorCode }) {
      if (method === 'tools/call') return;
      const errorType = errorCode === undefined ? undefined : fromErrorCode(errorCode);
      operations.recordServerOperation({ method, durationMs, errorType });
    },
    operations,
  };
}

const callAttributes = callMethods.flatMap((method) => callStatuses.map((status) => ({ method, status })));

/**
 * Collects increments of a counter's series and hands them on when the counter is read. `Counter.add` hashes its
 * attributes each time, which alone would take more than the microsecond that counting may cost a call.
 */
function createTallies(
  target: Counter,
  attributeSets: readonly Record<string, string>[],
): { increment(index: number): void; flush(): void } {
  const pending = attributeSets.map(() => 0);
  for (const attributes of attributeSets) target.add(0, attributes);
  return {
    increment: (index) => void pending[index]!++,
    flush() {
      for (const [index, count] of pending.entries()) {
        pending[index] = 0;
        if (count > 0) target.add(count, attributeSets[index]);
      }
    },
  };
}

/** The SDK runs this before it reads any other instrument of the meter, so what is flushed here is in the same reading. */
function observeGauges(meter: Meter, sources: GaugeSources, flush: () => void): void {
  const gauge = ({ name, description }: Declaration): ObservableGauge =>
    meter.createObservableGauge(name, { description, valueType: ValueType.INT });
  const discovered = gauge(declarations.backendsDiscovered);
  const unavailable = gauge(declarations.backendsUnavailable);
  const rejected = gauge(declarations.configRejected);
  meter.addBatchObservableCallback(
    (result) => {
      flush();
      const backends = sources.backends();
      result.observe(discovered, backends.configured);
      result.observe(unavailable, backends.unavailable);
      result.observe(rejected, sources.configRejected() ? 1 : 0);
    },
    [discovered, unavailable, rejected],
  );
}

function counter(meter: Meter, { name, description }: Declaration): Counter {
  return meter.createCounter(name, { description, valueType: ValueType.INT });
}
