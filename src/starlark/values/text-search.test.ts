import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Thread } from '../eval/thread.ts';
import { atOnce } from '../eval/pieces.ts';
import { firstPlace, lastPlace, places, placesFromEnd } from './text-search.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

const thread = new Thread();
/** Texts of few letters repeat themselves, which is what searching gets wrong. */
const letters = (options: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('a', 'a', 'a', 'b'), options).map((units) => units.join(''));

/** A long text, and one to look for that is long enough for a search of its own; it mostly occurs. */
const texts = fc
  .tuple(letters({ minLength: 251, maxLength: 400 }), fc.array(letters({ minLength: 0, maxLength: 90 })))
  .map(([sub, fillers]) => {
    const text = fillers.join(sub).padStart(5000, sub.slice(1));
    return { text, sub };
  });

describe('searching a long text for a long text', () => {
  test('finds the first place as JavaScript does', () => {
    fc.assert(
      fc.property(texts, ({ text, sub }) =>
        assert.equal(atOnce(firstPlace(thread, text, sub)), text.indexOf(sub)),
      ),
    );
  });

  test('finds the last place as JavaScript does', () => {
    fc.assert(
      fc.property(texts, ({ text, sub }) =>
        assert.equal(atOnce(lastPlace(thread, text, sub)), text.lastIndexOf(sub)),
      ),
    );
  });

  test('finds one place after the other', () => {
    fc.assert(
      fc.property(texts, ({ text, sub }) => {
        const found: number[] = [];
        atOnce(places(thread, text, sub, (at) => void found.push(at)));
        assert.equal(found.length, text.split(sub).length - 1);
        assert.ok(found.every((at) => text.startsWith(sub, at)));
      }),
    );
  });

  test('pays for both texts', () => {
    const own = new Thread();
    atOnce(firstPlace(own, 'a'.repeat(1_000_000), 'b'.repeat(1000)));
    assert.ok(own.worked >= 2 * 1_001_000 - 2, `${own.worked}`);
  });
});

describe('searching a text that is longer than a window', () => {
  /** Places that lie across the ends of windows, one beside the other, and none. */
  const cases = fc.tuple(
    fc.constantFrom('a', 'ab', 'aab', 'aaaaaaab'),
    fc.array(
      fc.tuple(fc.integer({ min: 32_760, max: 32_775 }), fc.constantFrom('aab', 'ab', 'aaaab', 'aaaaaaab')),
      {
        maxLength: 4,
      },
    ),
  );

  test('finds all places, from either end, as if there were none', () => {
    fc.assert(
      fc.property(cases, ([sub, parts]) => {
        const text = parts.map(([length, part]) => part.padStart(length, 'x')).join('') + 'a'.repeat(40_000);
        const found: number[] = [];
        atOnce(places(thread, text, sub, (at) => void found.push(at)));
        const expected: number[] = [];
        for (let at = text.indexOf(sub); at >= 0; at = text.indexOf(sub, at + sub.length)) expected.push(at);
        assert.deepEqual(found, expected);
        const fromEnd: number[] = [];
        atOnce(placesFromEnd(thread, text, sub, (at) => void fromEnd.push(at)));
        const expectedFromEnd: number[] = [];
        for (let end = text.length - sub.length; end >= 0;) {
          const at = text.lastIndexOf(sub, end);
          if (at < 0) break;
          expectedFromEnd.push(at);
          end = at - sub.length;
        }
        assert.deepEqual(fromEnd, expectedFromEnd);
      }),
      { numRuns: 40 },
    );
  });
});
