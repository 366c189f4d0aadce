import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { test } from 'node:test';
import { byteLengthOf, joinPieces, pieceText, withoutFirst, writePieces } from './text-pieces.ts';
import type { TextPieces } from './text-pieces.ts';

const bytes = new TextEncoder().encode('{"é":1}');

test('strings stay one string, and pieces stay as they are', () => {
  assert.equal(joinPieces('a', 'b', 'c'), 'abc');
  assert.deepEqual(joinPieces('a', ['b', bytes]), ['a', 'b', bytes]);
  assert.equal(withoutFirst('abc'), 'bc');
  assert.equal(pieceText(withoutFirst([bytes, 'c'])), '"é":1}c');
  assert.equal(pieceText(withoutFirst(['{', bytes])), '{"é":1}');
});

test('however it is divided, it is written as the same bytes, of the length that was told', async () => {
  for (const text of [
    'x{"é":1}y',
    ['x', bytes, 'y'],
    ['x', bytes.subarray(0, 3), bytes.subarray(3), 'y'],
  ] as TextPieces[]) {
    const stream = new PassThrough();
    writePieces(stream, text);
    stream.end();
    assert.equal(await readAll(stream), 'x{"é":1}y');
    assert.equal(byteLengthOf(text), 10);
  }
});
