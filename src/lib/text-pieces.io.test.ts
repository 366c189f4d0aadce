import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { test } from 'node:test';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  byteLengthOf,
  joinPieces,
  letGoOf,
  pieceText,
  usedOnce,
  withoutFirst,
  writePieces,
} from './text-pieces.ts';
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

/** Some bytes of their own, not of a pool that others use too. */
function bytesOf(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x78);
}

test('what is used once is let go of, also in part, and what is not stays', () => {
  const kept = bytesOf(10);
  const gone = usedOnce(bytesOf(10));
  letGoOf('a string');
  letGoOf(joinPieces('a', [kept], withoutFirst([gone])));
  assert.equal(kept.byteLength, 10);
  assert.equal(gone.byteLength, 0);
  letGoOf([gone]);
});

test('a piece that shares its memory is not let go of', () => {
  const shared = bytesOf(10);
  letGoOf([usedOnce(shared.subarray(0, 4)), usedOnce(shared.subarray(4))]);
  assert.equal(shared.byteLength, 10);
});

test('it is let go of once a client has been sent all of it, however slowly that reads', async () => {
  const length = 20 * 2 ** 20;
  const piece = usedOnce(bytesOf(length));
  const written = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    const text = ['<', piece.subarray(0, 1000), piece.subarray(1000), '>'];
    writePieces(response, text, () => {
      letGoOf(text);
      written.resolve();
    });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(piece.byteLength, length, 'more than the system buffers is held until it is read');
    assert.equal(await response.text(), `<${'x'.repeat(length)}>`);
    await written.promise;
    assert.equal(piece.byteLength, 0);
  } finally {
    server.close();
  }
});

test('a stream that fails does not say that all was written', async () => {
  let isWritten = false;
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the client is gone')) });
  const failed = once(stream, 'error');
  writePieces(stream, ['a', bytes], () => (isWritten = true));
  await failed;
  assert.equal(isWritten, false);
});
