import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { toolCallCounts, type Sample, type ToolCallCounts } from './metrics-text.ts';

export type Method = 'execute_tool_script' | 'tool_call';
export type Status = 'success' | 'error';

/** What clients really did, written down call by call, to hold the four series against. */
export class Ledger {
  readonly #counts: Record<Method, Record<Status, number>> = {
    execute_tool_script: { success: 0, error: 0 },
    tool_call: { success: 0, error: 0 },
  };

  record(method: Method, status: Status): void {
    this.#counts[method][status]++;
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

  /** Holds the page against this record; what is still on its way is given `timeoutMs` (5 s) to arrive. */
  async assertMatches(readMetrics: () => Promise<Sample[]>, timeoutMs = 5_000): Promise<void> {
    await eventually(
      async () => assert.deepEqual(toolCallCounts(await readMetrics()), this.counts),
      timeoutMs,
    );
  }
}
