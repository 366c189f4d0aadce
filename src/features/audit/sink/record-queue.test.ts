import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteError, type Destination } from './destination.ts';
import { RecordQueue } from './record-queue.ts';

/** A destination that the test lets go on. */
function controlled() {
  const written: string[] = [];
  const writes: { finish(): void; fail(written: number): void }[] = [];
  let reopened = 0;
  let closed = 0;
  const destination: Destination = {
    write: (lines) =>
      new Promise<void>((resolve, reject) =>
        writes.push({
          finish: () => (written.push(...lines), resolve()),
          fail: (count) => (
            written.push(...lines.slice(0, count)),
            reject(new WriteError(count, 'the disk is full'))
          ),
        }),
      ),
    reopen: async () => void reopened++,
    close: async () => void closed++,
  };
  return { destination, written, writes, counts: () => ({ reopened, closed }) };
}

/** Lets everything that is due run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function queueOf(destination: Destination, limits: { maxLines?: number; maxLength?: number } = {}) {
  const dropped: string[] = [];
  const queue = new RecordQueue(destination, { onDropped: (why) => dropped.push(why), ...limits });
  return { queue, dropped };
}

test('lines are written in their order, those of one turn together', async () => {
  const { destination, written, writes } = controlled();
  const { queue, dropped } = queueOf(destination);
  for (const line of ['a\n', 'b\n']) queue.offer(line);
  await settle();
  queue.offer('c\n');
  assert.equal(writes.length, 1);
  writes[0]?.finish();
  await settle();
  writes[1]?.finish();
  await queue.flushed();
  assert.deepEqual([written, dropped], [['a\n', 'b\n', 'c\n'], []]);
});

test('a destination that stalls costs the lines for which there is no room, and each is told', async () => {
  const { destination, written, writes } = controlled();
  const { queue, dropped } = queueOf(destination, { maxLines: 3 });
  for (let n = 0; n < 5; n++) queue.offer(`${n}\n`);
  assert.equal(dropped.length, 2);
  await settle();
  writes[0]?.finish();
  await queue.flushed();
  assert.deepEqual(written, ['0\n', '1\n', '2\n']);
});

test('no more characters wait than there is room for', () => {
  const { destination } = controlled();
  const { queue, dropped } = queueOf(destination, { maxLength: 10 });
  queue.offer('12345678\n');
  queue.offer('1\n');
  assert.deepEqual(dropped, ['too many events wait to be written']);
});

test('of a write that fails the lines that were written whole are not told as dropped', async () => {
  const { destination, written, writes } = controlled();
  const { queue, dropped } = queueOf(destination);
  for (const line of ['a\n', 'b\n', 'c\n']) queue.offer(line);
  await settle();
  writes[0]?.fail(1);
  await settle();
  assert.deepEqual([written, dropped], [['a\n'], ['the disk is full', 'the disk is full']]);
});

test('put resolves when its line is written, and rejects when it is not', async () => {
  const { destination, writes } = controlled();
  const { queue, dropped } = queueOf(destination);
  const [first, second] = [queue.put('a\n', 1_000), queue.put('b\n', 1_000)];
  await settle();
  writes[0]?.fail(1);
  await first;
  await assert.rejects(second, /disk is full/);
  assert.deepEqual(dropped, []);
});

test('put gives up on a destination that stalls, and its line is never written', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { destination, written, writes } = controlled();
  const { queue } = queueOf(destination);
  queue.offer('a\n');
  await settle();
  const put = queue.put('b\n', 5_000);
  t.mock.timers.tick(5_000);
  await assert.rejects(put, /nothing was written for 5 s/);
  writes[0]?.finish();
  await queue.flushed();
  assert.deepEqual(written, ['a\n']);
});

test('put rejects at once where there is no room', async () => {
  const { destination } = controlled();
  const { queue } = queueOf(destination, { maxLines: 1 });
  queue.offer('a\n');
  await assert.rejects(queue.put('b\n', 1_000), /too many events/);
});

test('the end drops what is not written in time, and what comes after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { destination, writes } = controlled();
  const { queue, dropped } = queueOf(destination);
  queue.offer('a\n');
  await settle();
  queue.offer('b\n');
  const closing = queue.close();
  t.mock.timers.tick(5_000);
  await closing;
  queue.offer('c\n');
  assert.deepEqual(dropped, ['the server ended', 'the server ended']);
  writes[0]?.finish();
});

test('lines after a move go to the new destination, and the old one is closed when it has written', async () => {
  const [old, next] = [controlled(), controlled()];
  const { queue } = queueOf(old.destination);
  queue.offer('a\n');
  await settle();
  queue.moveTo(next.destination);
  queue.offer('b\n');
  assert.equal(old.counts().closed, 0);
  old.writes[0]?.finish();
  await settle();
  next.writes[0]?.finish();
  await queue.flushed();
  await settle();
  assert.deepEqual([old.written, next.written, old.counts().closed], [['a\n'], ['b\n'], 1]);
});

test('a destination is opened again between two writes', async () => {
  const { destination, counts } = controlled();
  const { queue } = queueOf(destination);
  queue.reopen();
  await queue.flushed();
  assert.equal(counts().reopened, 1);
});
