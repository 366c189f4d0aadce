/** One client call of `execute_tool_script`, from its arguments to its result and its report. */
import { createHash } from 'node:crypto';
import type { Ask, RequestContext, ToolCall, ToolResult } from '../../../gateway/index.ts';
import { AbandonedError, CancelledError, type JsonObject, type JsonValue } from '../../../protocol/index.ts';
import { writtenResult } from '../../../gateway/index.ts';
import { byteLengthOf, usedOnce } from '../../../lib/text-pieces.ts';
import type { Catalog } from '../shared/catalog.ts';
import { RunCounters } from '../shared/counters.ts';
import { report } from '../../../lib/guarded.ts';
import { InnerCalls } from './inner-calls.ts';
import { scriptToolName } from '../shared/names.ts';
import { failedWith } from '../shared/failure.ts';
import type { CodeModeOptions, ScriptRun, ScriptStart } from './options.ts';
import type { Failure, ScriptLimits, ScriptOutcome } from '../shared/protocol.ts';
import { isObject } from '../shared/schema.ts';
import { StopError } from '../shared/stop.ts';

export interface ScriptCallOptions {
  /** Takes a script's own requests: its tool calls. */
  readonly ask: Ask;
  readonly limits: ScriptLimits;
  readonly hooks: CodeModeOptions;
  /** The catalog of this caller; asked for once the arguments are sound. */
  catalogOf(call: RequestContext): Promise<Catalog>;
}

/**
 * Runs the script of `call`. A script's fault is a result with `isError`. Throws what the protocol calls for when the
 * client cancelled (the signal's reason), and what the funnel threw when the tools could not be listed.
 */
export async function callScript(call: ToolCall, options: ScriptCallOptions): Promise<ToolResult> {
  const { hooks, ask, limits } = options;
  const now = hooks.now ?? (() => performance.now());
  const startedAt = now();
  const arrivedAt = performance.now();
  await hooks.pool.turnToBegin(arrivedAt + limits.scriptTimeoutMs);
  const input = readArguments(call.params['arguments']);
  const start: ScriptStart = {
    scriptHash: hashOf('script' in input ? input.script : ''),
    sessionId: call.caller.sessionId,
  };
  if (call.trail !== undefined) call.trail.scriptHash = start.scriptHash;
  hooks.onStart?.(start);
  const span = hooks.tracer?.startScript(start, call.trace);
  const calls = new InnerCalls(ask, call, {
    ...limits,
    span,
    onDefect: hooks.onDefect,
    onMade: hooks.onCallMade,
    now,
  });
  const counters = new RunCounters();
  let failure: Failure | undefined = { status: 'error', code: 'internal' };
  let clientBytes = 0;
  try {
    const outcome = await outcomeOf(call, input, { ...options, calls, counters, arrivedAt });
    await hooks.pool.turnToAnswer(byteLengthOf(outcome.result));
    failure = outcome.ok ? undefined : outcome.failure;
    if (!outcome.ok && outcome.defect !== undefined) report('a script', hooks.onDefect, outcome.defect);
    // A cancelled call has no answer; its signal says what the transport makes of it.
    if (failure?.code === 'cancelled') throw cancellation(call.signal);
    clientBytes = outcome.textBytes;
    return toResult(outcome);
  } finally {
    const run = toRun(start, failure, {
      durationMs: now() - startedAt,
      toolCalls: calls.made,
      clientBytes,
      counters,
    });
    span?.end(run);
    hooks.onRun?.(run);
  }
}

type Input = { readonly script: string; readonly data: JsonObject | undefined } | { readonly fault: string };

interface Running extends ScriptCallOptions {
  readonly calls: InnerCalls;
  readonly counters: RunCounters;
  /** When the client's call came, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
}

async function outcomeOf(call: ToolCall, input: Input, running: Running): Promise<ScriptOutcome> {
  if ('fault' in input) return badArguments(input.fault);
  const { limits, calls, counters } = running;
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new StopError('cancelled'));
  if (call.signal.aborted) cancel();
  call.signal.addEventListener('abort', cancel, { once: true });
  // The wait for a turn counts: to the client it is all one call.
  const leftMs = limits.scriptTimeoutMs - (performance.now() - running.arrivedAt);
  const expire = (): void => stop.abort(new StopError('script_timeout'));
  if (leftMs <= 0) expire();
  const timer = setTimeout(expire, Math.max(leftMs, 0));
  try {
    const catalog = await running.catalogOf(call);
    return await running.hooks.pool.run(
      {
        catalog,
        script: input.script,
        data: input.data === undefined ? undefined : JSON.stringify(input.data),
        limits,
        counters,
        call: async (tool, args, signal) => {
          await running.hooks.pool.turnToCall();
          return await calls.call(tool, args, signal);
        },
      },
      stop.signal,
    );
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', cancel);
  }
}

function readArguments(given: JsonValue | undefined): Input {
  const expected = `${scriptToolName} takes "script" (a Starlark program, as a string) and optionally "data" (an object)`;
  if (given !== undefined && !isObject(given)) return { fault: `${expected}, as an object of arguments.` };
  const { script, data, ...others } = given ?? {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return {
      fault: `${expected}; there is no argument ${JSON.stringify(unknown)}. Put values for the script in "data".`,
    };
  }
  if (typeof script !== 'string' || script.trim() === '') {
    return { fault: `${expected}; "script" is ${script === undefined ? 'missing' : 'no program'}.` };
  }
  if (data === undefined || data === null) return { script, data: undefined };
  if (!isObject(data)) {
    const hint = typeof data === 'string' ? ' Pass the object itself, not its JSON text.' : '';
    return { fault: `${expected}; "data" is not an object: its keys become variables.${hint}` };
  }
  return { script, data };
}

function badArguments(message: string): ScriptOutcome {
  return failedWith(`Error: ${message}`, { status: 'error', code: 'bad_arguments' });
}

function cancellation(signal: AbortSignal): Error {
  const { reason } = signal;
  return reason instanceof AbandonedError || reason instanceof CancelledError ? reason : new CancelledError();
}

function toResult(outcome: ScriptOutcome): ToolResult {
  const text = typeof outcome.result === 'string' ? outcome.result : outcome.result.map(usedOnce);
  if (outcome.ok) return writtenResult(text, outcome.fields);
  return writtenResult(text, ['content', 'isError'], { isError: true });
}

function toRun(
  start: ScriptStart,
  failure: Failure | undefined,
  figures: {
    durationMs: number;
    toolCalls: number;
    clientBytes: number;
    counters: RunCounters;
  },
): ScriptRun {
  const { durationMs, toolCalls, clientBytes, counters } = figures;
  const { code, ...rest } = failure ?? { status: 'success' as const, code: undefined };
  return {
    ...start,
    ...rest,
    durationMs,
    toolCalls,
    parallelBranches: counters.parallelBranches,
    toolBytes: counters.toolBytes,
    clientBytes,
    steps: counters.steps,
    ...(code === undefined ? {} : { errorCode: code }),
  };
}

function hashOf(script: string): string {
  return createHash('sha256').update(script, 'utf8').digest('hex').slice(0, 16);
}
