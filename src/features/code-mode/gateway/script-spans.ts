import type { SpanMaker } from '../../../telemetry/kit/index.ts';
import type { ScriptRun, ScriptTracer } from './options.ts';

/** The spans of scripts: one for each script under the client's call, one for each inner call under it. */
export function scriptTracer(spans: SpanMaker): ScriptTracer {
  return {
    startScript({ scriptHash }, parent) {
      const span = spans.start('execute_tool_script', { 'vmcp.script.hash': scriptHash }, parent);
      return {
        startCall(tool) {
          const about = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool };
          const call = span.startChild(`tools/call ${tool}`, about);
          return {
            trace: call.trace,
            end: (outcome) => call.end({}, outcome.failed ? outcome.code : undefined),
          };
        },
        end: (run) =>
          span.end(toAttributes(run), run.status === 'success' ? undefined : (run.errorCode ?? run.status)),
      };
    },
  };
}

function toAttributes(run: ScriptRun): Record<string, string | number> {
  return {
    'vmcp.script.outcome': run.status,
    'vmcp.script.steps': run.steps,
    'vmcp.script.tool_calls': run.toolCalls,
    'vmcp.script.parallel_branches': run.parallelBranches,
    ...(run.errorCode !== undefined && { 'vmcp.script.error_code': run.errorCode }),
    ...(run.line !== undefined && { 'vmcp.script.line': run.line }),
    ...(run.column !== undefined && { 'vmcp.script.column': run.column }),
    ...(run.limit !== undefined && { 'vmcp.script.limit': run.limit }),
    ...(run.tool !== undefined && { 'vmcp.script.tool': run.tool }),
  };
}
