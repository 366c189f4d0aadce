/**
 * The calls that one script makes, on the main thread: each goes through the funnel by the tool's real name and with
 * the caller's identity, under its own deadline, and comes back as text for the script's thread.
 */
import type {
  Ask,
  CallingScript,
  ClientPort,
  ToolCall,
  ToolResult,
  TraceContext,
} from '../../../gateway/index.ts';
import { type OnDefect, report } from '../../../lib/guarded.ts';
import {
  CancelledError,
  errorCodes,
  InputRefusedError,
  isObject,
  type JsonObject,
  type JsonValue,
  ProtocolError,
} from '../../../protocol/index.ts';
import { parseExactly } from '../../../lib/exact-json.ts';
import { Once } from '../../../lib/once.ts';
import { PausableTimer } from '../../../lib/pausable-timer.ts';
import { takeUnreadText } from '../../../gateway/index.ts';
import type { CallSpan, ScriptSpan } from './options.ts';
import type { CallReply, ContentBlock, ScriptOutcome, ScriptProgram } from '../shared/protocol.ts';
import type { JobCall } from './script-thread.ts';

export interface InnerCallOptions {
  readonly toolCallTimeoutMs: number;
  /** A result beyond it is not handed to the script. */
  readonly memoryLimitBytes: number;
  readonly span: ScriptSpan | undefined;
  readonly onDefect?: OnDefect | undefined;
  /** Told how long a call took that was handed to the funnel. */
  readonly onMade?: ((durationMs: number) => void) | undefined;
  /** Milliseconds on a clock that never goes back; `performance.now` unless given. */
  readonly now?: () => number;
  /** The run that the script belongs to. */
  readonly run: RunOfScripts;
  /** How many scripts of saved tools are active, this one included if it is one. */
  readonly depth: number;
  /** The file of the script, where it is that of a saved tool. */
  readonly file?: string | undefined;
}

/** What the scripts of one run have in common: the client's, and those of saved tools that run in the places of calls. */
export interface RunOfScripts {
  /** The clock of the whole run. */
  readonly clock: PausableTimer;
  /** Runs the script of a saved tool in the place of `call`. Never rejects. */
  runInPlace(call: ToolCall, place: InnerPlace, program: ScriptProgram): Promise<ScriptOutcome>;
}

/** Where a call of a script comes from. */
export class InnerPlace implements CallingScript {
  readonly run: RunOfScripts;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** How many scripts of saved tools are active where the call is made. */
  readonly depth: number;
  readonly job: JobCall;
  readonly #clock: PausableTimer;

  constructor(job: JobCall, clock: PausableTimer, { run, file, depth }: InnerCallOptions) {
    this.run = run;
    this.file = file;
    this.line = job.line;
    this.depth = depth;
    this.job = job;
    this.#clock = clock;
  }

  holdClocks(): () => void {
    const releases = [this.#clock.hold(), this.run.clock.hold()];
    return () => {
      for (const release of releases) release();
    };
  }

  /** Runs the script of a saved tool in the place of the call, whose own clock stands still: its time is the run's. */
  async runInPlace(call: ToolCall, program: ScriptProgram): Promise<ScriptOutcome> {
    const release = this.#clock.hold();
    try {
      return await this.run.runInPlace(call, this, program);
    } finally {
      release();
    }
  }
}

/** The inner calls of one script. */
export class InnerCalls {
  readonly #ask: Ask;
  readonly #outer: ToolCall;
  readonly #options: InnerCallOptions;
  #made = 0;

  constructor(ask: Ask, outer: ToolCall, options: InnerCallOptions) {
    this.#ask = ask;
    this.#outer = outer;
    this.#options = options;
  }

  /** Calls handed to the funnel so far. */
  get made(): number {
    return this.#made;
  }

