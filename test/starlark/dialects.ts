/** The dialects that the files of this folder are written for; read under Node and in a browser. */
import { scriptBuiltins, scriptOptions, scriptUniverse, specOptions } from '../../src/starlark/index.ts';
import type { RunOptions } from './run-chunk.ts';

/** What scripts have of Python's, left out. */
const plainScripts = { ...scriptOptions, while: false, recursion: false, python: false };
const plainBuiltins = [...scriptBuiltins()].filter(
  ([name]) => !['isinstance', 'pow', 'round'].includes(name),
);

/**
 * Files in `spec/` hold for the plain specification, files in `python/` for what code mode's scripts take of Python's, and
 * files in `script/` for both such scripts and others: what these say of what is not there.
 */
export const dialects = {
  spec: { fileOptions: { ...specOptions, set: true } },
  script: { fileOptions: plainScripts, extra: new Map(plainBuiltins) },
  python: { fileOptions: scriptOptions, extra: scriptBuiltins(), universe: scriptUniverse() },
} satisfies Record<string, RunOptions>;

export type Dialect = keyof typeof dialects;
