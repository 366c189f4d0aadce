/** What `codeMode` is told by its owner. */
import type { TraceContext } from '../../../gateway/index.ts';
import type { OnDefect } from '../../../lib/guarded.ts';
import type { CodeModeName } from '../modes.ts';
import type { KnownBackends } from './descriptions.ts';
import type { ScriptPool } from './pool.ts';
import type { SavedTool } from '../saved/saved-tool.ts';
import type { ErrorCode, FailureStatus, ScriptLimits } from '../shared/protocol.ts';

export interface CodeModeOptions extends Partial<ScriptLimits> {
  /** The threads that scripts run on. The owner closes it. */
  readonly pool: ScriptPool;
  /** `alongside` unless given. */
  readonly mode?: CodeModeName;
  /** Names and globs of tools that are listed in code mode proper. */
  readonly listed?: readonly string[];
  /** Scripts that are tools. */
  readonly savedTools?: readonly SavedTool[];
  /** The most bytes of the script tool's description; what `defaultDescriptionBytes` says for the mode unless given. */
  readonly maxDescriptionBytes?: number | undefined;
  /** What is known of the backends, for the script tool's description. */
  readonly backends?: KnownBackends;
  /** Told of each inner call that was handed to the funnel, when its script has the outcome or waits no longer. */
  onCallMade?(durationMs: number): void;
  /** Told once for each direct call that is refused. */
  onRefusal?(): void;
  /** Told before a script runs, once for each client call of the script tool or of a saved one. */
  onStart?(start: ScriptStart, script: string): void;
  /** Told once for each client call of the script tool or of a saved one, also with bad arguments, when its outcome is known. */
  onRun?(run: ScriptRun): void;
  /** Told how a saved tool ended that a script called. */
  onRunInPlace?(tool: string, status: ScriptRun['status']): void;
  /** Told when a script, or one of its calls, failed for a reason that lies in the gateway. */
  readonly onDefect?: OnDefect;
  readonly tracer?: ScriptTracer;
  /** Milliseconds on a clock that never goes back; `performance.now` unless given. */
  now?(): number;
}

export interface ScriptStart {
  /** The first 16 hexadecimal digits of the SHA-256 of the script's UTF-8 text; of the empty text where there is none. */
  readonly scriptHash: string;
  readonly sessionId: string;
  /** The tool whose script it is; absent for a script that the client sent. */
  readonly savedTool?: string;
}

/** One finished run. It holds nothing of the script, its data, arguments, results, prints or error messages. */
export interface ScriptRun extends ScriptStart {
  readonly status: 'success' | FailureStatus;
  readonly durationMs: number;
  /** Inner calls handed to the funnel. */
  readonly toolCalls: number;
  readonly parallelBranches: number;
  /** UTF-8 bytes of what tools answered and the script received. */
  readonly toolBytes: number;
  /** UTF-8 bytes of the text that the client is answered; 0 where it is answered nothing. */
  readonly clientBytes: number;
  readonly steps: number;
  readonly errorCode?: ErrorCode;
  /** Where in the script it failed, from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The configuration key of the limit that was hit. */
  readonly limit?: string;
  /** The real name of the tool involved in the failure. */
  readonly tool?: string;
}

/** Makes the spans of scripts. Spans themselves are the owner's. */
export interface ScriptTracer {
  /** Opens the span of a script under the span of the client's call. */
  startScript(start: ScriptStart, parent: TraceContext | undefined): ScriptSpan;
}

export interface ScriptSpan {
  /** Opens the span of one inner call, a child of the script's. */
  startCall(tool: string): CallSpan;
  end(run: ScriptRun): void;
}

export interface CallSpan {
  /** What the inner call carries through the funnel; undefined when the span is not recorded. */
  readonly trace?: TraceContext;
  /** `failed` unless the tool's answer reached the script; its code, never its message. */
  end(outcome: { readonly failed: false } | { readonly failed: true; readonly code: ErrorCode }): void;
}
