/** One script on its thread: compiled, run against its tools, and its value written as text. */
import {
  scriptUniverse,
  scriptValue,
  compileOn,
  LateValue,
  run,
  scriptMembers,
  scriptOptions,
  StarlarkError,
  subProgram,
  Thread,
} from '../../../starlark/index.ts';
import type { ExactJson, Program, SubOutcome, SubProgram, Value } from '../../../starlark/index.ts';
import { parseWithBigInts, stringifyExactly } from '../../../lib/exact-json.ts';
import { Once } from '../../../lib/once.ts';
import { byteLengthOf } from '../../../lib/text-pieces.ts';
import { TransientMap } from '../../../lib/transient-map.ts';
import type { ToolArguments } from './arguments.ts';
import { bindData, bindTools, maxArgumentsLength, tooLongArguments } from './bindings.ts';
import type { ToolSet } from './bindings.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import type { Figures } from '../shared/counters.ts';
import { CodeModeError } from '../shared/errors.ts';
import { failureOutcome } from '../shared/failure.ts';
import { heldByJson } from './held-estimate.ts';
import { nameHints } from '../shared/names.ts';
import { Printed } from './printed.ts';
import type {
  CallReply,
  FromThread,
  ProgramReply,
  RunMessage,
  SavedProgram,
  ScriptOutcome,
  ScriptProgram,
  StopReason,
} from '../shared/protocol.ts';
import { toResultText } from './result-text.ts';
import { badResult, bindParameters, checkOutput, tooLargeForTool } from './saved-program.ts';
import { toStopError } from '../shared/stop.ts';
import { readTexts, toValue } from './tool-value.ts';
import type { ToolAnswer } from './tool-value.ts';

export interface ScriptRunHost {
  send(message: FromThread): void;
  /** Takes note of how far the run has come; told before each time that it gives way. */
  moved(runId: number, figures: Figures): void;
  /** Lets the event loop turn; called between slices of a long computation. */
  giveWay(): Promise<void>;
  /** Leaves the processor to others for a moment, if it is time; called within work that cannot give way. */
  rest(): void;
  /** Called when a script is about to receive something large. */
  hasGrown(): void;
}

/** Where the calls of one script come from. */
interface CallPlace {
  /** The call in whose place the script runs; undefined for the run's own. */
  readonly parent: number | undefined;
  /** Undefined until it is compiled. */
  program: Program | undefined;
}

/** A call that the run has made. */
interface OwnCall {
  readonly id: number;
  readonly tool: CatalogTool;
  /** The branch that made it. */
  readonly fiber: Thread['fiber'];
  /** Whether a saved tool made it. */
  readonly isNested: boolean;
}

const filename = 'script.star';
/** Values belong in `data`; a program of this length is not one that somebody wrote. */
const maxScriptLength = 256 * 1024;
/** V8 reads so much in about 40 ms, and cannot be interrupted. */
const maxCodeLength = 400_000;
const maxDepth = 200;
const sliceMs = 1;
/**
 * Elements that an operation may go through in one go: some 6 ms on an idle machine, so that none holds the thread for
 * 20 ms on a busy one (docs/decisions/starlark-work.md).
 */
const maxInOneGo = 3 * 2 ** 18;
/** Counting again is not worth it for less. */
const recountBytes = 2 ** 18;

export class ScriptRun {
  readonly #message: RunMessage;
  readonly #toolSet: ToolSet;
  readonly #host: ScriptRunHost;
  readonly #printed: Printed;
  readonly #thread: Thread;
  readonly #waiting = new TransientMap<number, (reply: Once<CallReply | ProgramReply>) => void>();
  /** What the author is told of a result that is None. */
  #noneNote = '';
  /** What the author is told of what cannot be meant. */
  #remarks: readonly string[] = [];
  #calls = 0;
  #toolBytes = 0;
  /** Bytes held when they were last counted. */
  #counted = 0;

