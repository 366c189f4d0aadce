import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../protocol/index.ts';
import { pieceText } from '../../../lib/text-pieces.ts';
import { ListWriter, pageOf } from './lists.ts';

const entries = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));

describe('a list', () => {
  test('that fits is one page without a cursor', () => {
    assert.equal(pageOf('tools', entries, undefined, 5).nextCursor, undefined);
    assert.equal(pageOf('tools', [], undefined, 5).entries.length, 0);
  });

  test('that is longer is whole when its pages are put together', () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = pageOf('tools', entries, cursor, 2);
      names.push(...page.entries.map(({ name }) => name as string));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
  });

  test('refuses a cursor that it did not give, or that points past its end', () => {
    const last = pageOf('tools', entries, undefined, 4).nextCursor;
    for (const cursor of ['', 'x', 7, null, Buffer.from('after -1').toString('base64url')]) {
      assert.throws(() => pageOf('tools', entries, cursor, 2), ProtocolError);
    }
    assert.throws(() => pageOf('tools', entries.slice(0, 3), last, 4), ProtocolError);
  });
});

test('a page is written as JSON, with the cursor and other fields after the entries', () => {
  const writer = new ListWriter();
  const first = pageOf('tools', entries, undefined, 2);
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(JSON.parse(pieceText(writer.write(first, { ttlMs: 0 }))), {
      tools: [{ name: 'a' }, { name: 'b' }],
      nextCursor: first.nextCursor,
      ttlMs: 0,
    });
  }
  assert.equal(writer.write(pageOf('prompts', [], undefined, 2), {}), '{"prompts":[]}');
});

test('long pages are written from bytes, each from those of its own list', () => {
  const writer = new ListWriter();
  const long = Array.from({ length: 250 }, (_, index) => ({ name: `größe_${index}` }));
  const shorter = long.toSpliced(7, 1);
  const written = (list: typeof long, cursor?: string): unknown =>
    JSON.parse(pieceText(writer.write(pageOf('tools', list, cursor, 200), {})));
  for (let time = 0; time < 2; time++) {
    for (const list of [long, shorter]) {
      const { nextCursor } = pageOf('tools', list, undefined, 200);
      assert.deepEqual(written(list), { tools: list.slice(0, 200), nextCursor });
      assert.deepEqual(written(list, nextCursor), { tools: list.slice(200) });
    }
  }
  const whole = pageOf('tools', long, undefined, 5_000);
  assert.deepEqual(JSON.parse(pieceText(writer.write(whole, { ttlMs: 0 }))), { tools: long, ttlMs: 0 });
});
