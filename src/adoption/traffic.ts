import type { CounterName } from './queries.ts';
import type { Sample } from './prometheus.ts';
import type { Shares, Traffic } from './report.ts';

/** Adds up traffic from samples. */
export class TrafficSum {
  readonly #calls = { execute_tool_script: { success: 0, error: 0 }, tool_call: { success: 0, error: 0 } };
  readonly #scripts: Record<string, number> = {};
  #inner = 0;

  add(counter: CounterName, { labels, value }: Sample): void {
    const { method, status = '' } = labels;
    if (counter === 'inner') this.#inner += value;
    if (counter === 'scripts') this.#scripts[status] = (this.#scripts[status] ?? 0) + value;
    if (counter !== 'calls' || (method !== 'execute_tool_script' && method !== 'tool_call')) return;
    this.#calls[method][status === 'success' ? 'success' : 'error'] += value;
  }

  /** Adds what another has added up. */
  addAll(other: TrafficSum): void {
    this.#inner += other.#inner;
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
    };
  }
}

export function totalOf({ success, error }: { readonly success: number; readonly error: number }): number {
  return success + error;
}

export function toShares({ scriptCalls, regularCalls, scripts, innerCalls }: Traffic): Shares {
  const scriptCount = totalOf(scriptCalls);
  const regularCount = totalOf(regularCalls);
  const ended = Object.values(scripts).reduce((sum, count) => sum + count, 0);
  return {
    scriptShare: ratio(scriptCount, scriptCount + regularCount),
    workShare: ratio(innerCalls, innerCalls + regularCount),
    scriptSuccess: ratio(scripts['success'] ?? 0, ended),
    callsSavedPerScript: ended === 0 ? null : innerCalls / ended - 1,
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
