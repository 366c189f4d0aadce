import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settle } from '../../eval/builtin.ts';
import { Thread } from '../../eval/thread.ts';
import { stringMethods } from './string.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

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

test('istitle takes the same for a title as a reading of each letter by its Unicode category does', () => {
  const isTitle = (text: string): boolean => {
    const words = text.match(/[\p{Lu}\p{Lt}\p{Ll}]+/gu);
    return words !== null && words.every((word) => /^[\p{Lu}\p{Lt}]\p{Ll}*$/u.test(word));
  };
  fc.assert(
    fc.property(texts, (text) =>
      assert.equal(stringMethods.get('istitle')!.call0(thread, text), isTitle(text)),
    ),
    { numRuns: 1000 },
  );
});

test('replacing an empty text puts the new one before each character and at the end, as often as is allowed', () => {
  const character = fc.constantFrom('a', '$', '\u00e9', '\u{1f63f}', '\ud83d');
  fc.assert(
    fc.property(fc.array(character, { maxLength: 8 }), fc.integer({ min: -1, max: 10 }), (parts, count) => {
      const text = parts.join('');
      const characters = Array.from(text);
      const times = count < 0 ? Infinity : count;
      const wanted = characters.map((one, at) => (at < times ? `<>${one}` : one)).join('');
      const end = times > characters.length ? '<>' : '';
      const { call } = stringMethods.get('replace')!;
      const begun = call(thread, text, ['', '<>', count], new Map());
      assert.equal(settle(thread, 'replace', begun), wanted + end);
    }),
    { numRuns: 1000 },
  );
});
