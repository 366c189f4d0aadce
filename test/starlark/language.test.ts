import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readChunks, type Chunk } from './chunks.ts';
import { dialects } from './dialects.ts';
import { judge } from './run-chunk.ts';

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
