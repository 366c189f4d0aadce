const keptPerTool = 64;
const mostTools = 5000;

/** How long the latest calls of each tool took. */
export class Latencies {
  readonly #byTool = new Map<string, number[]>();

  /** Takes note of a call that was answered. A name beyond the limit is left out: clients can invent names. */
  add(tool: string, durationMs: number): void {
    let durations = this.#byTool.get(tool);
    if (durations === undefined) {
      if (this.#byTool.size >= mostTools) return;
      durations = [];
      this.#byTool.set(tool, durations);
    }
    durations.push(durationMs);
    if (durations.length > keptPerTool) durations.shift();
  }

  /** Of these tools together, in milliseconds; undefined where none was called. */
  of(tools: readonly string[]): { p50: number; p95: number; calls: number } | undefined {
    const all = tools.flatMap((tool) => this.#byTool.get(tool) ?? []).sort((a, b) => a - b);
    if (all.length === 0) return undefined;
    const at = (share: number): number => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;
    return { p50: at(0.5), p95: at(0.95), calls: all.length };
  }
}
