import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Thread } from '../../eval/thread.ts';
import { stringMethods } from './string.ts';

const thread = new Thread();
/** Letters whose lower case is ASCII, or several units, are among them: a short way for ASCII must not take them. */
const texts = fc
  .array(fc.constantFrom('a', 'b', 'Z', 'Q', '1', ' ', '-', '@', '`', '{', 'é', '\u212a', 'İ'))
  .map((units) => units.join(''));

test('title capitalises each word and nothing but words, whatever the case before', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const words = text.replace(
        /\p{L}+/gu,
        (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
      );
      assert.equal(stringMethods.get('title')!.call0(thread, text), words);
    }),
    { numRuns: 1000 },
  );
});
