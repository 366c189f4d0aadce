/** Code mode as the rest of the program knows it: its block `codeMode`, its metrics, and where its code is. */
import {
  choice,
  count,
  duration,
  flag,
  isYes,
  list,
  openSize,
  says,
  section,
  size,
  someText,
  where,
  type z,
} from '../../config/kit/index.ts';
import type { Feature } from '../feature.ts';
import { approval } from './approval/options.ts';
import { defaultDescriptionBytes, defaultLimits, defaultMode } from './defaults.ts';
import { codeModes, codeModeWish, type CodeModeName } from './modes.ts';
import { savedTools } from './saved/options.ts';
import { codeModeMetrics, observeCodeMode } from './metrics.ts';
import type { ScriptPool } from './gateway/pool.ts';

const kibibyte = 1024;

const seconds = (ms: number): string => `${ms / 1000}s`;
const mebibytes = (size: number): string => `${size / kibibyte ** 2} MiB`;
const bytes = (mode: CodeModeName): string => defaultDescriptionBytes(mode).toLocaleString('en');

const schema = section({
  enabled: flag(false).describe('Offers the tool execute_tool_script.'),
  mode: choice(codeModes)
    .optional()
    .describe(`Which tools a client is listed beside scripts: ${defaultMode} unless written.`),
  listed: list(someText()).describe('Names or globs of tools that are listed in code mode proper, too.'),
  stepLimit: count(defaultLimits.stepLimit).describe(
    'Most steps of one script, its parallel branches included.',
  ),
  parallelMaxConcurrency: count(defaultLimits.parallelMaxConcurrency).describe(
    'Most branches of parallel() that run at once.',
  ),
  toolCallTimeout: duration({ fallback: seconds(defaultLimits.toolCallTimeoutMs) }).describe(
    'Longest time of one tool call inside a script.',
  ),
  scriptTimeout: duration({ fallback: seconds(defaultLimits.scriptTimeoutMs) }).describe(
    'Longest time of one script; clients give up at 60s.',
  ),
  maxToolCalls: count(defaultLimits.maxToolCalls).describe('Most tool calls of one script.'),
  maxResultBytes: size({ fallback: mebibytes(defaultLimits.maxResultBytes), leastBytes: kibibyte }).describe(
    'Largest result of a script; what is beyond it is cut.',
  ),
  maxDescriptionBytes: openSize({ leastBytes: 4 * kibibyte }).describe(
    `Largest description of the script tool: ${bytes('alongside')} bytes alongside, ${bytes('default')} in other modes, unless written.`,
  ),
  memoryLimit: size({
    fallback: mebibytes(defaultLimits.memoryLimitBytes),
    leastBytes: 64 * kibibyte,
  }).describe('Most memory that the values of one script may take.'),
  approval,
  tools: savedTools,
})
  .superRefine(({ enabled, mode }, context) => {
    if (enabled || mode === undefined) return;
    const message = 'expected no mode while code mode is off, or "enabled: true" beside it';
    context.addIssue({ code: 'custom', message, path: ['mode'] });
  })
  .meta(where(says('mode'), isYes('enabled')))
  .transform(({ mode, toolCallTimeout, scriptTimeout, memoryLimit, ...rest }) => ({
    ...rest,
    mode: mode ?? defaultMode,
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
  wishes: [codeModeWish],
  isOn: ({ enabled }) => enabled,
  observe: (instruments, inForce) =>
    observeCodeMode(instruments, () => {
      const { serverName, options, parts, tools } = inForce();
      return {
        serverName,
        mode: options.enabled ? options.mode : 'off',
        toolLists: () => {
          const [saved] = parts?.providersBelow ?? [];
          const all = saved?.shownFor?.(tools()) ?? tools();
          const codeMode = parts?.provider?.shownFor?.(all);
          return { all, ...(codeMode !== undefined && { codeMode }) };
        },
      };
    }),
  files: ['tools.*.file'],
  check: async ({ tools }) =>
    tools.length === 0 ? [] : (await import('./saved/check-options.ts')).checkOptions(tools),
  status: ({ enabled, mode }) => ({ enabled, ...(enabled && { mode }) }),
  load: async () => (await import('./index.ts')).codeModeCode,
};
