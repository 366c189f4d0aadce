import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StarlarkError } from '../../errors.ts';
import { Thread } from '../../eval/thread.ts';
import { Dict } from '../../values/dict.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { List } from '../../values/list.ts';
import { repr } from '../../values/repr.ts';
import { Tuple } from '../../values/tuple.ts';
import type { Value } from '../../values/value.ts';
import { math } from '../math.ts';
import { decodeJson, encodeJson, fromJs, toJs } from './convert.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

const thread = new Thread();

function dictOf(entries: Readonly<Record<string, Value>>): Dict {
  const dict = new Dict();
  for (const [key, value] of Object.entries(entries)) dict.set(thread, key, value);
  return dict;
}

describe('JSON text', () => {
  const exact = [
    '12345678901234567890',
    '-9007199254740993',
    '[1,1.0,1e+100,0.5,-0.0]',
    '{"2":1,"1":2,"__proto__":{"constructor":3},"toString":null}',
    '"é😿\\u0000\\"\\\\"',
    '[[],{},[{}]]',
  ];
  for (const text of exact) {
    test(`${text} comes back as it was`, () => assert.equal(encodeJson(decodeJson(text)), text));
  }

  test('whatever JavaScript writes as JSON is read as it reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // Texts with such keys lose something in JavaScript's own reading, not in ours.
        fc.pre(!/"(\d+|__proto__)"\s*:|-0|\d{16}|[eE]/.test(text));
        assert.deepEqual(toJs(decodeJson(text)), JSON.parse(text));
      }),
    );
  });

  test('a text that JavaScript refuses is refused', () => {
    const bad = [
      '',
      '[1,]',
      '{"a":1,}',
      '[01]',
      '1.',
      '.5',
      '+1',
      '1e',
      'nul',
      '"\\x"',
      '"a',
      "'a'",
      '[1 2]',
      '{"a" 1}',
      '\ufeff1',
      '"\t"',
      'NaN',
    ];
    for (const text of bad) {
      assert.throws(() => decodeJson(text), StarlarkError, text);
      assert.throws(() => JSON.parse(text), SyntaxError, text);
    }
  });

  test('text that was mutated is read like JavaScript reads it, or refused with it', () => {
    const mutated = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('"', '\\', ',', '{', '}', '[', ']', '0', '-', '.', 'e', ' ', '\n', 't'),
      )
      .map(([text, at, insert]) => text.slice(0, at % text.length) + insert + text.slice(at % text.length));
    fc.assert(
      fc.property(mutated, (text) =>
        assert.equal(
          isRead(() => decodeJson(text)),
          isRead(() => JSON.parse(text) as unknown),
        ),
      ),
      { numRuns: 2000 },
    );
  });

  test('an error names the place of what JSON cannot hold', () => {
    const value = dictOf({ items: new List([1, dictOf({ when: math, 'odd key': 1 })]) });
    assert.throws(() => encodeJson(value), /cannot encode module as JSON \(at \$\.items\[1\]\.when\)/);
    assert.throws(() => encodeJson(dictOf({ 'odd key': math })), /\(at \$\["odd key"\]\)/);
  });

  test('a text longer than allowed is refused while it is made', () => {
    let value: Value = new List(['x'.repeat(1000)]);
    for (let i = 0; i < 60; i++) value = new List([value, value]);
    assert.throws(
      () => encodeJson(value, { maxLength: 1_000_000 }),
      (error) => error instanceof StarlarkError && error.code === 'memory_limit',
    );
  });

  test('deep nesting is an error both ways', () => {
    let deep: Value = null;
    for (let i = 0; i < 100_000; i++) deep = new List([deep]);
    assert.throws(() => encodeJson(deep), /nested more than 500 levels/);
    assert.throws(() => toJs(deep), /nested more than 500 levels/);
    assert.throws(() => decodeJson('['.repeat(100_000)), /nested more than 500 levels/);
    assert.throws(() => decodeJson('{"a":'.repeat(100_000)), /nested more than 500 levels/);
  });
});

/** Whether the text was taken. What only we refuse, a number beyond the range of floats, is no case for comparing. */
function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    fc.pre(!(error instanceof StarlarkError && error.message.includes('too large for a float')));
    return false;
  }
}

describe('JavaScript values', () => {
  test('a whole number is an int, also beyond 2^53; others are floats', () => {
    const value = fromJs({ a: [1, 1.5, 1e21, -0], b: null, c: true, d: 'x' });
    assert.equal(
      repr(thread, value),
      '{"a": [1, 1.5, 1000000000000000000000, 0], "b": None, "c": True, "d": "x"}',
    );
  });

  test('members that are undefined are left out', () => {
    assert.equal(repr(thread, fromJs({ a: undefined, b: 1 })), '{"b": 1}');
  });

  test('a key of any name is an own key both ways', () => {
    const value = decodeJson('{"__proto__":{"polluted":1},"constructor":2}');
    const object = toJs(value) as Record<string, unknown>;
    assert.deepEqual(Object.keys(object), ['__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.equal(encodeJson(fromJs(object as never)), '{"__proto__":{"polluted":1},"constructor":2}');
  });

  test('tuples, sets and ranges are arrays', () => {
    assert.deepEqual(toJs(new Tuple([1, new StarlarkFloat(2), 'x'])), [1, 2, 'x']);
  });

  test('an int that a JavaScript number cannot hold is a bigint, never rounded', () => {
    const value = dictOf({ ids: new List([1, 9007199254740993n, 1n - 2n ** 1024n]) });
    assert.deepEqual(toJs(value), { ids: [1, 9007199254740993n, 1n - 2n ** 1024n] });
  });

  test('an int of more than 1024 bits is refused with its path', () => {
    const value = dictOf({ ids: new List([1, 2n ** 1024n]) });
    assert.throws(
      () => toJs(value),
      /an int of more than 1024 bits is too large to be sent.*\(at \$\.ids\[1\]\)/,
    );
  });

  test('digits count as what they take', () => {
    let spent = 0;
    toJs(10n ** 100n, (characters) => (spent += characters));
    assert.equal(spent, 101);
  });

  test('what JSON cannot hold is refused with its path', () => {
    assert.throws(() => toJs(dictOf({ f: math })), /JSON cannot hold a module \(at \$\.f\)/);
    assert.throws(() => toJs(new List([new StarlarkFloat(Infinity)])), /not finite \(at \$\[0\]\)/);
  });
});
