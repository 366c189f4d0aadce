/** From what a run threw to the answer for its author and the record for the operator. */
import { StarlarkError } from '../../../starlark/index.ts';
import { kindOf as kindOfThrown, stackOf } from '../../../lib/thrown.ts';
import { byteLengthOf } from '../../../lib/text-pieces.ts';
import { CodeModeError } from './errors.ts';
import type { ErrorCode, Failure, FailureStatus, ScriptFailure, ScriptLimits } from './protocol.ts';

/** The outcome of a run that ended with `error`. A defect of the gateway tells the author nothing about itself. */
export function failureOutcome(error: unknown, limits: ScriptLimits, printed: string): ScriptFailure {
  const cause = causeOf(error);
  const advice = cause === undefined && error instanceof StarlarkError ? adviceFor(error, limits) : '';
  const message = `${cut(textOf(error))}${advice}`;
  const outcome = failedWith(message, { ...kindOf(error, cause), ...placeOf(error) }, printed);
  return outcome.failure.code === 'internal' ? { ...outcome, defect: traceOf(error) } : outcome;
}

/** The outcome of a run whose thread failed to serve it. */
export function defectOutcome(thrown: unknown): ScriptFailure {
  const failure: Failure = { status: 'error', code: 'internal' };
  return { ...failedWith(textOf(thrown), failure), defect: traceOf(thrown) };
}

/** Where in the gateway's code it was thrown. Not what it says: that may hold what the script or a tool said. */
function traceOf(thrown: unknown): string {
  // The interpreter's own error says where in the script it was.
  const root = thrown instanceof StarlarkError && thrown.cause !== undefined ? thrown.cause : thrown;
  const frames = stackOf(root)
    .split('\n')
    .filter((line) => /^\s+at /u.test(line));
  return [kindOfThrown(root), ...frames].join('\n');
}

/**
 * The outcome that tells the author of a script `message` and what was printed. It is written here to the last brace:
 * on a script's thread, that is, for all that is large.
 */
export function failedWith(message: string, failure: Failure, printed = ''): ScriptFailure {
  const texts = printed === '' ? [message] : [message, printed];
  const content = texts.map((text) => ({ type: 'text', text }));
  const result = JSON.stringify({ content, isError: true });
  return { ok: false, result, textBytes: byteLengthOf(texts), failure };
}

/** Code mode's own error, by itself or as what a host function threw or the script was stopped with. */
function causeOf(error: unknown): CodeModeError | undefined {
  if (error instanceof CodeModeError) return error;
  return error instanceof StarlarkError && error.cause instanceof CodeModeError ? error.cause : undefined;
}

function kindOf(error: unknown, cause: CodeModeError | undefined): Failure {
  if (cause !== undefined) {
    return {
      status: statusOf(cause.code, cause.limit),
      code: cause.code,
      ...(cause.limit === undefined ? {} : { limit: cause.limit }),
      ...(cause.tool === undefined ? {} : { tool: cause.tool }),
    };
  }
  if (!(error instanceof StarlarkError)) return { status: 'error', code: 'internal' };
  const limit = error.inOneGo ? undefined : limitOf(error.code);
  return { status: statusOf(error.code, limit), code: error.code, ...(limit === undefined ? {} : { limit }) };
}

function statusOf(code: ErrorCode, limit: string | undefined): FailureStatus {
  if (code === 'step_limit' || code === 'memory_limit' || code === 'cancelled') return code;
  if (code === 'script_timeout') return 'timeout';
  // A tool's result that is too large, and a shortage that all scripts share, are matters of memory too.
  return limit === 'memoryLimit' ? 'memory_limit' : 'error';
}

function limitOf(code: ErrorCode): string | undefined {
  if (code === 'step_limit') return 'stepLimit';
  return code === 'memory_limit' ? 'memoryLimit' : undefined;
}

function placeOf(error: unknown): { line: number; column: number } | undefined {
  if (!(error instanceof StarlarkError) || error.span === undefined) return undefined;
  return { line: error.span.line, column: error.span.column };
}

function textOf(error: unknown): string {
  if (error instanceof StarlarkError) return error.format();
  if (error instanceof CodeModeError) return `Error: ${error.message}`;
  return 'Error: the script failed for a reason that lies in the gateway, not in the script. Report it to its operator.';
}

/** For the limits that the interpreter holds: which key of the configuration it is, and how to stay within it. */
function adviceFor(error: StarlarkError, limits: ScriptLimits): string {
  if (error.inOneGo) {
    return (
      '\nNeither stepLimit nor memoryLimit changes this limit: it keeps one script from holding up others. Work on a part ' +
      'at a time: the slices of a list, the lines of a text, the pages of a result.'
    );
  }
  switch (error.code) {
    case 'step_limit':
      return (
        `\nThe limit is stepLimit (${limits.stepLimit} steps for the whole script, branches of parallel included). ` +
        'Do less work in loops: let the tools filter and sort, use comprehensions, dict lookups and built-in functions.'
      );
    case 'memory_limit':
      return (
        `\nThe limit is memoryLimit (${limits.memoryLimitBytes} bytes). Keep only the fields you need of each result, ` +
        'and handle large results page by page.'
      );
    default:
      return '';
  }
}

/** Long enough for any traceback that helps; a message may hold what a tool or the script itself made up. */
const maxMessageLength = 12_000;

function cut(text: string): string {
  if (text.length <= maxMessageLength) return text;
  const half = maxMessageLength / 2;
  return `${text.slice(0, half)}\n<cut: ${text.length - 2 * half} of ${text.length} characters left out>\n${text.slice(-half)}`;
}
