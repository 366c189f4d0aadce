/**
 * Everything a script can do in one expression pays for its time, in proportion, before it is done: the built-in
 * functions, the methods, the members of modules and the operators, each with large values of every kind. At these sizes
 * nothing takes long; what pays for it cannot hold a thread at any size, for too much at once is refused. The soak test
 * beside it measures that with the largest values that there can be.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuiltin } from '../../src/starlark/index.ts';
import { allExpressions } from './holds/expressions.ts';
import { hold, programOf } from './holds/hold.ts';
import { best, faultOf, tryAll, type Trial } from './holds/try-all.ts';

/** A 64th of what a script may hold. What is not paid for at this size, in ms, takes less than 20 at the full one. */
const trial: Trial = {
  firsts: [
    'a text',
    'control characters',
    'smileys',
    'digits',
    'json of objects',
    'bytes',
    'a list of ints',
    'a list of names',
    'a list of pairs',
    'a tuple of texts',
    'a dict of names',
    'a set of names',
    'a range of numbers',
    'the largest int',
  ],
  seconds: ['three', 'a text', 'a list of pairs'],
  firstBytes: 2 ** 20,
  secondBytes: 2 ** 17,
  place: 'alone',
  limits: { maxSteps: 1_000_000, maxBytes: 2 ** 26, maxInOneGo: 3 * 2 ** 18 },
  maxHoldMs: 20,
  unpaidMs: 0.3,
  tries: 16,
};

test('every function, method and operator pays for its time', { timeout: 600_000 }, async () => {
  const complaints: string[] = [];
  const tried = await tryAll(trial, (complaint) => complaints.push(complaint));
  assert.ok(tried > 10_000, `${tried} were tried`);
  assert.deepEqual(complaints, []);
});

test('a function that does not pay is found out', async () => {
  const forgetful = createBuiltin('forgetful', (_thread, [text]) => hashOf(text as string), {
    mayWait: false,
  });
  const found = await best(programOf('y(x)', 'alone'), 'x'.repeat(trial.firstBytes), forgetful, trial);
  assert.match(faultOf(found, trial) ?? '', /^took .* and paid for 0 elements/u);
});

/** Takes some nanoseconds for each unit. */
function hashOf(text: string): number {
  let hash = 0;
  for (let round = 0; round < 4; round++)
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

test('every function and method of the language says how it pays', () => {
  // These two call functions and do nothing else.
  const named = new Set(['parallel', 'attempt']);
  const asked = allExpressions().filter(({ name }) => /^[a-z_.]+$/u.test(name) && !/^x\b/u.test(name));
  assert.ok(asked.length > 500);
  for (const { name, text, cost } of asked)
    if (!named.has(name)) assert.ok(cost !== undefined, `${name}: ${text}`);
});

const refused: readonly [string, string, RegExp][] = [
  ['x.title()', 'step_limit', /^too much in one go/u],
  ['x * 3', 'memory_limit', /too large to be made at once/u],
  ['[0] * 4000000', 'memory_limit', /too large to be made at once/u],
];
for (const [expression, limit, words] of refused) {
  test(`${expression} is too much in one go, and refused before it begins`, async () => {
    const x = 'x'.repeat(2 ** 24);
    const { code, message, worked } = await hold(programOf(expression, 'alone'), x, null, trial.limits);
    assert.equal(code, limit);
    assert.match(message, words);
    assert.ok(worked < 2 ** 10 || code === 'step_limit', `${worked}`);
  });
}
