import { availableParallelism, totalmem } from 'node:os';
import type { FeatureCode } from '../../feature.ts';
import type { CodeModeConfig } from '../declaration.ts';
import { recordScript, type codeModeMetrics } from '../metrics.ts';
import { largestLimitBytes, scriptMemory } from '../shared/script-memory.ts';
import { createScriptPool, type ScriptPool } from './pool.ts';
import { codeMode } from './provider.ts';
import { scriptTracer } from './script-spans.ts';

/** Code mode at work: the script pool outlives reloads, the provider belongs to one configuration. */
export const codeModeCode: FeatureCode<CodeModeConfig, typeof codeModeMetrics, ScriptPool> = {
  keep: ({ memoryLimitBytes }, { log, onDefect }) => {
    const availableBytes = availableMemory();
    const share = scriptMemory(availableBytes, availableParallelism(), memoryLimitBytes);
    const largest = largestLimitBytes(share.heapBytes);
    if (largest < memoryLimitBytes)
      log(
        'warn',
        `codeMode.memoryLimit: ${toMebibytes(availableBytes)} of memory leave ${toMebibytes(largest)} for a script, ` +
          `not ${toMebibytes(memoryLimitBytes)}; scripts get that`,
      );
    return createScriptPool({
      memoryLimitBytes,
      ...share,
      onDefect,
      onThreadLost: (event) => log('error', 'a script thread was lost and is replaced', event),
    });
  },
  prepare: ({ enabled: _, ...limits }, { instruments, spans, log, onDefect, server }, pool) => ({
    provider: codeMode({
      ...limits,
      pool,
      backends: {
        toolOrigins: () => server().toolOrigins(),
        presentations: () => server().presentations(),
      },
      ...(spans && { tracer: scriptTracer(spans) }),
      onDefect,
      onRefusal: () => instruments.codeModeRefusals.add(1),
      onCallMade: (durationMs) => instruments.scriptToolCallDuration.record(durationMs / 1000),
      onStart: (start) => log('info', 'script started', start),
      onRun: (run) => {
        recordScript(instruments, run);
        const durationMs = Number(run.durationMs.toFixed(2));
        log(run.status === 'success' ? 'info' : 'warn', 'script ended', { ...run, durationMs });
      },
    }),
    commit: () => pool.allow(limits.memoryLimitBytes),
  }),
};

/** What this process and its script threads may hold: of the machine, or of the container (its control group). */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

function toMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
