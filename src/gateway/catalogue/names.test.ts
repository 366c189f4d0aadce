import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NameStrategy, Offer } from './names.ts';
import { resolveNames, resolvePromptNames } from './names.ts';

const prefix: NameStrategy = { kind: 'prefix', prefixFormat: '{workload}_' };

/** `a:x b:x` is two backends that offer `x`. */
function offers(text: string): Offer<null>[] {
  return text.split(' ').map((each) => {
    const [backend = '', name = ''] = each.split(':');
    return { backend, name, entry: null };
  });
}

function resolved(
  text: string,
  strategy: NameStrategy,
  resolve: typeof resolveNames<null> = resolveNames,
): string[] {
  return resolve(offers(text), strategy).named.map(
    ({ name, offer }) => `${name}=${offer.backend}:${offer.name}`,
  );
}

describe('prefix', () => {
  test('puts the backend before every name, conflict or not', () => {
    assert.deepEqual(resolved('a:x b:x b:y', prefix), ['a_x=a:x', 'b_x=b:x', 'b_y=b:y']);
  });

  test('takes any format, with the backend as often as it is named', () => {
    const strategy: NameStrategy = { kind: 'prefix', prefixFormat: '{workload}.{workload}-' };
    assert.deepEqual(resolved('a$&:x', strategy), ['a$&.a$&-x=a$&:x']);
    assert.deepEqual(resolved('a:x', { kind: 'prefix', prefixFormat: '' }), ['x=a:x']);
  });

  test('gives a name that two prefixes make to the first backend, and says so', () => {
    const { named, problems } = resolveNames(offers('a:b_x a_b:x'), prefix);
    assert.deepEqual(
      named.map(({ offer }) => offer.backend),
      ['a'],
    );
    assert.deepEqual(problems, ['"a_b_x" of backend "a_b" is left out: backend "a" has that name']);
  });
});

describe('priority', () => {
  const strategy: NameStrategy = { kind: 'priority', order: ['b', 'a'] };

  test('leaves names as they are and gives a disputed one to the backend that comes first in the order', () => {
    assert.deepEqual(resolved('a:x a:y b:x c:z', strategy), ['x=b:x', 'y=a:y', 'z=c:z']);
  });

  test('says whose tool was left out', () => {
    assert.deepEqual(resolveNames(offers('a:x b:x'), strategy).problems, [
      '"x" of backend "a" is left out: backend "b" has that name',
    ]);
  });

  test('parts backends that are not in the order by their prefix, so that nothing is lost', () => {
    assert.deepEqual(resolved('c:x d:x', strategy), ['c_x=c:x', 'd_x=d:x']);
  });

  test('lets a backend in the order win over one that is not', () => {
    assert.deepEqual(resolved('a:x c:x', strategy), ['x=a:x']);
  });
});

describe('manual', () => {
  test('leaves names as they are and gives a disputed one to nobody', () => {
    const { named, problems } = resolveNames(offers('a:x b:x b:y'), { kind: 'manual' });
    assert.deepEqual(
      named.map(({ name }) => name),
      ['y'],
    );
    assert.match(
      problems[0] ?? '',
      /^"x" is offered by "a", "b", so it is offered to nobody: give all but one/,
    );
  });
});

describe('prompts', () => {
  test('take the prefix under prefix and manual, which has no overrides for them', () => {
    assert.deepEqual(resolved('a:x b:x', prefix, resolvePromptNames), ['a_x=a:x', 'b_x=b:x']);
    assert.deepEqual(resolved('a:x b:y', { kind: 'manual' }, resolvePromptNames), ['a_x=a:x', 'b_y=b:y']);
  });

  test('keep their names for backends in the priority order', () => {
    const strategy: NameStrategy = { kind: 'priority', order: ['b', 'a'] };
    assert.deepEqual(resolved('a:x a:y b:x c:x', strategy, resolvePromptNames), [
      'x=b:x',
      'y=a:y',
      'c_x=c:x',
    ]);
  });

  test('take the prefixFormat of the file under every strategy', () => {
    const promptPrefixFormat = '{workload}.';
    assert.deepEqual(resolved('a:x', { kind: 'manual', promptPrefixFormat }, resolvePromptNames), [
      'a.x=a:x',
    ]);
    assert.deepEqual(
      resolved('a:x b:x', { kind: 'priority', order: ['b'], promptPrefixFormat }, resolvePromptNames),
      ['a.x=a:x', 'x=b:x'],
    );
  });

  test('that come to one name are given to nobody, whether two prefixes make it or a backend in the order has it', () => {
    const composed = resolvePromptNames(offers('a:b_x a_b:x a:y'), prefix);
    assert.deepEqual(
      composed.named.map(({ name }) => name),
      ['a_y'],
    );
    assert.deepEqual(composed.problems, [
      '"a_b_x" would be the name of "b_x" of "a", "x" of "a_b", so it is given to none: ' +
        'rename one of these backends, or use another prefixFormat',
    ]);
    assert.deepEqual(resolved('a:x b:a_x', { kind: 'priority', order: ['b'] }, resolvePromptNames), []);
  });
});
