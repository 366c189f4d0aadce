/** One client call that runs a script, from its arguments to its result and its report. */
import { createHash } from 'node:crypto';
import type { Ask, RequestContext, ToolCall, ToolResult } from '../../../gateway/index.ts';
import { AbandonedError, CancelledError, type JsonValue } from '../../../protocol/index.ts';
import { writtenResult } from '../../../gateway/index.ts';
import { byteLengthOf, usedOnce } from '../../../lib/text-pieces.ts';
import type { Catalog } from '../shared/catalog.ts';
import { RunCounters } from '../shared/counters.ts';
import { report } from '../../../lib/guarded.ts';
import { PausableTimer } from '../../../lib/pausable-timer.ts';
import { InnerCalls, type InnerPlace, type RunOfScripts } from './inner-calls.ts';
import { scriptToolName } from '../shared/names.ts';
import { failedWith } from '../shared/failure.ts';
import type { CodeModeOptions, ScriptRun, ScriptSpan, ScriptStart } from './options.ts';
import type {
  Failure,
  SavedProgram,
  ScriptLimits,
  ScriptOutcome,
  ScriptProgram,
} from '../shared/protocol.ts';
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
 * Runs the script of `call`, a call of the script tool. A script's fault is a result with `isError`. Throws what the
 * protocol calls for when the client cancelled (the signal's reason), and what the funnel threw when the tools could not
 * be listed.
 */
export function callScript(call: ToolCall, options: ScriptCallOptions): Promise<ToolResult> {
  return runProgram(call, readArguments(call.params['arguments']), options);
}

/** A program to run, or what is wrong with the arguments of the call. */
export type Input = ScriptProgram | { readonly fault: string; readonly saved?: SavedProgram };

/** Runs a program for a client's call, from its turn to its report. Throws as `callScript` does. */
export async function runProgram(
  call: ToolCall,
  input: Input,
  options: ScriptCallOptions,
): Promise<ToolResult> {
  const { hooks, limits } = options;
  const now = hooks.now ?? (() => performance.now());
  const startedAt = now();
  const arrivedAt = performance.now();
  await hooks.pool.turnToBegin(arrivedAt + limits.scriptTimeoutMs);
  const start: ScriptStart = {
    scriptHash: hashOf('script' in input ? input.script : ''),
    sessionId: call.caller.sessionId,
    ...(input.saved !== undefined && { savedTool: input.saved.tool }),
  };
  if (call.trail !== undefined) call.trail.scriptHash = start.scriptHash;
  hooks.onStart?.(start, 'script' in input ? input.script : '');
  const span = hooks.tracer?.startScript(start, call.trace);
  const expiry = new AbortController();
  // The wait for a turn counts: to the client it is all one call.
  const leftMs = limits.scriptTimeoutMs - (performance.now() - arrivedAt);
  const clock = new PausableTimer(leftMs, () => expiry.abort());
  if (leftMs <= 0) expiry.abort();
  const scripts = new RunningScripts(call, { ...options, span, clock }, input.saved);
  const counters = new RunCounters();
  let failure: Failure | undefined = { status: 'error', code: 'internal' };
  let clientBytes = 0;
  try {
    const outcome = await outcomeOf(call, input, { ...options, scripts, counters, expiry: expiry.signal });
    await hooks.pool.turnToAnswer(byteLengthOf(outcome.result));
    failure = outcome.ok ? undefined : outcome.failure;
    if (!outcome.ok && outcome.defect !== undefined) report('a script', hooks.onDefect, outcome.defect);
    // A cancelled call has no answer; its signal says what the transport makes of it.
    if (failure?.code === 'cancelled') throw cancellation(call.signal);
    clientBytes = outcome.textBytes;
    return toResult(outcome);
  } finally {
    clock.stop();
    const run = toRun(start, failure, {
      durationMs: Math.max(0, now() - startedAt - clock.heldMs),
      toolCalls: scripts.made,
      clientBytes,
      counters,
    });
    span?.end(run);
    hooks.onRun?.(run);
  }
}

interface Running extends ScriptCallOptions {
  readonly scripts: RunningScripts;
  readonly counters: RunCounters;
  /** Aborted when the time of the run is used up. */
  readonly expiry: AbortSignal;
}

async function outcomeOf(call: ToolCall, input: Input, running: Running): Promise<ScriptOutcome> {
  if ('fault' in input) return badArguments(input.fault);
  const { limits, scripts, counters, expiry } = running;
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new StopError('cancelled'));
  if (call.signal.aborted) cancel();
  call.signal.addEventListener('abort', cancel, { once: true });
  const expire = (): void => stop.abort(new StopError('script_timeout'));
  if (expiry.aborted) expire();
  expiry.addEventListener('abort', expire, { once: true });
  try {
    const catalog = await running.catalogOf(call);
    return await running.hooks.pool.run(
      {
        ...input,
        catalog,
        limits,
        counters,
        call: async (tool, args, signal, place) => {
          await running.hooks.pool.turnToCall();
          return await scripts.callsOf(place.parent).call(tool, args, signal, place);
        },
      },
      stop.signal,
    );
  } finally {
    call.signal.removeEventListener('abort', cancel);
  }
}

/** The client's script and the saved tools that run in the places of its calls: each makes calls of its own. */
class RunningScripts implements RunOfScripts {
  readonly clock: PausableTimer;
  readonly #options: ScriptCallOptions & { readonly span: ScriptSpan | undefined };
  readonly #own: InnerCalls;
  /** By the call in whose place the script runs. */
  readonly #inPlace = new Map<number, InnerCalls>();

  constructor(
    call: ToolCall,
    options: ScriptCallOptions & { readonly span: ScriptSpan | undefined; readonly clock: PausableTimer },
    saved: SavedProgram | undefined,
  ) {
    this.#options = options;
    this.clock = options.clock;
    this.#own = this.#callsFor(call, saved === undefined ? 0 : 1, saved?.filename);
  }

  /** Calls of the client's script that were handed to the funnel so far. */
  get made(): number {
    return this.#own.made;
  }

  callsOf(parent: number | undefined): InnerCalls {
    return parent === undefined ? this.#own : (this.#inPlace.get(parent) ?? this.#own);
  }

  async runInPlace(call: ToolCall, place: InnerPlace, program: ScriptProgram): Promise<ScriptOutcome> {
    const { id } = place.job;
    this.#inPlace.set(id, this.#callsFor(call, place.depth + 1, program.saved?.filename));
    try {
      return await place.job.runInPlace(program);
    } finally {
      this.#inPlace.delete(id);
    }
  }

  #callsFor(call: ToolCall, depth: number, file: string | undefined): InnerCalls {
    const { ask, limits, hooks, span } = this.#options;
    return new InnerCalls(ask, call, {
      ...limits,
      span,
      onDefect: hooks.onDefect,
      onMade: hooks.onCallMade,
      ...(hooks.now && { now: hooks.now }),
      run: this,
      depth,
      file,
    });
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
  return { script, data: JSON.stringify(data) };
}

function badArguments(message: string): ScriptOutcome {
  return failedWith(`Error: ${message}`, { status: 'error', code: 'bad_arguments' });
}

export function cancellation(signal: AbortSignal): Error {
  const { reason } = signal;
  return reason instanceof AbandonedError || reason instanceof CancelledError ? reason : new CancelledError();
}

export function toResult(outcome: ScriptOutcome): ToolResult {
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

export function hashOf(script: string): string {
  return createHash('sha256').update(script, 'utf8').digest('hex').slice(0, 16);
}