  /** Makes one call. `args` is a JSON object as text. Never rejects. */
  async call(tool: string, args: string, signal: AbortSignal, job: JobCall): Promise<Once<CallReply>> {
    // It was given up while it waited for its turn: nothing below hears of it.
    if (signal.aborted) return new Once(abandoned);
    const { now = () => performance.now() } = this.#options;
    const startedAt = now();
    const span = this.#options.span?.startCall(tool);
    const attempt = this.#attempt({ tool, args, job }, signal, span).catch((thrown: unknown) => {
      report('a call of a script', this.#options.onDefect, thrown);
      return failedInside(tool);
    });
    const reply = (await attempt).take();
    this.#options.onMade?.(now() - startedAt);
    span?.end(reply.kind === 'failed' ? { failed: true, code: reply.code } : { failed: false });
    return new Once(reply);
  }

  async #attempt(asked: Asked, signal: AbortSignal, span: CallSpan | undefined): Promise<Once<CallReply>> {
    const { tool } = asked;
    const stop = new AbortController();
    const { toolCallTimeoutMs } = this.#options;
    const early = Promise.withResolvers<Once<CallReply>>();
    const endEarly = (reply: CallReply): void => {
      early.resolve(new Once(reply));
      stop.abort(new CancelledError('the script no longer waits for this call'));
    };
    const client = portFor(this.#outer, () => endEarly(needsInput(tool)));
    const abandon = (): void => endEarly(abandoned);
    const clock = new PausableTimer(toolCallTimeoutMs, () => endEarly(timedOut(tool, toolCallTimeoutMs)));
    const place = new InnerPlace(asked.job, clock, this.#options);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      // Not awaited before the race: a stage that ignores the signal must not hold the script.
      return await Promise.race([
        early.promise,
        this.#handDown(asked, place, stop.signal, client, span?.trace),
      ]);
    } finally {
      clock.stop();
      signal.removeEventListener('abort', abandon);
    }
  }

