import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StarlarkError } from '../../errors.ts';
import { atOnce, type Pieces } from '../../eval/pieces.ts';
import { Thread } from '../../eval/thread.ts';
import { repr, strInPieces } from '../../values/repr.ts';
import { decodeJson } from './convert.ts';
import { decode, decodeInPieces } from './decode.ts';
import { encode, encodeSome } from './encode.ts';
import { indentJson } from './indent.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

const thread = new Thread();
const piece = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(100, 5000));
const letter = fc.constantFrom('a', '"', '\\', '\n', 'é', '\u{1f63f}', '\ud83d', ' ', '{', '/');
/** Texts of some thousands of characters are written, and read, in parts. */
const text = fc.oneof(
  fc.array(letter, { maxLength: 5 }).map((letters) => letters.join('')),
  fc
    .tuple(fc.array(letter, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1000, max: 5000 }))
    .map(([letters, times]) => letters.join('').repeat(times)),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constantFrom(null, true, 1.5, -0.25),
    fc.array(tie('any'), { maxLength: 6 }),
    fc.dictionary(text, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const written = value.map((each) => JSON.stringify(each));
/** What is no JSON any more, mostly. */
const broken = fc
  .tuple(written, fc.nat(), fc.constantFrom('', '"', ',', '}', '\\', '1'))
  .map(
    ([json, at, by]) => json.slice(0, at % (json.length + 1)) + by + json.slice((at % (json.length + 1)) + 1),
  );

/** What some work comes to: its result as text, or the error's. */
function outcome(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof StarlarkError) return error.message;
    throw error;
  }
}

function inPieces<Result>(work: Pieces<Result>): Result {
  return atOnce(work);
}

describe('in pieces of any size', () => {
  test('a JSON text is read as it is at once', () => {
    fc.assert(
      fc.property(fc.oneof(written, broken), piece, (json, length) => {
        const whole = outcome(() => encode(thread, decode(thread, json)));
        assert.equal(
          outcome(() => encode(thread, inPieces(decodeInPieces(thread, json, length)))),
          whole,
        );
      }),
      { numRuns: 1500 },
    );
  });

  test('a value is written as JSON as it is at once', () => {
    fc.assert(
      fc.property(written, piece, (json, elements) => {
        const given = decodeJson(json);
        const some = encodeSome(thread, given, elements);
        assert.equal(typeof some === 'string' ? some : inPieces(some), encode(thread, given));
      }),
      { numRuns: 1000 },
    );
  });

  test('a JSON text is laid out as it is at once, and as JavaScript does it', () => {
    fc.assert(
      fc.property(written, piece, (json, length) => {
        const layout = { prefix: '', indent: '  ' };
        const laidOut = inPieces(indentJson(thread, json, layout, length));
        assert.equal(laidOut, inPieces(indentJson(thread, json, layout)));
        fc.pre(!/"(?:\d+|__proto__)":/.test(json));
        assert.equal(laidOut, JSON.stringify(JSON.parse(json), null, 2));
      }),
      { numRuns: 1000 },
    );
  });

  test('a value is printed as it is at once', () => {
    fc.assert(
      fc.property(written, piece, (json, elements) => {
        const given = decodeJson(json);
        fc.pre(typeof given !== 'string');
        assert.equal(inPieces(strInPieces(thread, given, elements)), repr(thread, given));
      }),
      { numRuns: 1000 },
    );
  });
});
