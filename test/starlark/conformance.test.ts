import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { specOptions } from '../../src/starlark/index.ts';
import { readChunks } from './chunks.ts';
import { expectedFailures } from './expected-failures.ts';
import { judge } from './run-chunk.ts';
import { skipWithoutSuite, specificationSuite } from './specification-suite.ts';

describe('the specification’s own suite', { skip: skipWithoutSuite() }, () => {
  const chunks = existsSync(specificationSuite) ? readChunks(specificationSuite) : [];
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
