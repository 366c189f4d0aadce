/** Runs a program about branches in the language, against a host that does what a schedule says. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import {
  compile,
  createBuiltin,
  encodeJson,
  List,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Value,
} from '../../../../src/starlark/index.ts';
import { type Limit, type Operation, partsOf, type Setting } from './operation.ts';
import { maxPrintBytes, type Messages, type Trace } from './trace.ts';
import { type Action, Schedule } from './schedule.ts';
import { listNames, toSource } from './source.ts';

/** Twice what any program takes that does not use it up. */
const maxSteps = 150_000;
const maxBytes = 100_000_000;

interface OpenCall {
  readonly id: number;
  settle(): void;
}

class Host {
  readonly effects: string[] = [];
  readonly thread: Thread;
  readonly #setting: Setting;
  readonly #schedule: Schedule;
  #open: OpenCall[] = [];
  /** Calls that were cancelled: they are answered all the same, when it is too late. */
  #late: OpenCall[] = [];
  #calls = 0;
  #nowMs = 0;
  #spins = false;
  #pausing = false;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#schedule = new Schedule(setting.choices);
    this.thread = new Thread({
      maxSteps,
      maxBytes,
      maxDepth: setting.maxDepth,
      maxPrintBytes,
      maxParallel: setting.maxParallel,
      sliceMs: 1,
      clockMs: () => this.#nowMs,
      print: (line) => this.effects.push(`printed ${line}`),
      yieldToHost: () => this.#pause(),
    });
  }

  builtin(operation: Operation): Value {
    const name = `host${operation.id}`;
    if (operation.kind === 'call') return createBuiltin(name, (thread) => this.#call(thread, operation));
    if (operation.kind === 'stop') return createBuiltin(name, (thread) => this.#stop(thread, operation));
    return createBuiltin(name, () => {
      this.effects.push(`note ${operation.id}`);
      return operation.id;
    });
  }

  /** Told when a long computation begins: its slice is over as soon as the thread looks at the clock. */
  readonly spinning: Value = createBuiltin(
    'spinning',
    () => {
      this.#nowMs += 10;
      this.#spins = true;
      return null;
    },
    { mayWait: false },
  );

  /** Does what the schedule says until the run has ended. */
  async attend(done: Promise<unknown>): Promise<void> {
    let ended = false;
    void done.finally(() => (ended = true));
    for (;;) {
      do await turn();
      while (this.#pausing);
      if (ended) break;
      assert.ok(this.#open.length > 0, 'the run neither ends nor waits for the host');
      this.#act(this.#schedule.whenIdle(this.#open.length));
    }
    assert.deepEqual(this.#open, [], 'calls that were neither answered nor cancelled');
    this.#answerLate();
    await turn();
  }

  async #pause(): Promise<void> {
    this.#pausing = true;
    // What was answered already is heard first.
    await turn();
    if (this.#spins) this.#act(this.#schedule.whenPaused(this.#open.length));
    this.#spins = false;
    await turn();
    this.#pausing = false;
  }

  #act(action: Action): void {
    this.#answerLate();
    if (action === 'cancel') {
      this.thread.cancel(new Error('cancelled from outside'));
      return;
    }
    const settled = action.settle.map((at) => this.#open[at]!);
    this.#open = this.#open.filter((call) => !settled.includes(call));
    for (const call of settled) {
      this.effects.push(`answered ${call.id}`);
      call.settle();
    }
  }

  #answerLate(): void {
    for (const call of this.#late) call.settle();
    this.#late = [];
  }

  #call(thread: Thread, { id, fails, answered }: Operation & { kind: 'call' }): Promise<Value> {
    if (++this.#calls > this.#setting.maxCalls)
      return Promise.reject(new StarlarkError('cancelled', 'too many calls'));
    this.effects.push(`call ${id}`);
    if (!answered) return this.#wait(thread, id, fails);
    thread.onCancel(() => this.effects.push(`cancelled ${id}`));
    return fails ? Promise.reject(new Error(`e${id}`)) : Promise.resolve(id);
  }

  #stop(thread: Thread, { id, waits }: Operation & { kind: 'stop' }): Value | Promise<Value> {
    this.effects.push(`stop ${id}`);
    thread.cancel(new Error(`stopped by ${id}`));
    return waits ? this.#wait(thread, id, false) : null;
  }

  #wait(thread: Thread, id: number, fails: boolean): Promise<Value> {
    const answer = Promise.withResolvers<Value>();
    const settle = (): void => (fails ? answer.reject(new Error(`e${id}`)) : answer.resolve(id));
    const call: OpenCall = { id, settle };
    this.#open.push(call);
    thread.onCancel(() => {
      this.effects.push(`cancelled ${id}`);
      this.#open = this.#open.filter((other) => other !== call);
      this.#late.push(call);
    });
    return answer.promise;
  }
}

export async function runLanguage(operation: Operation, setting: Setting): Promise<Trace> {
  const host = new Host(setting);
  const lists = listNames.map(() => new List([1, 2]));
  const predeclared = new Map<string, Value>([
    ...scriptBuiltins(),
    ...listNames.map((name, at) => [name, lists[at]!] as const),
    ...flatten(operation).map((each) => [`host${each.id}`, host.builtin(each)] as const),
    ['spinning', host.spinning],
  ]);
  const done = outcomeOf(toSource(operation), host.thread, setting.recursion, predeclared);
  await host.attend(done);
  assert.deepEqual(
    lists.map(({ locks, elems }) => [locks, elems]),
    lists.map(() => [0, [1, 2]]),
    'lists that no loop goes through any more',
  );
  assert.equal(host.thread.depth, 0, 'calls that are still active');
  return { effects: host.effects, outcome: await done };
}

async function outcomeOf(
  source: string,
  thread: Thread,
  recursion: boolean,
  predeclared: ReadonlyMap<string, Value>,
): Promise<string> {
  const fileOptions = { ...scriptOptions, recursion };
  const program = compile(source, { filename: 't.star', fileOptions, predeclared: predeclared.keys() });
  try {
    return encodeJson((await run(program, thread, predeclared)).value);
  } catch (error) {
    if (error instanceof StarlarkError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

function flatten(operation: Operation): Operation[] {
  return [operation, ...partsOf(operation).flatMap(flatten)];
}

/** The language's messages for what the reference does not spell out, each from a program that does nothing else. */
export async function readMessages(): Promise<Messages> {
  const setting: Setting = { maxParallel: 1, maxCalls: 0, maxDepth: 5, recursion: false, choices: [] };
  const messageOf = async (operation: Operation, recursion = false): Promise<string> => {
    const { outcome } = await runLanguage(operation, { ...setting, recursion });
    return outcome.slice(outcome.indexOf(': ') + 2);
  };
  const limit = (name: Limit, recursion = false): Promise<string> =>
    messageOf({ kind: 'limit', id: 1, limit: name }, recursion);
  const change: Operation = { kind: 'change', id: 2, list: 0 };
  return {
    steps: await limit('steps'),
    memory: await limit('memory'),
    print: await limit('print'),
    depth: await limit('depth', true),
    recursion: await limit('depth'),
    locked: await messageOf({ kind: 'loop', id: 1, list: 0, comprehension: false, part: change }),
  };
}
