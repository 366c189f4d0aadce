import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cpuMs } from '../../../../test/support/cpu.ts';
import {
  Bytes,
  Dict,
  fromJs,
  List,
  Range,
  StarlarkFloat,
  StarlarkSet,
  Thread,
  Tuple,
} from '../../../starlark/index.ts';
import type { ExactJson, Value } from '../../../starlark/index.ts';
import { CodeModeError } from '../shared/errors.ts';
import { toResultText } from './result-text.ts';

const thread = new Thread({});

function dict(entries: [Value, Value][]): Dict {
  const made = new Dict();
  for (const [key, value] of entries) made.set(thread, key, value);
  return made;
}

function refusal(value: Value): string {
  try {
    toResultText(value, 1000);
  } catch (error) {
    assert.ok(error instanceof CodeModeError);
    assert.equal(error.code, 'result_not_json');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the value was not refused' });
}

describe('a result that fits', () => {
  const cases: [string, Value, string][] = [
    ['None', null, 'null'],
    ['booleans', new List([true, false]), '[true,false]'],
    ['a string with quotes and control characters', 'a"b\n\u0000', '"a\\"b\\n\\u0000"'],
    ['half of a surrogate pair', '\ud800', '"\\ud800"'],
    ['an integer beyond 2^53, exactly', 12345678901234567890n, '12345678901234567890'],
    ['the difference between 1 and 1.0', new List([1, new StarlarkFloat(1)]), '[1,1.0]'],
    ['tuples, sets and ranges as lists', new List([new Tuple([1]), new Range(0, 3, 1)]), '[[1],[0,1,2]]'],
    [
      'keys in the order of insertion',
      dict([
        ['b', 1],
        ['a', 2],
      ]),
      '{"b":1,"a":2}',
    ],
    [
      'keys that mean something to JavaScript',
      dict([
        ['__proto__', 1],
        ['constructor', 2],
      ]),
      '{"__proto__":1,"constructor":2}',
    ],
    ['the same list twice', new List([new List([1]), new List([1])]), '[[1],[1]]'],
  ];
  for (const [title, value, expected] of cases) {
    test(`is written whole: ${title}`, () => {
      assert.deepEqual(toResultText(value, 1000).text, expected);
      assert.equal(toResultText(value, 1000).cut, false);
    });
  }

  test('is whole at exactly the limit and cut one byte below', () => {
    const value = fromJs(Array.from({ length: 500 }, (_, index) => index));
    const { length } = toResultText(value, 100_000).text;
    assert.equal(toResultText(value, length).cut, false);
    assert.equal(toResultText(value, length - 1).cut, true);
  });

  test('rests every 64 KiB of what it writes, whether that fits or not', () => {
    let rests = 0;
    const rest = (): void => void rests++;
    const value = fromJs(Array.from({ length: 1000 }, () => 'x'.repeat(1000)));
    toResultText(value, 2_000_000, rest);
    assert.equal(rests, 15);
    rests = 0;
    toResultText(value, 500_000, rest);
    assert.ok(rests >= 14 && rests <= 16, `${rests} rests for 500 KB twice`);
  });

  test('counts bytes of UTF-8, not characters', () => {
    assert.equal(toResultText('ä'.repeat(400), 802).cut, false);
    assert.equal(toResultText('ä'.repeat(400), 801).cut, true);
  });

  test('says when JavaScript cannot hold it', () => {
    assert.equal(toResultText(dict([['id', 2n ** 60n]]), 1000).exactInJs, false);
    assert.equal(toResultText(dict([['id', 2 ** 53 - 1]]), 1000).exactInJs, true);
  });

  test('holds a set', () => {
    const set = new StarlarkSet();
    set.add(thread, 'x');
    assert.equal(toResultText(set, 100).text, '["x"]');
  });
});

describe('a result that JSON cannot hold is refused with its path', () => {
  test('a function', () =>
    assert.match(refusal(dict([['a', new List([1, thread as unknown as Value])]])), /result\["a"\]\[1\]/u));
  test('infinity', () => assert.match(refusal(new List([new StarlarkFloat(Infinity)])), /result\[0\]/u));
  test('NaN', () => assert.match(refusal(new StarlarkFloat(NaN)), /result: NaN/u));
  test('a key that is no string', () =>
    assert.match(refusal(dict([[1, 2]])), /a key is an int.*str\(key\)/u));
  test('bytes, saying what to return instead', () => {
    assert.match(
      refusal(new Bytes(new Uint8Array([1]))),
      /result: bytes cannot be part of a result: return str\(b\)$/u,
    );
  });
  test('a list that contains itself', () => {
    const list = new List([]);
    list.append(thread, list);
    assert.match(refusal(list), /result\[0\]: it contains itself/u);
  });
  test('nesting without end in sight', () => {
    let value: Value = 1;
    for (let depth = 0; depth < 5000; depth++) value = new List([value]);
    assert.match(refusal(value), /nested more than 200 levels/u);
  });
});

describe('a result beyond the limit', () => {
  /** The cut text, which must be JSON within the limit. */
  function cut(value: Value, maxBytes: number): unknown {
    const { text, cut: isCut } = toResultText(value, maxBytes);
    assert.equal(isCut, true);
    assert.ok(Buffer.byteLength(text) <= maxBytes, `${Buffer.byteLength(text)} bytes`);
    return JSON.parse(text);
  }

  test('keeps whole items from the front of a list and says how many are missing', () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({ number: index, title: `issue ${index}` }));
    const kept = cut(fromJs(items), 2000) as ExactJson[];
    assert.ok(kept.length > 30);
    assert.deepEqual(kept.slice(0, -1), items.slice(0, kept.length - 1));
    assert.match(
      String(kept.at(-1)),
      new RegExp(`^<cut: ${1000 - (kept.length - 1)} of 1000 items left out; return fewer`, 'u'),
    );
  });

  test('keeps every key of a dict and cuts the large values alone', () => {
    const value = {
      total: 1000,
      items: Array.from({ length: 1000 }, () => 'x'.repeat(50)),
      next: 'token',
      log: 'y'.repeat(9000),
    };
    const kept = cut(fromJs(value), 3000) as typeof value;
    assert.deepEqual(Object.keys(kept), ['total', 'items', 'next', 'log']);
    assert.equal(kept.total, 1000);
    assert.equal(kept.next, 'token');
    assert.ok(kept.items.length > 10);
    assert.match(kept.log, /^y{900,}<cut: \d+ of 9000 characters left out/u);
  });

  test('shows some of the keys where a part of each has no place', () => {
    const value = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(5000)]),
    );
    const kept = cut(fromJs(value), 8192) as Record<string, string>;
    const shown = Object.keys(kept).length - 1;
    assert.ok(shown >= 15, `${shown} keys`);
    assert.match(String(kept['k0']), /^x{100,}<cut: \d+ of 5000 characters left out/u);
    assert.equal(kept['<cut>'], `<cut: ${100 - shown} of 100 keys left out; return fewer>`);
  });

  test('uses the room that small members leave', () => {
    const value = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]));
    assert.ok(toResultText(fromJs(value), 1024).text.length > 900);
    const records = Array.from({ length: 10 }, (_, id) => [
      `k${id}`,
      { id, tags: Array(4).fill('z'.repeat(20)) },
    ]);
    const kept = cut(fromJs(Object.fromEntries(records) as ExactJson), 1024) as Record<string, unknown>;
    assert.deepEqual(kept['k6'], { id: 6, tags: Array(4).fill('z'.repeat(20)) });
  });

  test('reaches what is nested in several dicts with members beside it', () => {
    let value: ExactJson = { items: Array.from({ length: 2000 }, (_, id) => ({ id })) };
    for (let depth = 0; depth < 6; depth++) value = { total: depth, data: value };
    const text = JSON.stringify(cut(fromJs(value), 4096));
    assert.match(text, /\{"id":20\}.*<cut: \d+ of 2000 items left out/u);
  });

  test('cuts a string without parting a character', () => {
    const kept = cut('😀'.repeat(1000), 1000) as string;
    assert.match(kept, /^(?:😀)+<cut: \d+ of 2000 characters left out/u);
  });

  test('leaves out keys where there are too many of them, under a key that is not taken', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key${index}`, index]));
    const kept = cut(fromJs({ '<cut>': 'mine', ...many }), 2000) as Record<string, unknown>;
    assert.equal(kept['<cut>'], 'mine');
    assert.match(String(kept['<<cut>>']), /of 5001 keys left out/u);
  });

  test('costs no more than its limit when one list stands for an exponential number of them', () => {
    let value: Value = new List(['x']);
    for (let depth = 0; depth < 100; depth++) value = new List([value, value]);
    assert.ok(cpuMs(() => cut(value, 10_000)) < 10_000);
  });

  test('costs no more than its limit when a dict holds one large list under many keys', () => {
    const large = fromJs(Array.from({ length: 2000 }, () => 'x'.repeat(1000)));
    const value = dict(Array.from({ length: 13_000 }, (_, index) => [`k${index}`, large]));
    assert.ok(cpuMs(() => cut(value, 2 ** 20)) < 10_000);
  });

  test('does not spend seconds on the digits of a huge integer', () => {
    const huge = 1n << 40_000_000n;
    assert.ok(cpuMs(() => assert.match(String(cut(huge, 2000)), /number left out/u)) < 1_000);
  });
});
