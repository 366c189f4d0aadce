import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Thread } from '../eval/thread.ts';
import * as float from './float.ts';

const thread = new Thread();

describe('the text of a float', () => {
  const cases: [number, string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [100000, '100000.0'],
    [1e6, '1e+06'],
    [123456789, '1.23456789e+08'],
    [999999.9999999999, '999999.9999999999'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Infinity, '+inf'],
    [-Infinity, '-inf'],
    [Number.NaN, 'nan'],
  ];
  for (const [value, text] of cases) {
    test(`${value} is written ${text}`, () => assert.equal(float.formatFloat(value), text));
  }
});

describe('rounding for text', () => {
  test('a value half-way between two texts goes to the even one', () => {
    assert.equal(float.fixedDigits(0.5, 0), '0');
    assert.equal(float.fixedDigits(1.5, 0), '2');
    assert.equal(float.fixedDigits(2.5, 0), '2');
    assert.equal(float.fixedDigits(0.125, 2), '0.12');
    assert.equal(float.fixedDigits(0.375, 2), '0.38');
    assert.equal(float.fixedDigits(0.0078125, 6), '0.007812');
    assert.equal(float.exponentDigits(2.5, 0), '2e+0');
    assert.equal(float.exponentDigits(1.25, 1), '1.2e+0');
  });

  test('other values go to the nearer one', () => {
    assert.equal(float.fixedDigits(2.675, 2), '2.67');
    assert.equal(float.fixedDigits(1.005, 2), '1.00');
    assert.equal(float.fixedDigits(1e22, 1), '10000000000000000000000.0');
  });
});

describe('reading floats', () => {
  test('numbers, infinities and NaN are read in any case', () => {
    assert.deepEqual(
      ['1', '.5', '5.', '1e3', '-2.5E-3', '+inf', 'Infinity', '-INF', 'NaN'].map((text) =>
        float.parseFloat(thread, text),
      ),
      [1, 0.5, 5, 1000, -0.0025, Infinity, Infinity, -Infinity, Number.NaN],
    );
  });

  for (const text of ['', ' 1', '1 ', '0x1', '1_0', 'e3', '.', '1e999', 'infin']) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => float.parseFloat(thread, text)));
  }
});
