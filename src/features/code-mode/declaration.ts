/** Code mode as the rest of the program knows it: its block `codeMode`, its metrics, and where its code is. */
import { count, duration, flag, section, size, type z } from '../../config/kit/index.ts';
import type { Feature } from '../feature.ts';
import { codeModeMetrics, observeCodeMode } from './metrics.ts';
import type { ScriptPool } from './gateway/pool.ts';

const kibibyte = 1024;

const schema = section({
  enabled: flag(false).describe('Offers the tool execute_tool_script.'),
  stepLimit: count(100_000).describe('Most steps of one script, its parallel branches included.'),
  parallelMaxConcurrency: count(10).describe('Most branches of parallel() that run at once.'),
  toolCallTimeout: duration({ fallback: '30s' }).describe('Longest time of one tool call inside a script.'),
  scriptTimeout: duration({ fallback: '50s' }).describe(
    'Longest time of one script; clients give up at 60s.',
  ),
  maxToolCalls: count(1000).describe('Most tool calls of one script.'),
  maxResultBytes: size({ fallback: '1 MiB', leastBytes: kibibyte }).describe(
    'Largest result of a script; what is beyond it is cut.',
  ),
  memoryLimit: size({ fallback: '64 MiB', leastBytes: 64 * kibibyte }).describe(
    'Most memory that the values of one script may take.',
  ),
}).transform(({ toolCallTimeout, scriptTimeout, memoryLimit, ...rest }) => ({
  ...rest,
  toolCallTimeoutMs: toolCallTimeout,
  scriptTimeoutMs: scriptTimeout,
  memoryLimitBytes: memoryLimit,
}));

/** Options of code mode: whether it is on, and the limits of scripts. */
export type CodeModeConfig = z.output<typeof schema>;

export const codeModeFeature: Feature<'codeMode', CodeModeConfig, typeof codeModeMetrics, ScriptPool> = {
  key: 'codeMode',
  schema,
  about: 'Scripts that call tools.',
  metrics: codeModeMetrics,
  isOn: ({ enabled }) => enabled,
  observe: (instruments, inForce) =>
    observeCodeMode(instruments, () => {
      const { serverName, options } = inForce();
      return { serverName, enabled: options.enabled };
    }),
  status: ({ enabled }) => ({ enabled }),
  load: async () => (await import('./index.ts')).codeModeCode,
};
