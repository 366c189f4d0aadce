import { availableParallelism, totalmem } from 'node:os';
import { FileWatch } from '../../../lib/file-watch.ts';
import { FeatureError, type FeatureCode, type FeatureHost } from '../../feature.ts';
import type { CodeModeConfig } from '../declaration.ts';
import { recordScript, scriptStatuses, type codeModeMetrics } from '../metrics.ts';
import { largestLimitBytes, scriptMemory } from '../shared/script-memory.ts';
import { SavedToolError, stampOf, type SavedTool } from '../saved/saved-tool.ts';
import type { CodeModeOptions } from './options.ts';
import { createScriptPool, type ScriptPool } from './pool.ts';
import { approveCalls } from '../approval/approve.ts';
import { codeModeProviders } from './saved-tools.ts';
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
  prepare: async ({ enabled: _, tools, approval, ...limits }, host, pool) => {
    const { instruments, spans, log, onDefect, server } = host;
    const saved = await prepareSavedTools(tools, host);
    const options: CodeModeOptions = {
      ...limits,
      pool,
      savedTools: saved.tools,
      backends: {
        toolOrigins: () => server().toolOrigins(),
        presentations: () => server().presentations(),
      },
      ...(spans && { tracer: scriptTracer(spans) }),
      onDefect,
      onRefusal: () => instruments.codeModeRefusals.add(1),
      onCallMade: (durationMs) => instruments.scriptToolCallDuration.record(durationMs / 1000),
      onStart: (start) => log('info', 'script started', start),
      onRunInPlace: (tool, status) => instruments.savedScriptExecutions.add(1, { tool_name: tool, status }),
      onRun: (run) => {
        const { savedTool, status } = run;
        if (savedTool === undefined) recordScript(instruments, run);
        else instruments.savedScriptExecutions.add(1, { tool_name: savedTool, status });
        const durationMs = Number(run.durationMs.toFixed(2));
        log(status === 'success' ? 'info' : 'warn', 'script ended', { ...run, durationMs });
      },
    };
    const [provider, ...providersBelow] = codeModeProviders(options);
    const every = approveCalls({
      approval,
      annotations: new Map(saved.tools.map(({ tool }) => [tool.name, tool['annotations']])),
      redact: host.redact,
      onDefect,
    });
    return {
      ...(every && { every }),
      provider,
      providersBelow,
      commit: () => {
        pool.allow(limits.memoryLimitBytes);
        // So that the first run is not lost to rate().
        for (const { tool } of saved.tools)
          for (const status of scriptStatuses)
            instruments.savedScriptExecutions.add(0, { tool_name: tool.name, status });
      },
      retire: async () => saved.watch?.close(),
    };
  },
};

interface PreparedTools {
  readonly tools: readonly SavedTool[];
  readonly watch?: FileWatch;
}

/** @throws FeatureError where one of them cannot be served */
async function prepareSavedTools(
  options: CodeModeConfig['tools'],
  host: FeatureHost<typeof codeModeMetrics>,
): Promise<PreparedTools> {
  if (options.length === 0) return { tools: [] };
  const { onDefect } = host;
  const isWatched = options.some(({ file }) => file !== undefined);
  const watch = isWatched
    ? await FileWatch.over(() => stampOf(options), { onChange: () => host.reload(), onDefect })
    : undefined;
  try {
    const { loadSavedTools } = await import('../saved/check-options.ts');
    return { tools: await loadSavedTools(options), ...(watch && { watch }) };
  } catch (error) {
    watch?.close();
    if (!(error instanceof SavedToolError)) throw error;
    const { index, key, message } = error;
    throw new FeatureError(`codeMode.tools[${index}].${key}: ${message}`, { cause: error });
  }
}

/** What this process and its script threads may hold: of the machine, or of the container (its control group). */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

function toMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
