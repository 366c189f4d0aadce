import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { sumOf, toolCallCounts, type Sample, type ToolCallCounts } from './metrics-text.ts';

export type Method = 'execute_tool_script' | 'tool_call';
export type Status = 'success' | 'error';
export type ScriptStatus = 'success' | 'error' | 'timeout' | 'step_limit' | 'memory_limit' | 'cancelled';

const scriptStatuses: readonly ScriptStatus[] = [
  'success',
  'error',
  'timeout',
  'step_limit',
  'memory_limit',
  'cancelled',
];

/** What one script did, as its author knows it. */
export interface ScriptRecord {
  readonly status: ScriptStatus;
  /** Tool calls it handed on. */
  readonly innerCalls?: number;
  /** Branches started by `parallel`. */
  readonly branches?: number;
}

/** What clients really did, written down call by call, to hold the four series against. */
export class Ledger {
  readonly #counts: Record<Method, Record<Status, number>> = {
    execute_tool_script: { success: 0, error: 0 },
    tool_call: { success: 0, error: 0 },
  };

  readonly #scripts: ScriptRecord[] = [];

  record(method: Method, status: Status): void {
    this.#counts[method][status]++;
  }

  /** A script is a client's call as well, a success only where its status is. */
  recordScript(script: ScriptRecord): void {
    this.#scripts.push(script);
    this.record('execute_tool_script', script.status === 'success' ? 'success' : 'error');
  }

  get total(): number {
    const { execute_tool_script: scripts, tool_call: calls } = this.#counts;
    return scripts.success + scripts.error + calls.success + calls.error;
  }

  get counts(): ToolCallCounts {
    const { execute_tool_script: scripts, tool_call: calls } = this.#counts;
    return {
      scriptSuccess: scripts.success,
      scriptError: scripts.error,
      callSuccess: calls.success,
      callError: calls.error,
    };
  }

  /** Holds the page against this record; what is still on its way is given `timeoutMs` (60 s) to arrive. */
  async assertMatches(readMetrics: () => Promise<Sample[]>, timeoutMs = 60_000): Promise<void> {
    await eventually(
      async () => assert.deepEqual(toolCallCounts(await readMetrics()), this.counts),
      timeoutMs,
    );
  }

  /** Holds every script metric against this record; exact, like the calls. */
  async assertScriptsMatch(readMetrics: () => Promise<Sample[]>, timeoutMs = 60_000): Promise<void> {
    await eventually(
      async () => assert.deepEqual(scriptMetrics(await readMetrics()), this.#scriptMetrics()),
      timeoutMs,
    );
  }

  #scriptMetrics(): ScriptMetrics {
    const total = (read: (script: ScriptRecord) => number | undefined): number =>
      this.#scripts.reduce((sum, script) => sum + (read(script) ?? 0), 0);
    const byStatus = scriptStatuses.map(
      (status) => [status, total((one) => Number(one.status === status))] as const,
    );
    return {
      executions: Object.fromEntries(byStatus),
      durations: Object.fromEntries(byStatus),
      innerCalls: total(({ innerCalls }) => innerCalls),
      innerCallRecords: this.#scripts.length,
      branches: total(({ branches }) => branches),
    };
  }
}

interface ScriptMetrics {
  readonly executions: Readonly<Record<string, number | undefined>>;
  readonly durations: Readonly<Record<string, number | undefined>>;
  readonly innerCalls: number | undefined;
  readonly innerCallRecords: number | undefined;
  readonly branches: number | undefined;
}

function scriptMetrics(samples: Sample[]): ScriptMetrics {
  const byStatus = (name: string): Record<string, number | undefined> =>
    Object.fromEntries(scriptStatuses.map((status) => [status, sumOf(samples, name, { status })]));
  return {
    executions: byStatus('toolhive_vmcp_script_executions_total'),
    durations: byStatus('toolhive_vmcp_script_duration_seconds_count'),
    innerCalls: sumOf(samples, 'toolhive_vmcp_script_tool_calls_sum'),
    innerCallRecords: sumOf(samples, 'toolhive_vmcp_script_tool_calls_count'),
    branches: sumOf(samples, 'toolhive_vmcp_script_parallel_goroutines_total'),
  };
}
