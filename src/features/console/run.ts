import type { RunEvent } from '../../console/wire/index.ts';
import type { Caller, Principal, Tool, ToolCall, ToolResult } from '../../gateway/index.ts';
import { stringifyExactly } from '../../lib/exact-json.ts';
import { messageOf } from '../../lib/thrown.ts';
import { errorCodes, ProtocolError, type JsonObject } from '../../protocol/index.ts';
import type { ServerView } from '../feature.ts';
import { contextOf } from './caller.ts';
import type { Questions } from './questions.ts';
import { isReadOnly } from './tools.ts';
import type { RunObserver } from './watch.ts';

const longestShown = 4000;

export interface CallTerms {
  readonly server: ServerView;
  readonly person: Principal;
  /** Aborted when the page gives up. */
  readonly signal: AbortSignal;
}

/** How a call ended, as its client would hear of it. */
export interface CallOutcome {
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string };
  readonly durationMs: number;
  readonly bytes: number;
}

/** Calls a tool as a client does: counted, and through every stage. */
export async function callTool(
  name: string,
  args: JsonObject,
  { server, person, signal }: CallTerms,
  onCaller?: (caller: Caller) => void,
): Promise<CallOutcome> {
  const context = contextOf(person, signal);
  onCaller?.(context.caller);
  const startMs = performance.now();
  try {
    const params = { name, arguments: args };
    const result = { ...(await server.ask({ ...context, method: 'tools/call', name, params })) };
    const durationMs = performance.now() - startMs;
    return { result, durationMs, bytes: Buffer.byteLength(stringifyExactly(result)) };
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : errorCodes.internalError;
    const durationMs = performance.now() - startMs;
    return { error: { code, message: messageOf(error) }, durationMs, bytes: 0 };
  }
}

export interface RunTerms extends CallTerms {
  readonly questions: Questions;
  /** Where the stages look for who watches a script. */
  readonly observers: WeakMap<Caller, RunObserver>;
  /** The tools that the script may call, by name. */
  readonly tools: readonly Tool[];
  readonly tell: (event: RunEvent) => void;
}

/** Runs a script as a client does, and tells of each of its calls. What can change something is asked about first. */
export async function runScript(script: string, data: JsonObject, terms: RunTerms): Promise<void> {
  const { observers, tell } = terms;
  const startMs = performance.now();
  const observer = observe(terms, () => performance.now() - startMs);
  const outcome = await callTool('execute_tool_script', { script, data }, terms, (caller) =>
    observers.set(caller, observer),
  );
  const { result, error, durationMs, bytes } = outcome;
  tell({
    type: 'end',
    at: durationMs,
    bytes,
    ...(result !== undefined && {
      result: result as NonNullable<Extract<RunEvent, { type: 'end' }>['result']>,
    }),
    ...(error !== undefined && { error }),
  });
}

function observe({ tools, questions, person, signal, tell }: RunTerms, now: () => number): RunObserver {
  const harmless = new Set(tools.filter(isReadOnly).map(({ name }) => name));
  const allowed = new Set<string>();
  let nextId = 0;
  const ask = async (id: number, tool: string): Promise<void> => {
    if (harmless.has(tool) || allowed.has(tool)) return;
    const yes = await questions.put(person, signal, (question) =>
      tell({ type: 'question', id, tool, question }),
    );
    if (!yes)
      throw new ProtocolError(
        errorCodes.requestCancelled,
        `the call of ${tool} was not allowed in the console`,
      );
    allowed.add(tool);
  };
  return {
    beforeCall: async ({ name, params }: ToolCall) => {
      const id = nextId++;
      tell({ type: 'call', id, tool: name, at: now(), arguments: shortened(params['arguments'] ?? {}) });
      const answer = (ok: boolean, text: string, bytes: number): void =>
        tell({ type: 'answer', id, at: now(), ok, bytes, text });
      try {
        await ask(id, name);
      } catch (error) {
        answer(false, messageOf(error), 0);
        throw error;
      }
      return (result: ToolResult | undefined) => {
        const text = result === undefined ? 'failed' : stringifyExactly(result);
        answer(
          result !== undefined && result.isError !== true,
          text.slice(0, longestShown),
          Buffer.byteLength(text),
        );
      };
    },
  };
}

function shortened(value: unknown): string {
  return stringifyExactly(value).slice(0, longestShown);
}
