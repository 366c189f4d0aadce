/**
 * The console's two stages: one at the edge sees each call of a client end, one below it sees the calls of scripts. Both
 * hand everything on; the second keeps a script that the console runs from calls that its person has not allowed.
 */
import { createHash } from 'node:crypto';
import {
  onlyFor,
  type Caller,
  type Result,
  type Stage,
  type ToolCall,
  type ToolResult,
} from '../../gateway/index.ts';
import type { ActivityEntry } from '../../console/wire/index.ts';
import type { ConsoleState } from './state.ts';

const scriptTool = 'execute_tool_script';
const mostCalls = 200;

/** Told of a script's calls while it runs, and asked before each. */
export interface RunObserver {
  /** Resolves when the call may be made. Rejects with what the script is told instead. */
  beforeCall(call: ToolCall): Promise<(result: ToolResult | undefined) => void>;
}

interface Running {
  readonly startMs: number;
  readonly calls: ActivityEntry['calls'];
  made: number;
}

/** What is watched in one configuration. */
export class Watch {
  readonly #state: Pick<ConsoleState, 'activity' | 'latencies'>;
  /** Scripts under way, by the caller that their calls have in common with nothing else. */
  readonly #running = new WeakMap<Caller, Running>();
  readonly #observers: WeakMap<Caller, RunObserver>;

  /** @param observers of the scripts that the console runs, by their caller's `sessionId` */
  constructor(state: Pick<ConsoleState, 'activity' | 'latencies'>, observers: WeakMap<Caller, RunObserver>) {
    this.#state = state;
    this.#observers = observers;
  }

  readonly edge: Stage = onlyFor(['tools/call'], async (call, next) => {
    const isScript = call.name === scriptTool;
    const caller = isScript ? this.#apart(call.caller) : call.caller;
    const running: Running = { startMs: performance.now(), calls: [], made: 0 };
    if (isScript) this.#running.set(caller, running);
    const startedAt = Date.now();
    let ok = false;
    try {
      const result = await next(isScript ? { ...call, caller } : call);
      ok = !isFailed(result);
      return result;
    } finally {
      const { startMs, calls, made } = running;
      const entry = {
        at: startedAt,
        client: clientName(call.caller),
        kind: isScript ? ('script' as const) : ('call' as const),
        subject: isScript ? hashOf(call) : call.name,
        ok,
        durationMs: performance.now() - startMs,
        calls,
      };
      this.#state.activity.add(entry, made, call.caller.principal);
    }
  });

  readonly every: Stage = onlyFor(['tools/call'], async (call, next) => {
    if (call.name === scriptTool) return next(call);
    const running = this.#running.get(call.caller);
    const observer = call.origin === 'script' ? this.#observers.get(call.caller) : undefined;
    const startMs = performance.now();
    const seen = running && { tool: call.name, at: startMs - running.startMs, durationMs: 0, ok: false };
    if (running !== undefined && seen !== undefined) {
      running.made++;
      if (running.calls.length < mostCalls) running.calls.push(seen);
    }
    try {
      const result = observer === undefined ? await next(call) : await observed(call, observer, next);
      this.#state.latencies.add(call.name, performance.now() - startMs);
      if (seen !== undefined) seen.ok = !isFailed(result);
      return result;
    } finally {
      if (seen !== undefined) seen.durationMs = performance.now() - startMs;
    }
  });

  /** The same caller, as an object that only this one call has. */
  #apart(caller: Caller): Caller {
    const apart = { ...caller };
    const observer = this.#observers.get(caller);
    if (observer !== undefined) this.#observers.set(apart, observer);
    return apart;
  }
}

/** The console shows the answer, so its texts are read here; what is left unread can be taken once only. */
async function observed(
  { unreadTexts: _, ...call }: ToolCall,
  observer: RunObserver,
  next: (call: ToolCall) => Promise<Result>,
): Promise<Result> {
  const after = await observer.beforeCall(call);
  try {
    const result = await next(call);
    after(result as ToolResult);
    return result;
  } catch (error) {
    after(undefined);
    throw error;
  }
}

function isFailed(result: Result): boolean {
  return 'isError' in result && result.isError === true;
}

function clientName({ clientInfo }: Caller): string {
  const name = clientInfo?.['name'];
  return typeof name === 'string' && name !== '' ? name : 'unnamed client';
}

/** Scripts that are the same text are known by the same few digits. */
function hashOf({ params }: ToolCall): string {
  const given = params['arguments'];
  const script = typeof given === 'object' && given !== null && 'script' in given ? given['script'] : '';
  return createHash('sha256').update(String(script)).digest('hex').slice(0, 12);
}
