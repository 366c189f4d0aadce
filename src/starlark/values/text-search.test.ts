import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Thread } from '../eval/thread.ts';
import { firstIndex, lastIndex, searchFor } from './text-search.ts';

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
      fc.property(texts, ({ text, sub }) => assert.equal(firstIndex(thread, text, sub), text.indexOf(sub))),
    );
  });

  test('finds the last place as JavaScript does', () => {
    fc.assert(
      fc.property(texts, ({ text, sub }) =>
        assert.equal(lastIndex(thread, text, sub), text.lastIndexOf(sub)),
      ),
    );
  });

  test('finds one place after the other', () => {
    fc.assert(
      fc.property(texts, ({ text, sub }) => {
        const search = searchFor(thread, text, sub);
        const places: number[] = [];
        for (let at = search.first(0); at >= 0; at = search.first(at + sub.length)) places.push(at);
        assert.equal(places.length, text.split(sub).length - 1);
        assert.ok(places.every((at) => text.startsWith(sub, at)));
      }),
    );
  });

  test('pays for both texts', () => {
    const paid: number[] = [];
    const meter = { charge: () => undefined, work: (elements: number) => void paid.push(elements) };
    firstIndex(meter, 'a'.repeat(1_000_000), 'b'.repeat(1000));
    assert.deepEqual(paid, [(1_000_000 + 1000) >>> 2]);
  });
});
