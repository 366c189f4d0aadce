/**
 * Starlark: text in, value out. The pipeline is scan → parse → resolve → compile to JavaScript → run; each stage is
 * plain data for the next. A {@link Program} can be run many times; each run has a {@link Thread}, which holds all its
 * limits and is the only way to the host.
 *
 * The folder depends on nothing outside itself, and on nothing of Node's.
 */
import { compileProgram, type Program } from './compile/program.ts';
import { attempt } from './eval/attempt.ts';
import { parallel } from './eval/parallel.ts';
import type { KnownMembers } from './resolve/members.ts';
import { inSlices } from './eval/slices.ts';
import type { Thread } from './eval/thread.ts';
import { sumBuiltin } from './library/numbers.ts';
import { universe } from './library/universe.ts';
import { modules } from './library/modules.ts';
import { pythonBuiltins } from './library/python.ts';
import type { FileOptions } from './options.ts';
import { finish } from './steps.ts';
import type { Value } from './values/value.ts';

/**
 * Reads a program and finds everything in it that is wrong before it runs.
 * @param options.predeclared names of the values that `run` will hand in
 * @param options.variables those of them that the program may rebind at its top level, beginning with the value handed in
 * @param options.hints what to say of names that there are not, beside that they are undefined
 * @throws StarlarkError 'syntax' or 'resolve'; its `diagnostics` list every problem
 */
export function compile(source: string, options: CompileOptions): Program {
  return finish(compileProgram(source, withUniverse(options)));
}

/**
 * As {@link compile}, on the account of the run that the program is for: it gives way to the event loop as the run itself
 * does, and ends when that is cancelled.
 */
export async function compileOn(thread: Thread, source: string, options: CompileOptions): Promise<Program> {
  return inSlices(thread, compileProgram(source, withUniverse(options)));
}

export interface CompileOptions {
  readonly filename: string;
  readonly fileOptions: FileOptions;
  readonly predeclared: Iterable<string>;
  readonly variables?: Iterable<string>;
  readonly hints?: ReadonlyMap<string, string>;
  /** What attributes there are, where the host knows all: others are then refused before anything runs. */
  readonly members?: KnownMembers;
}

function withUniverse(options: CompileOptions): CompileOptions & { universal: ReadonlySet<string> } {
  const universal = new Set(universe.keys());
  if (!options.fileOptions.set) universal.delete('set');
  return { ...options, universal };
}

/**
 * What scripts have beyond the specification: `sum`, `attempt` and `parallel`, and Python's `isinstance`, `pow` and `round`.
 * To be handed in like any other value.
 */
export function scriptBuiltins(): ReadonlyMap<string, Value> {
  const all = [sumBuiltin, attempt, parallel, ...pythonBuiltins];
  return new Map(all.map((builtin) => [builtin.name, builtin]));
}

/** All attributes that values have where tools give JSON: times and durations have these methods. */
export const scriptMembers: KnownMembers = {
  modules: new Map(Object.entries(modules)),
  methods: ['format', 'in_location'],
};

/** To be handed to `run`, and not to `compile`, beside other values: what takes the place of universal built-ins there. */
export { pythonUniverse as scriptUniverse } from './library/python.ts';
export type { HostArgument, HostCall } from './compile/host-calls.ts';
export { type Program } from './compile/program.ts';
export { StarlarkError } from './errors.ts';
export type { Diagnostic, Frame, Span, StarlarkErrorCode } from './errors.ts';
export { Builtin, createBuiltin } from './eval/builtin.ts';
export type { Kwargs } from './eval/callable.ts';
export { StarlarkFunction } from './eval/function.ts';
export type { KnownMembers } from './resolve/members.ts';
export { LateValue } from './eval/late-value.ts';
export type { SubOutcome, SubProgram } from './eval/sub-program.ts';
export { Thread } from './eval/thread.ts';
export type { ThreadOptions } from './eval/thread.ts';
export { decodeJson, encodeJson, fromJs, toJs } from './library/json/convert.ts';
export type { EncodeOptions, ExactJson, Spend } from './library/json/convert.ts';
export { modules } from './library/modules.ts';
export { universe } from './library/universe.ts';
export { scriptOptions, specOptions } from './options.ts';
export type { FileOptions } from './options.ts';
export { call, run, scriptValue, subProgram } from './run.ts';
export type { RunResult } from './run.ts';
export { isIdentifier, isReserved } from './syntax/token.ts';
export { Bytes } from './values/bytes.ts';
export { Dict } from './values/dict.ts';
export { StarlarkFloat } from './values/float.ts';
export { List } from './values/list.ts';
export { Module } from './values/module.ts';
export { Range } from './values/range.ts';
export { repr, toStr } from './values/repr.ts';
export { StarlarkSet } from './values/set.ts';
export { Tuple } from './values/tuple.ts';
export type { Value } from './values/value.ts';
