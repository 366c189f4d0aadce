/**
 * Nothing that a script can write holds its thread for more than 20 ms of processor time in one go: every function, method
 * and operator, with the largest values of every kind that `memoryLimit` allows, where it can be interrupted and where it
 * cannot, once and in a loop. Takes some hours; `HOLD_KINDS='^a (text|list)'` picks the values by name, for a part of it,
 * and `HOLD_ALL=1` tries all pairs of values, which takes a day or two.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Place } from '../starlark/holds/hold.ts';
import { allKinds, tryAll, type Trial } from '../starlark/holds/try-all.ts';
import { fewSeconds, seconds } from '../starlark/holds/values.ts';

const memoryLimit = 64 * 2 ** 20;
const wanted = new RegExp(process.env['HOLD_KINDS'] ?? '.', 'u');

const trial: Omit<Trial, 'firsts' | 'place' | 'seconds'> = {
  firstBytes: memoryLimit - 2 ** 22,
  secondBytes: 2 ** 22,
  limits: { maxSteps: 100_000, maxBytes: memoryLimit, maxInOneGo: 3 * 2 ** 18 },
  maxHoldMs: 20,
  // V8's collections are on the account of whoever runs, and are not paid for.
  unpaidMs: 20,
  tries: 5,
};

/** A loop ends at the limit of steps, however little each turn does: it is tried with fewer values. */
const places: readonly [Place, readonly string[]][] = [
  ['alone', process.env['HOLD_ALL'] === undefined ? fewSeconds : seconds],
  ['in a function', fewSeconds],
  ['in a loop', ['three', 'a text']],
];

for (const [place, others] of places) {
  describe(`an expression ${place}`, { timeout: 24 * 3_600_000 }, async () => {
    for (const first of (await allKinds()).filter((kind) => wanted.test(kind))) {
      test(`with ${first}`, async () => {
        const complaints: string[] = [];
        await tryAll({ ...trial, firsts: [first], seconds: others, place }, (complaint) =>
          complaints.push(complaint),
        );
        assert.deepEqual(complaints, []);
      });
    }
  });
}
