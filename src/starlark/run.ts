import { type Callable, type Kwargs, noKwargs, type Resumable } from './eval/callable.ts';
import { drive } from './eval/driver.ts';
import { StarlarkFunction } from './eval/function.ts';
import { inSlices } from './eval/slices.ts';
import { SubProgram } from './eval/sub-program.ts';
import type { Thread } from './eval/thread.ts';
import type { Left, Program } from './compile/program.ts';
import { universe } from './library/universe.ts';
import { freeze } from './values/iterate.ts';
import type { Value } from './values/value.ts';

/** What a program leaves behind: the value of its top-level `return` (else None), and its variables. */
export interface RunResult {
  readonly value: Value;
  readonly globals: ReadonlyMap<string, Value>;
}

/**
 * Runs a program to its end. Where the host serves `load`, the variables that it leaves are frozen, since other
 * programs may come to share them.
 * @param predeclared values for the names that the program was compiled with
 * @throws StarlarkError
 */
export async function run(
  program: Program,
  thread: Thread,
  predeclared: ReadonlyMap<string, Value>,
): Promise<RunResult> {
  const { begin, globals } = await makeReady(program, thread, predeclared);
  const value = await drive(thread, begin(thread));
  return { value, globals: globals() };
}

/**
 * Makes a program ready to run in the place of a host function's call, on the account of that call's run.
 * @param end see {@link SubProgram}; told the value of the script that has run
 * @throws StarlarkError
 */
export async function subProgram(
  program: Program,
  thread: Thread,
  predeclared: ReadonlyMap<string, Value>,
  end: ConstructorParameters<typeof SubProgram>[1],
): Promise<SubProgram> {
  const { begin, globals } = await makeReady(program, thread, predeclared);
  function* beginScript(of: Thread): Resumable {
    const value = yield* begin(of);
    return scriptValue(program, { value, globals: globals() });
  }
  return new SubProgram(beginScript, end);
}

interface Ready {
  begin(thread: Thread): Resumable;
  /** The variables that it has left behind. */
  globals(): ReadonlyMap<string, Value>;
}

async function makeReady(
  program: Program,
  thread: Thread,
  predeclared: ReadonlyMap<string, Value>,
): Promise<Ready> {
  const handedIn = program.used.map(({ name }) => predeclared.get(name) ?? lookUp(predeclared, name));
  const left: Left = { values: [] };
  const made = inSlices(thread, program.codeFor(handedIn, thread.options.maxCodeLength));
  const code = made instanceof Promise ? await made : made;
  return { begin: (of) => code(of, left, ...handedIn), globals: () => variablesOf(program, left, thread) };
}

function variablesOf(program: Program, left: Left, thread: Thread): Map<string, Value> {
  const globals = new Map<string, Value>();
  program.globals.forEach((name, at) => {
    const held = left.values[at];
    if (held === undefined) return;
    if (thread.options.load !== undefined) freezeWhole(held);
    globals.set(name, held);
  });
  return globals;
}

/**
 * What a script that has run gives: what it returned, the value of the expression that it ends with, or else, where it has
 * no `return` at its top level, its variable `result`.
 */
export function scriptValue(program: Program, { value, globals }: RunResult): Value {
  return value ?? (program.returns ? null : (globals.get('result') ?? null));
}

/** Freezes a variable's value, and what a function keeps besides: its defaults and the variables around it. */
function freezeWhole(held: Value): void {
  freeze(held);
  if (!(held instanceof StarlarkFunction)) return;
  for (const kept of [...(held.defaults ?? []), ...(held.captured?.() ?? [])]) {
    if (kept !== undefined && kept !== held) freeze(kept);
  }
}

/**
 * Calls a function from the host, such as one that a program left among its globals.
 * @throws StarlarkError
 */
export function call(
  thread: Thread,
  callee: Callable,
  args: readonly Value[],
  kwargs: Kwargs = noKwargs,
): Promise<Value> {
  return drive(thread, begin());

  function* begin(): Resumable {
    if (callee.start === null) return callee.call(thread, args, kwargs);
    return yield* callee.start(thread, args, kwargs);
  }
}

function lookUp(predeclared: ReadonlyMap<string, Value>, name: string): Value {
  if (predeclared.has(name)) return null;
  return universe.get(name) ?? null;
}
