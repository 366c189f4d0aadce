import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearMiss } from './near-miss.ts';

const keys = ['name', 'transport', 'backends', 'codeMode', 'telemetry'];

test('the closest candidate is offered for a slip of the finger', () => {
  for (const [word, meant] of [
    ['transprot', 'transport'],
    ['backend', 'backends'],
    ['codemode', 'codeMode'],
    ['nmae', 'name'],
    ['telemtry', 'telemetry'],
    ['code_mode', 'codeMode'],
  ] as const) {
    assert.equal(nearMiss(word, keys), meant, word);
  }
});

test('nothing is offered when no candidate is close', () => {
  assert.equal(nearMiss('url', keys), undefined);
  assert.equal(nearMiss('', keys), undefined);
  assert.equal(didYouMean('zzzzzz', keys), '');
});

test('a word of any length is weighed against candidates of its own length alone', () => {
  assert.equal(nearMiss('x'.repeat(2 ** 24), keys), undefined);
  const long = 'ab'.repeat(50);
  assert.equal(nearMiss(`${long}c`, [...keys, long]), long);
  assert.equal(nearMiss(`${long}cdef`, [long]), undefined);
  assert.equal(nearMiss('ba'.repeat(50), [long]), long);
});

test('the offer is a sentence that can follow another one', () => {
  assert.equal(didYouMean('transprot', keys), ' Did you mean "transport"?');
});
