import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { specOptions } from '../../src/starlark/index.ts';
import { readChunks } from './chunks.ts';
import { expectedFailures } from './expected-failures.ts';
import { judge } from './run-chunk.ts';

const repositoryRoot = join(import.meta.dirname, '../..');
/** The specification's suite lies beside the repository and is read in place. */
const suite = join(repositoryRoot, '../shared/conformance/starlark-spec');

describe('the specification’s own suite', { skip: skipReason() }, () => {
  const chunks = existsSync(suite) ? readChunks(suite) : [];
  const reasons = new Map(expectedFailures.map(({ chunk, reason }) => [chunk, reason]));

  for (const chunk of chunks) {
    const reason = reasons.get(chunk.name);
    test(`${chunk.name} ${reason === undefined ? 'passes' : `does not pass: ${reason}`}`, async () => {
      const verdict = await judge(chunk, { fileOptions: { ...specOptions, set: true } });
      if (reason === undefined) assert.equal(verdict, undefined, verdict);
      else
        assert.notEqual(verdict, undefined, `${chunk.name} passes now: take it out of expected-failures.ts`);
    });
  }

  test('has the 430 chunks that it is known to have, and every expected failure is one of them', () => {
    assert.equal(chunks.length, 430);
    const names = new Set(chunks.map((chunk) => chunk.name));
    assert.deepEqual(
      [...reasons.keys()].filter((name) => !names.has(name)),
      [],
    );
    assert.ok(reasons.size < 10);
  });
});

/** Where the suite is missing the tests are skipped, loudly; in CI that is a failure. */
function skipReason(): string | false {
  if (existsSync(suite)) return false;
  const message = 'the Starlark specification’s suite is not at ../shared/conformance/starlark-spec';
  if (process.env['CI']) throw new Error(`${message}, and CI skips nothing`);
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}
