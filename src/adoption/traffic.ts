import type { CounterName } from './queries.ts';
import type { Sample } from './prometheus.ts';
import type { Savings, Shares, Traffic } from './report.ts';

/** Adds up traffic from samples. */
export class TrafficSum {
  readonly #calls = { execute_tool_script: { success: 0, error: 0 }, tool_call: { success: 0, error: 0 } };
  readonly #scripts: Record<string, number> = {};
  #inner = 0;
  #refused = 0;
  readonly #bytes = { tool: 0, client: 0 };
  readonly #seconds = { scriptSeconds: 0, callSeconds: 0 };
  readonly #seen = new Set<CounterName>();

  add(counter: CounterName, { labels, value }: Sample): void {
    const { method, status = '', direction } = labels;
    this.#seen.add(counter);
    if (counter === 'refused') this.#refused += value;
    if (counter === 'bytes' && (direction === 'tool' || direction === 'client'))
      this.#bytes[direction] += value;
    if (counter === 'scriptSeconds' || counter === 'callSeconds') this.#seconds[counter] += value;
    if (counter === 'inner') this.#inner += value;
    if (counter === 'scripts') this.#scripts[status] = (this.#scripts[status] ?? 0) + value;
    if (counter !== 'calls' || (method !== 'execute_tool_script' && method !== 'tool_call')) return;
    this.#calls[method][status === 'success' ? 'success' : 'error'] += value;
  }

  /** Adds what another has added up. */
  addAll(other: TrafficSum): void {
    this.#inner += other.#inner;
    this.#refused += other.#refused;
    for (const direction of ['tool', 'client'] as const) this.#bytes[direction] += other.#bytes[direction];
    for (const what of ['scriptSeconds', 'callSeconds'] as const) this.#seconds[what] += other.#seconds[what];
    for (const counter of other.#seen) this.#seen.add(counter);
    for (const [status, count] of Object.entries(other.#scripts)) {
      this.#scripts[status] = (this.#scripts[status] ?? 0) + count;
    }
    for (const method of ['execute_tool_script', 'tool_call'] as const) {
      this.#calls[method].success += other.#calls[method].success;
      this.#calls[method].error += other.#calls[method].error;
    }
  }

  /** Rounded at last: around a restart Prometheus gives fractions. */
  toTraffic(): Traffic {
    const rounded = ({ success, error }: { success: number; error: number }): Traffic['scriptCalls'] => ({
      success: Math.round(success),
      error: Math.round(error),
    });
    return {
      scriptCalls: rounded(this.#calls.execute_tool_script),
      regularCalls: rounded(this.#calls.tool_call),
      scripts: Object.fromEntries(
        Object.entries(this.#scripts)
          .map(([status, count]) => [status, Math.round(count)] as const)
          .filter(([, count]) => count > 0),
      ),
      innerCalls: Math.round(this.#inner),
      refusedCalls: Math.round(this.#refused),
      resultBytes: this.#seen.has('bytes')
        ? { received: Math.round(this.#bytes.tool), answered: Math.round(this.#bytes.client) }
        : null,
      seconds: this.#seen.has('callSeconds')
        ? { scripts: this.#seconds.scriptSeconds, calls: this.#seconds.callSeconds }
        : null,
    };
  }
}

export function totalOf({ success, error }: { readonly success: number; readonly error: number }): number {
  return success + error;
}

/** Tokens are not counted anywhere: this many bytes are taken for one. */
const bytesPerToken = 4;

/** What is said of traffic: shares, and what scripts saved. */
export function toShares(traffic: Traffic): Shares & Savings {
  const { scriptCalls, regularCalls, scripts, innerCalls, refusedCalls } = traffic;
  const scriptCount = totalOf(scriptCalls);
  // A refused call comes again as a script: it is in no share.
  const regularCount = Math.max(0, totalOf(regularCalls) - refusedCalls);
  const ended = Object.values(scripts).reduce((sum, count) => sum + count, 0);
  return {
    scriptShare: ratio(scriptCount, scriptCount + regularCount),
    workShare: ratio(innerCalls, innerCalls + regularCount),
    scriptSuccess: ratio(scripts['success'] ?? 0, ended),
    callsSavedPerScript: ended === 0 ? null : innerCalls / ended - 1,
    ...toSavings(traffic, ended),
  };
}

function toSavings({ innerCalls, resultBytes, seconds }: Traffic, ended: number): Savings {
  const bytesKeptOut = resultBytes === null ? null : Math.max(0, resultBytes.received - resultBytes.answered);
  return {
    callsSaved: Math.max(0, innerCalls - ended),
    bytesKeptOut,
    tokensKeptOutEstimate: bytesKeptOut === null ? null : Math.round(bytesKeptOut / bytesPerToken),
    secondsSavedEstimate: seconds === null ? null : Math.max(0, seconds.calls - seconds.scripts),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
