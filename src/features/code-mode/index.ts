/**
 * Code mode: a provider of one tool, `execute_tool_script`, so that an agent runs one Starlark program in place of many
 * calls.
 *
 * Terms. A *script* is the program of one client call; a *run* is its execution; an *inner call* is a tool call that a
 * script makes. A *catalog* is the list of tools of one caller as scripts see it. Scripts run on *script threads*, of
 * which a *pool* holds a few; the main thread only moves text between them and the funnel.
 *
 * It never runs a script again that has made a call, never lets a script reach a tool that the caller does not see, and
 * never writes anything of a script's text, data or results to a log or a metric.
 */
export { checkScript, type ScriptCheck, type ScriptFault } from './script/check-script.ts';
export { describeTool, type ToolDescription, type ToolParameter } from './script/describe-tool.ts';
export { checkAgainstTools } from './saved/check-options.ts';
export { readSavedTools, type SavedTool } from './saved/saved-tool.ts';
export { codeModeCode } from './gateway/code.ts';
export { codeMode } from './gateway/provider.ts';
export { codeModeProviders } from './gateway/saved-tools.ts';
export type {
  CallSpan,
  CodeModeOptions,
  ScriptRun,
  ScriptSpan,
  ScriptStart,
  ScriptTracer,
} from './gateway/options.ts';
export { createScriptPool } from './gateway/pool.ts';
export type { ScriptPool, ScriptPoolOptions, ScriptPoolStatus } from './gateway/pool.ts';
export type { ErrorCode, ScriptLimits } from './shared/protocol.ts';
export type { ThreadLost } from './gateway/script-thread.ts';
