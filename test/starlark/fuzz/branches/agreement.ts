import assert from 'node:assert/strict';
import { queryObjects } from 'node:v8';
import fc from 'fast-check';
import { Fiber } from '../../../../src/starlark/eval/fiber.ts';
import { readMessages, runLanguage } from './language.ts';
import { type Operation, operations, type Setting, settings } from './operation.ts';
import { TooLong } from './perform.ts';
import { runReference } from './reference.ts';
import { toSource } from './source.ts';
import type { Trace } from './trace.ts';

/** What is held against the reference: all that the language can do, unless said otherwise. */
export interface Subject {
  readonly programs: fc.Arbitrary<Operation>;
  readonly settings: fc.Arbitrary<Setting>;
  run(program: Operation, setting: Setting): Promise<Trace>;
  /** The reference's trace as the subject shows it. */
  shown(trace: Trace): Trace;
}

const language: Subject = { programs: operations(), settings, run: runLanguage, shown: (trace) => trace };

export interface Search {
  /** Programs to try. */
  readonly numRuns: number;
  /** The same seed tries the same programs. */
  readonly seed: number;
}

/**
 * Holds random programs about branches against the reference: their effects in order, their values and errors; and that
 * no branch is left of them.
 */
export async function assertBranchesAgree(search: Search, subject: Subject = language): Promise<void> {
  const messages = await readMessages();
  await fc.assert(
    fc.asyncProperty(subject.programs, subject.settings, async (program, setting) => {
      const expected = unlessTooLong(() => runReference(program, setting, messages));
      fc.pre(expected !== undefined);
      assert.deepEqual(await subject.run(program, setting), subject.shown(expected), toSource(program));
    }),
    search,
  );
  // Of the last program one or two may still be on a stack.
  const left = queryObjects(Fiber, { format: 'count' });
  assert.ok(left < search.numRuns / 10, `of ${search.numRuns} programs, ${left} branches are left`);
}

function unlessTooLong<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}
