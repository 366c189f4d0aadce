import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SseReader } from './sse-reader.ts';

/** Everything that a stream says, cut into chunks of `size` bytes. */
function read(text: string, { size = text.length, maxBytes = 1_000 } = {}): string[] {
  const said: string[] = [];
  const reader = new SseReader(maxBytes, {
    onEvent: ({ type, data }) => said.push(`${type}:${data}`),
    onId: (id) => said.push(`id=${id}`),
    onRetry: (retryMs) => said.push(`retry=${retryMs}`),
    onTooLong: () => said.push('too long'),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return said;
}

describe('an event stream', () => {
  const cases: [title: string, text: string, said: string[]][] = [
    ['one event', 'data: a\n\n', ['message:a']],
    ['the type of an event', 'event: endpoint\ndata: /x\n\n', ['endpoint:/x']],
    ['data of several lines', 'data: a\ndata:b\ndata\n\n', ['message:a\nb\n']],
    ['only the first space of a value left out', 'data:  a\n\n', ['message: a']],
    ['comments and unknown fields passed over', ': hi\nfoo: bar\ndata: a\n\n', ['message:a']],
    ['ids and retries', 'id: 7\nretry: 50\nretry: soon\ndata: a\n\n', ['id=7', 'retry=50', 'message:a']],
    ['retries within reason', 'retry: 0\nretry: 999999999\n', ['retry=50', 'retry=60000']],
    ['an event without data as none', 'event: x\n\ndata: a\n\n', ['message:a']],
    ['an event that is not finished as none', 'data: a\n', []],
    [
      'every kind of line end',
      'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
      ['message:a', 'message:b', 'message:c'],
    ],
    ['a byte order mark passed over', '\uFEFFdata: a\n\n', ['message:a']],
    ['characters of several bytes', 'data: Zürich 東京 🙂\n\n', ['message:Zürich 東京 🙂']],
  ];
  for (const [title, text, said] of cases) {
    test(`has ${title}, however it is cut`, () => {
      for (const size of [text.length * 4, 1, 2, 3, 5])
        assert.deepEqual(read(text, { size }), said, `cut at ${size}`);
    });
  }

  test('is not read beyond an event that is too large, one line or many', () => {
    assert.deepEqual(read('data:\n'.repeat(2_000), { size: 100 }), ['too long']);
    assert.deepEqual(read(`data: ${'x'.repeat(2_000)}\n\ndata: a\n\n`, { size: 100 }), ['too long']);
    assert.deepEqual(read(`${'data: xxxxxxxxxx\n'.repeat(200)}\ndata: a\n\n`, { size: 100 }), ['too long']);
  });
});
