import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modules } from '../library/modules.ts';
import { Thread } from '../eval/thread.ts';
import { Duration } from '../library/time/duration.ts';
import { Moment } from '../library/time/moment.ts';
import { attributeHints } from './attribute-hints.ts';
import { attributeNames, getAttr } from './attributes.ts';
import { Dict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { index } from './indexing.ts';
import { List } from './list.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

const examples: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['list', new List([])],
  ['dict', new Dict()],
  ['string', ''],
  ['tuple', new Tuple([])],
  ['set', new StarlarkSet()],
  ['NoneType', null],
  ['int', 1],
  ['float', new StarlarkFloat(1)],
  ['time.time', new Moment(0n, 'UTC')],
  ['time.duration', new Duration(0n)],
]);

describe('what is said of an attribute that does not exist', () => {
  for (const [type, hints] of attributeHints) {
    test(`names what to write instead, for every hint about a ${type}`, () => {
      for (const [key, hint] of hints) {
        const [module = '', member = ''] = key.split('.');
        const [x, name] =
          type === 'module' ? [Object(modules)[module] as Value, member] : [examples.get(type) ?? null, key];
        assert.ok(!attributeNames(x).includes(name), `${type}.${key} exists: its hint would never be seen`);
        assert.throws(
          () => getAttr(x, name),
          (error: Error) => error.message.endsWith(`.${name} field or method (${hint})`),
        );
      }
    });
  }
});

describe('what is said of a key that a dict does not have', () => {
  const dict = new Dict();
  for (const name of ['number', 'title', 'x'.repeat(100)]) dict.set(new Thread(), name, 1);

  test('names the key that was probably meant', () => {
    assert.throws(() => index(new Thread(), dict, 'titel'), {
      message: 'key "titel" not in dict (did you mean "title"?)',
    });
  });

  test('or else a few of those that there are', () => {
    assert.throws(() => index(new Thread(), dict, 'id'), {
      message: 'key "id" not in dict (it has "number", "title", …)',
    });
  });

  test('and nothing where there are none', () => {
    assert.throws(() => index(new Thread(), new Dict(), 'id'), { message: 'key "id" not in dict' });
  });
});