  constructor(message: RunMessage, toolSet: ToolSet, host: ScriptRunHost) {
    this.#message = message;
    this.#toolSet = toolSet;
    this.#host = host;
    const { limits } = message;
    this.#printed = new Printed(limits.maxResultBytes);
    this.#thread = new Thread({
      maxSteps: limits.stepLimit,
      maxBytes: limits.memoryLimitBytes,
      maxDepth,
      maxCodeLength,
      maxInOneGo,
      maxParallel: limits.parallelMaxConcurrency,
      sliceMs,
      now: () => BigInt(Date.now()) * 1_000_000n,
      print: (text) => this.#printed.add(text),
      yieldToHost: () => this.#giveWay(),
    });
  }

  /** What the script holds at the most; what it has let go of since the last `recount` still counts. */
  get bytesHeld(): number {
    return this.#thread.bytesHeld;
  }

  /** How far it has come. */
  get figures(): Figures {
    const { steps, bytesHeld, parallelBranches } = this.#thread;
    return { steps, bytesHeld, parallelBranches, toolBytes: this.#toolBytes };
  }

  /** Counts anew what the script holds, unless there is nothing new to find out, or it can be done only a moment later. */
  recount(): 'counted' | 'known' | 'later' {
    if (this.bytesHeld <= this.#counted + recountBytes) return 'known';
    if (!this.#thread.recount()) return 'later';
    this.#counted = this.bytesHeld;
    this.#tell();
    return 'counted';
  }

  /** Runs to the end. Never rejects. */
  async run(): Promise<ScriptOutcome> {
    try {
      const value = await this.#evaluate();
      return this.#success(value);
    } catch (error) {
      return this.#failure(error);
    }
  }

  /** Ends the script where it is; `run` then tells how. */
  stop(reason: StopReason): void {
    this.end(toStopError(reason, this.#message.limits.scriptTimeoutMs));
  }

  /** Ends the script with an error that no `attempt` in it can catch. */
  end(error: CodeModeError): void {
    this.#thread.cancel(error);
  }

  /** Hands the script the answer to one of its calls. */
  reply(callId: number, reply: CallReply | ProgramReply): void {
    const resolve = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    resolve?.(new Once(reply));
  }

  async #evaluate(): Promise<Value> {
    const { program, values } = await this.#compile(this.#message, undefined);
    const value = scriptValue(program, await run(program, this.#thread, values));
    // The author of a saved tool is not the one who reads its results.
    if (this.#message.saved !== undefined) return value;
    this.#remarks = program.remarks.map(toNote);
    if (value === null) this.#noneNote = noneNote(program.ending);
    return value;
  }

  /** @param parent the call in whose place the script is to run; undefined for the run's own */
  async #compile(
    { script, data = '{}', saved }: ScriptProgram,
    parent: number | undefined,
  ): Promise<{ program: Program; values: Map<string, Value> }> {
    if (script.length > maxScriptLength) throw tooLong(script.length);
    const place: CallPlace = { parent, program: undefined };
    const names = bindTools(
      this.#toolSet,
      (thread, tool, args) => this.#callTool(thread, tool, args, place),
      () => this.#giveWay(),
    );
    this.#thread.charge(heldByJson(data));
    const given = parseWithBigInts(data) as { readonly [key: string]: ExactJson };
    const variables =
      saved === undefined ? bindData(given, this.#toolSet) : bindParameters(given, saved, this.#thread);
    for (const [name, value] of variables) names.set(name, value);
    const program = await compileOn(this.#thread, script, {
      filename: saved?.filename ?? filename,
      fileOptions: scriptOptions,
      predeclared: names.keys(),
      variables: variables.keys(),
      hints: nameHints([...variables.keys()]),
      members: scriptMembers,
    });
    place.program = program;
    return { program, values: new Map([...scriptUniverse(), ...names]) };
  }

  /** The script of a saved tool, to be run in the place of the call. What it answers comes back as a tool's result does. */
  async #inPlace({ program: wanted }: ProgramReply, call: OwnCall): Promise<SubProgram | LateValue> {
    const end = (outcome: ScriptOutcome): Promise<LateValue> => {
      const reply = this.#answerTo(call);
      this.#host.send({ type: 'ran', runId: this.#message.runId, callId: call.id, outcome });
      return reply as Promise<LateValue>;
    };
    const write = (outcome: SubOutcome): ScriptOutcome => {
      try {
        return outcome.ok ? this.#written(outcome.value, wanted.saved) : this.#failed(outcome.error);
      } catch (error) {
        return this.#failed(error);
      }
    };
    try {
      const { program, values } = await this.#compile(wanted, call.id);
      return await subProgram(program, this.#thread, values, (outcome) => end(write(outcome)));
    } catch (error) {
      if (error instanceof StarlarkError && !error.catchable) throw error;
      return await end(this.#failed(error));
    }
  }

  async #callTool(
    thread: Thread,
    tool: CatalogTool,
    args: ToolArguments,
    { parent, program }: CallPlace,
  ): Promise<LateValue | SubProgram> {
    const { maxToolCalls } = this.#message.limits;
    if (this.#calls >= maxToolCalls) {
      const error = tooManyCalls(maxToolCalls, tool.name);
      // As a cancellation no `attempt` catches it, and it keeps the place of the call.
      throw new StarlarkError('cancelled', error.message, { cause: error });
    }
    const text = stringifyExactly(args);
    if (text.length > maxArgumentsLength) throw tooLongArguments(tool);
    const callId = ++this.#calls;
    const { runId } = this.#message;
    const line = program?.lineOf(thread.site);
    const call: OwnCall = { id: callId, tool, fiber: thread.fiber, isNested: parent !== undefined };
    const answer = this.#answerTo(call);
    const { figures } = this;
    this.#host.send({ type: 'call', runId, callId, parent, tool: tool.name, args: text, line, figures });
    return answer;
  }

  /** Waits for the next reply to a call. To be asked while its branch runs, or waits for nothing else. */
  async #answerTo(call: OwnCall): Promise<LateValue | SubProgram> {
    const { runId } = this.#message;
    const { id: callId, tool, fiber } = call;
    const answer = Promise.withResolvers<Once<CallReply | ProgramReply>>();
    this.#waiting.set(callId, answer.resolve);
    const abandon = (): void => {
      this.reply(callId, { kind: 'failed', code: 'cancelled', message: 'the call was cancelled' });
      this.#host.send({ type: 'abandon', runId, callId });
    };
    const stopListening = fiber.onCancel(abandon);
    const reply = (await answer.promise).take();
    if (reply.kind === 'program') {
      const started = await this.#inPlace(reply, call);
      stopListening();
      return started;
    }
    stopListening();
    if (reply.kind === 'failed') throw replyError(reply, tool);
    const toolAnswer = readTexts(reply, tool.name);
    // What a saved tool received for the script is not what the script received.
    if (!call.isNested) this.#toolBytes += bytesOf(toolAnswer);
    const bytes = heldByAnswer(toolAnswer);
    this.#thread.charge(bytes);
    if (bytes > recountBytes) this.#host.hasGrown();
    return toLateValue(toolAnswer, bytes);
  }

  #failure(error: unknown): ScriptOutcome {
    const printed = this.#printed.text();
    this.#host.rest();
    const outcome = failureOutcome(error, this.#message.limits, printed);
    this.#host.rest();
    return outcome;
  }

  #failed(error: unknown): ScriptOutcome {
    return failureOutcome(error, this.#message.limits, '');
  }

  /** What a saved tool answers with this value, for a script that called it. */
  #written(value: Value, saved: SavedProgram | undefined): ScriptOutcome {
    const { maxResultBytes } = this.#message.limits;
    const { text, cut } = toResultText(value, maxResultBytes, () => this.#host.rest());
    if (cut) throw tooLargeForTool(saved?.tool ?? '', maxResultBytes);
    checkOutput(text, saved);
    const content = JSON.stringify([{ type: 'text', text }]);
    const structured = text.startsWith('{') ? `,"structuredContent":${text}` : '';
    const fields = structured === '' ? ['content'] : ['content', 'structuredContent'];
    return {
      ok: true,
      result: `{"content":${content}${structured}}`,
      textBytes: Buffer.byteLength(text),
      fields,
    };
  }

  /** The value's text first, what was printed second, then what the agent should know about them. */
  #success(value: Value): ScriptOutcome {
    const { maxResultBytes } = this.#message.limits;
    const { text, cut, exactInJs } = toResultText(value, maxResultBytes, () => this.#host.rest());
    const isDict = text.startsWith('{');
    const { saved } = this.#message;
    if (saved?.outputSchema !== undefined) {
      if (cut) throw tooLargeForTool(saved.tool, maxResultBytes);
      checkOutput(text, saved);
      if (!exactInJs)
        throw badResult(saved, 'an integer beyond 2^53 cannot be written into structured content');
    }
    const notes: string[] = [...this.#remarks];
    if (value === null) notes.push(this.#noneNote);
    if (cut) notes.push(cutNote(maxResultBytes));
    if (isDict && !exactInJs) notes.push(exactNote);
    const texts = [text, this.#printed.text(), ...notes].filter((each) => each !== '');
    this.#host.rest();
    const content = `"content":${JSON.stringify(texts.map((each) => ({ type: 'text', text: each })))}`;
    this.#host.rest();
    // Written here to the last brace: for a large result the main thread then has nothing to parse or to write.
    const textBytes = byteLengthOf(texts);
    if (!isDict || !exactInJs) return { ok: true, result: `{${content}}`, textBytes, fields: ['content'] };
    const result = `{${content},"structuredContent":${text}}`;
    return { ok: true, result, textBytes, fields: ['content', 'structuredContent'] };
  }

  async #giveWay(): Promise<void> {
    this.#tell();
    await this.#host.giveWay();
  }

  #tell(): void {
    this.#host.moved(this.#message.runId, this.figures);
  }
}

/** Apart from the call, whose variables live as long as its promise. */
function toLateValue(answer: ToolAnswer, bytes: number): LateValue {
  return new LateValue(bytes, () => toValue(answer));
}

function heldByAnswer(answer: ToolAnswer): number {
  if (answer.kind === 'structured') return heldByJson(answer.json);
  return answer.blocks.reduce((sum, block) => sum + heldByJson('text' in block ? block.text : block.json), 0);
}

/** UTF-8 bytes of what the script is given. */
function bytesOf(answer: ToolAnswer): number {
  if (answer.kind === 'structured') return Buffer.byteLength(answer.json);
  return byteLengthOf(answer.blocks.map((block) => ('text' in block ? block.text : block.json)));
}

function replyError(reply: Extract<CallReply, { kind: 'failed' }>, tool: CatalogTool): CodeModeError {
  return new CodeModeError(reply.code, reply.message, {
    tool: tool.name,
    ...(reply.limit === undefined ? {} : { limit: reply.limit }),
  });
}

function tooManyCalls(maxToolCalls: number, tool: string): CodeModeError {
  return new CodeModeError(
    'max_tool_calls',
    `the script made more calls than maxToolCalls (${maxToolCalls}). Use a tool that answers for many items at once, ` +
      'ask for larger pages, or split the work over several scripts.',
    { limit: 'maxToolCalls', tool },
  );
}

function tooLong(length: number): CodeModeError {
  return new CodeModeError(
    'bad_arguments',
    `the script has ${length} characters; at most ${maxScriptLength} are allowed. Pass values in "data".`,
  );
}

function toNote({ message, span, sourceLine }: Program['remarks'][number]): string {
  return `Line ${span.line}, \`${sourceLine.trim().slice(0, 100)}\`: ${message}.`;
}

function noneNote(ending: Program['ending']): string {
  if (ending?.returns === true) {
    return 'The script returned None. A function of it gives a value only by a `return` of its own.';
  }
  const note = 'The script returned None. End it with a top-level `return` to give a result';
  if (ending === undefined || /^print\b/u.test(ending.text)) return `${note}.`;
  const [line = '', ...more] = ending.text.split('\n');
  const shown = more.length > 0 || line.length > 60 ? `${line.slice(0, 60)}...` : line;
  return `${note}: did you mean \`return ${shown}\`?`;
}

function cutNote(maxResultBytes: number): string {
  return (
    `The result was larger than maxResultBytes (${maxResultBytes} bytes) and was cut where it says "<cut: ...>". ` +
    'To see the rest, return less: only the fields you need, a slice such as items[:50], or counts.'
  );
}

const exactNote =
  'The result holds an integer beyond 2^53: it is exact in the text above and left out of the structured content.';
