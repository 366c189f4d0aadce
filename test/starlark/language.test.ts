import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { scriptBuiltins, scriptOptions, scriptUniverse, specOptions } from '../../src/starlark/index.ts';
import { readChunks, type Chunk } from './chunks.ts';
import { judge, type RunOptions } from './run-chunk.ts';

/** What scripts have of Python's, left out. */
const plainScripts = { ...scriptOptions, while: false, recursion: false, python: false };
const plainBuiltins = [...scriptBuiltins()].filter(
  ([name]) => !['isinstance', 'pow', 'round'].includes(name),
);

/**
 * Files in `spec/` hold for the plain specification, files in `python/` for what code mode's scripts take of Python's, and
 * files in `script/` for both such scripts and others: what these say of what is not there.
 */
const dialects: Readonly<Record<string, RunOptions>> = {
  spec: { fileOptions: { ...specOptions, set: true } },
  script: { fileOptions: plainScripts, extra: new Map(plainBuiltins) },
  python: { fileOptions: scriptOptions, extra: scriptBuiltins(), universe: scriptUniverse() },
};

for (const [dialect, options] of Object.entries(dialects)) {
  describe(`Starlark for ${dialect}`, () => {
    for (const chunk of readChunks(join(import.meta.dirname, dialect))) {
      test(titleOf(chunk), async () => {
        const verdict = await judge(chunk, options);
        assert.equal(verdict, undefined, verdict);
      });
    }
  });
}

/** A chunk's first comment says what it shows. */
function titleOf({ name, source }: Chunk): string {
  const comment = /^\s*#\s*(.*)$/m.exec(source)?.[1];
  return comment === undefined ? name : `${comment} (${name})`;
}
