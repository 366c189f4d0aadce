import {
  compile,
  createBuiltin,
  modules,
  run,
  StarlarkError,
  Thread,
  universe,
  type FileOptions,
  type ThreadOptions,
  type Value,
} from '../../src/starlark/index.ts';
import { equals } from '../../src/starlark/values/equals.ts';
import { repr } from '../../src/starlark/values/repr.ts';
import { truth } from '../../src/starlark/values/truth.ts';
import type { Chunk } from './chunks.ts';

/** What came of a chunk: undefined when it did as it should, else what was wrong. */
export type Verdict = string | undefined;

export interface RunOptions {
  readonly fileOptions: FileOptions;
  readonly extra?: ReadonlyMap<string, Value>;
  /** What takes the place of universal built-ins. */
  readonly universe?: ReadonlyMap<string, Value>;
  readonly limits?: ThreadOptions;
}

const noValues: ReadonlyMap<string, Value> = new Map();

/** Runs a chunk with the three functions that chunks are written with, and holds its outcome against what it expects. */
export async function judge(chunk: Chunk, options: RunOptions): Promise<Verdict> {
  const report = await reportOf(chunk, options);
  const { expectedError } = chunk;
  if (expectedError === undefined) return report === undefined ? undefined : `failed:\n${report}`;
  if (report === undefined) return `succeeded, but should fail with: ${expectedError}`;
  if (matches(report, expectedError)) return undefined;
  return `failed, but not with ${expectedError}:\n${report}`;
}

/** The whole report of the error that the chunk ends in; undefined when it ends well. */
async function reportOf(
  chunk: Chunk,
  { fileOptions, extra, limits, universe: instead = noValues }: RunOptions,
): Promise<string | undefined> {
  const predeclared = new Map([...modulesByName(), ...assertions(), ...(extra ?? [])]);
  try {
    const program = compile(chunk.source, {
      filename: chunk.name.replace(/:\d+$/, ''),
      fileOptions,
      predeclared: [...(fileOptions.python ? [] : universe.keys()), ...predeclared.keys()],
    });
    await run(
      program,
      new Thread({ maxSteps: 1_000_000, maxBytes: 1 << 26, ...limits }),
      new Map([...instead, ...predeclared]),
    );
    return undefined;
  } catch (error) {
    if (error instanceof StarlarkError) return error.format();
    throw error;
  }
}

function modulesByName(): [string, Value][] {
  return Object.entries(modules);
}

function matches(report: string, expected: string): boolean {
  const [output, wanted] = [report.toLowerCase(), expected.toLowerCase()];
  if (output.includes(wanted)) return true;
  return new RegExp(wanted).test(output);
}

function assertions(): [string, Value][] {
  return [
    [
      'assert_eq',
      assertion('assert_eq', (thread, [x = null, y = null]) => {
        return equals(thread, x, y) ? undefined : `${repr(thread, x)} != ${repr(thread, y)}`;
      }),
    ],
    [
      'assert_ne',
      assertion('assert_ne', (thread, [x = null, y = null]) => {
        return equals(thread, x, y) ? `${repr(thread, x)} == ${repr(thread, y)}` : undefined;
      }),
    ],
    [
      'assert_',
      assertion('assert_', (thread, [condition = null, message]) => {
        return truth(condition)
          ? undefined
          : message === undefined
            ? 'assertion failed'
            : repr(thread, message);
      }),
    ],
  ];
}

function assertion(
  name: string,
  check: (thread: Thread, args: readonly Value[]) => string | undefined,
): Value {
  return createBuiltin(
    name,
    (thread, args) => {
      const problem = check(thread, args);
      if (problem !== undefined) throw new StarlarkError('fail', problem);
      return null;
    },
    { mayWait: false },
  );
}
