/** Throwing from a callback, and seeing what becomes of it. */
import { AssertionError } from 'node:assert';
import type { TestContext } from 'node:test';
import type { OnDefect } from '../../src/lib/guarded.ts';

/** What is thrown in turn, by what it is. */
export const thrownValues: Readonly<Record<string, () => unknown>> = {
  'an Error': () => new Error('planted'),
  'an AssertionError': () => new AssertionError({ message: 'planted' }),
  'a string': () => 'planted',
  null: () => null,
  undefined: () => undefined,
  'a DOMException, whose code is a number': () => new DOMException('planted', 'TimeoutError'),
  'the reason of an abort that is no Error': () => AbortSignal.abort({ why: 'planted' }).reason as unknown,
  'an object without a prototype': () => Object.create(null) as unknown,
  'an object whose getters throw': () =>
    Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('a getter threw');
      },
    }),
};

export interface Plant {
  readonly value: unknown;
  /** The callback, or what it calls: throws the value. */
  readonly throwIt: () => never;
  /** Rejects with the value. */
  readonly rejectIt: () => Promise<never>;
  readonly onDefect: OnDefect;
  /** For parts that report defects to their log. */
  readonly onLog: (entry: { readonly level: string; readonly message: string }) => void;
  readonly t: TestContext;
}

/** Gets one callback to throw. What it then reports is the runner's to see, and all else the case's. */
export type Case = (plant: Plant) => Promise<void> | void;

/** By the name that the callback has in the source; what follows in brackets tells several cases apart. */
export type Cases = Readonly<Record<string, Case>>;
