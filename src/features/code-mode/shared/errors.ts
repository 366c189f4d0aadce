/**
 * Why a script, or a call that it made, failed for a reason that is code mode's own. Failures of the language itself
 * carry the interpreter's codes (`StarlarkErrorCode`); both appear as `errorCode` of a `ScriptRun`.
 */
export type CodeModeErrorCode =
  /** The arguments of `execute_tool_script` itself, or a key of `data`. */
  | 'bad_arguments'
  /** `call_tool` or `describe_tool` named no tool that this caller may use. */
  | 'unknown_tool'
  /** Arguments of an inner call that its schema refuses; nothing was sent. */
  | 'bad_tool_arguments'
  /** The tool ran and answered `isError`. */
  | 'tool_error'
  /** The tool did not answer within `toolCallTimeout`. */
  | 'tool_timeout'
  /** The funnel refused or could not make the call. */
  | 'tool_unavailable'
  /** The tool asked the user something that a script cannot pass on. */
  | 'needs_input'
  /** A tool's result that alone is beyond `memoryLimit`. */
  | 'result_too_large'
  | 'max_tool_calls'
  /** All scripts together held more than their thread has, and this one the most. */
  | 'memory_ceiling'
  | 'script_timeout'
  /** What the script returned holds a value that JSON cannot. */
  | 'result_not_json'
  /** What the script of a saved tool returned does not keep to the tool's `outputSchema`. */
  | 'bad_result'
  /** The thread that ran the script had to be replaced. */
  | 'thread_lost'
  /** Too many scripts are waiting for their turn. */
  | 'busy'
  | 'cancelled'
  /** The gateway is shutting down. */
  | 'closed'
  /** A defect of the gateway, never of the script. */
  | 'internal';

/** A failure of code mode. The message is written for the author of the script: what to change. */
export class CodeModeError extends Error {
  readonly code: CodeModeErrorCode;
  /** The configuration key of the limit that was hit, where it was one. */
  readonly limit?: string;
  /** The real name of the tool involved, where there is one. */
  readonly tool?: string;
  constructor(
    code: CodeModeErrorCode,
    message: string,
    details: { limit?: string; tool?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CodeModeError';
    this.code = code;
    if (details.limit !== undefined) this.limit = details.limit;
    if (details.tool !== undefined) this.tool = details.tool;
  }
}
