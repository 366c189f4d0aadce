/**
 * What the main thread and a script thread say to each other. Payloads (tools, data, arguments, results) travel as
 * JSON text: the main thread never walks them for a script's sake, and text is what a channel copies fastest.
 */
import type { Attachment } from './channel.ts';
import type { Figures } from './counters.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { StarlarkErrorCode } from '../../../starlark/index.ts';
import type { CodeModeErrorCode } from './errors.ts';

/** The limits of one script. */
export interface ScriptLimits {
  readonly stepLimit: number;
  readonly parallelMaxConcurrency: number;
  readonly maxToolCalls: number;
  readonly maxResultBytes: number;
  readonly memoryLimitBytes: number;
  /** Named in messages; the clock that enforces them is the main thread's. */
  readonly scriptTimeoutMs: number;
  readonly toolCallTimeoutMs: number;
}

/** Why the main thread stops a script. */
export type StopReason = 'cancelled' | 'script_timeout' | 'closed';

export type ToThread =
  | { readonly type: 'catalog'; readonly catalogId: number; readonly text: string }
  | { readonly type: 'forget'; readonly catalogId: number }
  | RunMessage
  | { readonly type: 'stop'; readonly runId: number; readonly reason: StopReason }
  | ReplyMessage
  /** The run was given up: nothing that it does matters any more. */
  | { readonly type: 'drop'; readonly runId: number }
  /** Scripts are waiting for memory: find out what those under way really hold. */
  | { readonly type: 'recount' }
  | { readonly type: 'ping'; readonly beat: number };

/** A script to run. */
export interface ScriptProgram {
  readonly script: string;
  /** The `data` object as JSON text; its keys are not checked yet. */
  readonly data: string | undefined;
  /** Present where it is a saved tool: `data` are its arguments then. */
  readonly saved?: SavedProgram;
}

/** What a script thread must know of a saved tool. */
export interface SavedProgram {
  readonly tool: string;
  /** What errors and tracebacks call the script. */
  readonly filename: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject | undefined;
}

export interface RunMessage extends ScriptProgram {
  readonly type: 'run';
  readonly runId: number;
  readonly catalogId: number;
  readonly limits: ScriptLimits;
}

export interface ReplyMessage {
  readonly type: 'reply';
  readonly runId: number;
  readonly callId: number;
  readonly reply: CallReply | ProgramReply;
}

/** The call is one of a saved tool: its script is to run in the place of the call, and `ran` to be told. */
export interface ProgramReply {
  readonly kind: 'program';
  readonly program: ScriptProgram;
}

export type FromThread =
  /** The thread has started, and reads what it was sent. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'call';
      readonly runId: number;
      readonly callId: number;
      /** The call in whose place the script runs that makes this one; absent for the run's own. */
      readonly parent?: number | undefined;
      readonly tool: string;
      readonly args: string;
      /** Where in its script, from 1; absent where that is not known. */
      readonly line?: number | undefined;
      readonly figures: Figures;
    }
  /** The script of a saved tool ended that ran in the place of this call, which waits for its reply now. */
  | {
      readonly type: 'ran';
      readonly runId: number;
      readonly callId: number;
      readonly outcome: ScriptOutcome;
    }
  /** The script no longer waits for this call: its branch was cancelled. */
  | { readonly type: 'abandon'; readonly runId: number; readonly callId: number }
  /** Runs that have moved on without a call. */
  | { readonly type: 'figures'; readonly runs: readonly (readonly [runId: number, figures: Figures])[] }
  /** A large result comes as the attachment, in UTF-8, and the outcome without it. */
  | {
      readonly type: 'done';
      readonly runId: number;
      readonly outcome: ScriptOutcome;
      readonly figures: Figures;
    }
  | { readonly type: 'pong'; readonly beat: number };

/** How an inner call ended. */
export type CallReply =
  /** Structured content, as the JSON text that JavaScript made of it. */
  | { readonly kind: 'structured'; readonly json: string }
  /** Content blocks in order. */
  | { readonly kind: 'content'; readonly blocks: readonly ContentBlock[] }
  | {
      readonly kind: 'failed';
      readonly code: CodeModeErrorCode;
      readonly message: string;
      readonly limit?: string;
    };

/** The text of a text block, as it is or as the JSON string that it came as; any other block as JSON. */
export type ContentBlock =
  { readonly text: string } | { readonly jsonString: string } | { readonly json: string };

/** JSON text, or its UTF-8 in pieces. */
export type OutcomeText = string | Attachment;

/** How a script ended, as its thread saw it. */
export type ScriptOutcome = ScriptSuccess | ScriptFailure;

export interface ScriptSuccess {
  readonly ok: true;
  /**
   * The whole tool result as JSON text: `content`, and `structuredContent` where `fields` names it. A large one crosses
   * from the thread in UTF-8, and goes out as it came.
   */
  readonly result: OutcomeText;
  /** UTF-8 bytes of the texts in it. */
  readonly textBytes: number;
  readonly fields: readonly string[];
}

export interface ScriptFailure {
  readonly ok: false;
  /**
   * The whole tool result as JSON text, with `isError`: what the author of the script should know and change, and after
   * it what was printed until then. Never logged. In UTF-8 where it is large, as above.
   */
  readonly result: OutcomeText;
  /** UTF-8 bytes of the texts in it. */
  readonly textBytes: number;
  readonly failure: Failure;
  /** Where in the gateway's code it failed, for its operator: only with the code `internal`. */
  readonly defect?: string;
}

/** What a log or a metric may know about a failure. */
export interface Failure {
  readonly status: FailureStatus;
  readonly code: ErrorCode;
  readonly line?: number;
  readonly column?: number;
  /** The configuration key of the limit that was hit. */
  readonly limit?: string;
  /** Real name of the tool involved. */
  readonly tool?: string;
}

export type ErrorCode = CodeModeErrorCode | StarlarkErrorCode;

/** The contract's values of `status` but `success`. */
export type FailureStatus = 'error' | 'timeout' | 'step_limit' | 'memory_limit' | 'cancelled';
