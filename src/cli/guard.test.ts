import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guardServer } from './guard.ts';
import type { Terminal } from './kit/terminal.ts';

type Uncaught = Parameters<Terminal['onUncaught']>[0];

/** The guard with a process in memory. */
function guard(write: (level: string, message: string, fields?: object) => void) {
  let handler: Uncaught | undefined;
  const terminal = {
    onUncaught: (given: Uncaught) => {
      handler = given;
      return () => (handler = undefined);
    },
  } as unknown as Terminal;
  const release = guardServer(terminal, { write } as Parameters<typeof guardServer>[1]);
  return { release, uncaught: (thrown: unknown) => handler?.(thrown, 'uncaughtException') };
}

function recording() {
  const logged: { level: string; message: string; fields: object | undefined }[] = [];
  return { logged, ...guard((level, message, fields) => logged.push({ level, message, fields })) };
}

/** Thrown at a place of its own, as its stack has it. */
function thrownAt(place: number, message = 'planted'): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}\n    at call (file:///x.js:${place}:1)\n    at run (file:///x.js:1:1)`;
  return error;
}

describe('what nothing caught', () => {
  test('is logged as a defect, with its stack and where it came from', () => {
    const { logged, uncaught } = recording();
    const error = thrownAt(1);
    uncaught(error);
    assert.deepEqual(logged, [
      {
        level: 'error',
        message: 'defect in an unguarded callback; the server goes on and does not repeat this line',
        fields: { origin: 'uncaughtException', error: error.stack },
      },
    ]);
  });

  test('is logged once for each place where it is thrown, whatever it says', () => {
    const { logged, uncaught } = recording();
    uncaught(thrownAt(1, 'one'));
    uncaught(thrownAt(1, 'two'));
    uncaught(thrownAt(2));
    assert.equal(logged.length, 2);
  });

  test('may be any value', () => {
    const { logged, uncaught } = recording();
    const values = [
      'one',
      'two',
      null,
      undefined,
      Object.create(null),
      new DOMException('x', 'TimeoutError'),
    ];
    for (const value of values) uncaught(value);
    assert.deepEqual(
      logged.map(({ fields }) => String((fields as { error: string }).error).split('\n')[0]),
      ['string: one', 'null: null', 'undefined: undefined', 'object: object', 'TimeoutError: x'],
    );
  });

  test('is remembered for a hundred kinds; then the oldest is logged once more', () => {
    const { logged, uncaught } = recording();
    for (let place = 0; place <= 100; place++) uncaught(thrownAt(place));
    uncaught(thrownAt(100));
    assert.equal(logged.length, 101);
    uncaught(thrownAt(0));
    assert.equal(logged.length, 102);
  });

  test('is let go where the log fails too', () => {
    const { uncaught } = guard(() => {
      throw new Error('no log');
    });
    uncaught(thrownAt(1));
  });

  test('ends the process again once the guard is released', () => {
    const { logged, uncaught, release } = recording();
    release();
    uncaught(thrownAt(1));
    assert.equal(logged.length, 0);
  });
});