  async #handDown(
    { tool, args }: Asked,
    script: InnerPlace,
    signal: AbortSignal,
    client: ClientPort,
    trace: TraceContext | undefined,
  ): Promise<Once<CallReply>> {
    const { caller, trace: outerTrace, trail } = this.#outer;
    const context = trace ?? outerTrace;
    const call: ToolCall = {
      origin: 'script',
      method: 'tools/call',
      caller,
      client,
      signal,
      script,
      // The script's thread reads them.
      unreadTexts: true,
      name: tool,
      params: { name: tool, arguments: parseExactly(args) as JsonObject },
      ...(context === undefined ? {} : { trace: context }),
      ...(trail === undefined ? {} : { within: trail }),
    };
    this.#made++;
    try {
      const result = await this.#ask(call);
      return new Once(toReply(tool, result, this.#options.memoryLimitBytes));
    } catch (error) {
      if (isForWantOfInput(error)) return new Once(needsInput(tool));
      if (error instanceof ProtocolError)
        return new Once(failed('tool_unavailable', `${tool}: ${error.message}`));
      if (!signal.aborted) report('a call of a script', this.#options.onDefect, error);
      return failedInside(tool);
    }
  }
}

interface Asked {
  readonly tool: string;
  readonly args: string;
  readonly job: JobCall;
}

/**
 * The client's end as an inner call may use it. Progress is the outer call's affair: nothing but log messages passes.
 * In revision 2026-07-28 a question would end the client's call and have it sent again, and a script never runs twice.
 */
function portFor(outer: ToolCall, onQuestion: () => void): ClientPort {
  const { client, caller } = outer;
  const closed = caller.revision === '2026-07-28';
  return {
    canAsk: client.canAsk && !closed,
    notify: (method, params) => {
      if (method !== 'notifications/progress') client.notify(method, params);
    },
    request: async (method, params, signal, onProgress) => {
      if (!closed) return await client.request(method, params, signal, onProgress);
      onQuestion();
      throw new ProtocolError(errorCodes.invalidRequest, `${method} cannot be asked from within a script`);
    },
  };
}

/** What is not for the protocol holds internals: its operator alone hears more. */
function failedInside(tool: string): Once<CallReply> {
  return new Once(failed('tool_unavailable', `${tool}: the call failed inside the gateway`));
}

/** The funnel refused a question, or the backend did without asking. */
function isForWantOfInput(error: unknown): boolean {
  if (error instanceof InputRefusedError) return true;
  return error instanceof ProtocolError && error.code === errorCodes.missingRequiredClientCapability;
}

function toReply(tool: string, result: ToolResult, maxBytes: number): CallReply {
  const { resultType } = result;
  if (resultType === 'input_required') return needsInput(tool);
  if ((resultType !== undefined && resultType !== 'complete') || result['task'] !== undefined) {
    return failed(
      'needs_input',
      `${tool} did not answer with a result but with "${String(resultType ?? 'task')}", which a script cannot follow. ` +
        `Call ${tool} directly, outside of a script.`,
    );
  }
  const content = Array.isArray(result.content) ? result.content : [];
  if (result.isError === true) return failed('tool_error', `${tool}: ${errorText(content)}`);
  const reply: CallReply =
    result.structuredContent === undefined
      ? { kind: 'content', blocks: content.map(toBlock) }
      : { kind: 'structured', json: JSON.stringify(result.structuredContent) };
  const size = sizeOf(reply);
  return size <= maxBytes ? reply : tooLarge(tool, size, maxBytes);
}

function toBlock(block: JsonValue): ContentBlock {
  const jsonString = takeUnreadText(block);
  if (jsonString !== undefined) return { jsonString };
  const text = textOf(block);
  return text === undefined ? { json: JSON.stringify(block) } : { text };
}

function textOf(block: JsonValue): string | undefined {
  if (!isObject(block)) return undefined;
  return block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : undefined;
}

const maxErrorLength = 4000;

function errorText(content: readonly JsonValue[]): string {
  const texts = content.map(textOf).filter((text) => text !== undefined && text !== '');
  const text = texts.join('\n');
  if (text === '') return 'the tool failed and gave no reason';
  return text.length <= maxErrorLength
    ? text
    : `${text.slice(0, maxErrorLength)}... (${text.length} characters)`;
}

/** The size of what a tool answered, in UTF-16 code units, which is what both threads hold. */
function sizeOf(reply: CallReply): number {
  if (reply.kind === 'structured') return reply.json.length;
  if (reply.kind === 'failed') return 0;
  return reply.blocks.reduce((sum, block) => sum + writtenBlock(block).length, 0);
}

function writtenBlock(block: ContentBlock): string {
  if ('text' in block) return block.text;
  return 'json' in block ? block.json : block.jsonString;
}

type FailedCode = Extract<CallReply, { kind: 'failed' }>['code'];

function failed(code: FailedCode, message: string, limit?: string): CallReply {
  return { kind: 'failed', code, message, ...(limit === undefined ? {} : { limit }) };
}

const abandoned = failed('cancelled', 'the call was cancelled');

function timedOut(tool: string, timeoutMs: number): CallReply {
  return failed(
    'tool_timeout',
    `${tool} did not answer within toolCallTimeout (${timeoutMs / 1000} s). Ask it for less (a page, a filter), or ` +
      'wrap the call in attempt(lambda: ...) to go on without it.',
    'toolCallTimeout',
  );
}

function needsInput(tool: string): CallReply {
  return failed(
    'needs_input',
    `${tool} asks the user for input, which it cannot do from within a script. Call ${tool} directly, outside of a ` +
      'script, and give its result to the script in data.',
  );
}

function tooLarge(tool: string, size: number, maxBytes: number): CallReply {
  return failed(
    'result_too_large',
    `${tool} answered ${size} bytes, more than memoryLimit (${maxBytes} bytes) lets a script hold. Ask it for less: ` +
      'a page, a filter, fewer fields.',
    'memoryLimit',
  );
}
