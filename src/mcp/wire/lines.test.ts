import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader } from './lines.ts';

/** What a reader of at most 8 bytes a line makes of these chunks. */
function linesOf(...chunks: string[]): string[] {
  const seen: string[] = [];
  const reader = new LineReader(8, {
    onLine: (line) => void seen.push(line.toString()),
    onTooLong: (head, tail) => void seen.push(`too long: ${head.toString()}…${tail.toString()}`),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return seen;
}

test('lines come out whole, however the bytes come in', () => {
  assert.deepEqual(linesOf('a\nb\n'), ['a', 'b']);
  assert.deepEqual(linesOf('a', 'b', '\nc', '\n'), ['ab', 'c']);
  assert.deepEqual(linesOf('\n\na\n\n'), ['a']);
  assert.deepEqual(linesOf('12345678\n'), ['12345678']);
  assert.deepEqual(linesOf('no end'), []);
  assert.deepEqual(linesOf('a\r\n\r\nb\rc\n'), ['a', 'b\rc']);
});

test('the last line counts at the end of the stream, ended or not', () => {
  const seen: string[] = [];
  const reader = new LineReader(8, {
    onLine: (line) => void seen.push(line.toString()),
    onTooLong: () => void seen.push('too long'),
  });
  reader.end();
  reader.push(Buffer.from('a\nb'));
  reader.end();
  reader.push(Buffer.from('123456789'));
  reader.end();
  reader.end();
  assert.deepEqual(seen, ['a', 'b', 'too long']);
});

test('a character that is cut in two is put together again', () => {
  const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
  const seen: string[] = [];
  const reader = new LineReader(8, {
    onLine: (line) => void seen.push(line.toString()),
    onTooLong: assert.fail,
  });
  reader.push(first);
  reader.push(Buffer.concat([second, Buffer.from('\n')]));
  assert.deepEqual(seen, ['ü']);
});

test('a line that is too long is told by its ends, and the next is read', () => {
  assert.deepEqual(linesOf('123456789\nok\n'), ['too long: 123456789…123456789', 'ok']);
  assert.deepEqual(linesOf('12345', '67890', 'x'.repeat(600), '\nok\n'), [
    `too long: 1234567890…${'x'.repeat(512)}`,
    'ok',
  ]);
});
