import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { MemoryHub, MemoryStore } from './memory/memory-store.ts';
import { Replicas } from './replicas.ts';
import { Sealer } from './sealer.ts';

function start(
  t: { after(fn: () => unknown): void },
  { secret = 'a', fleet = ['space', 'name'], hub = new MemoryHub() } = {},
) {
  const clock = { ms: 1_000_000 };
  const defects: unknown[] = [];
  const replica = (): Replicas => {
    const made = new Replicas({
      store: new MemoryStore(hub),
      sealer: new Sealer([Buffer.from(secret.repeat(32))]),
      fleet,
      onDefect: (thrown) => defects.push(thrown),
      wallClock: () => clock.ms,
    });
    t.after(() => made.close());
    return made;
  };
  return { hub, clock, defects, one: replica(), other: replica() };
}

test('a message reaches the replica that it is for, and says who sent it', async (t) => {
  const { one, other } = start(t);
  const heard: unknown[] = [];
  other.on('news', (body, from) => heard.push([body, from]));
  one.on('news', () => assert.fail('not for this one'));
  await Promise.all([one.open(), other.open()]);
  assert.equal(await one.send(other.id, 'news', { a: 1 }), true);
  await one.send(other.id, 'unknown', {});
  await setImmediate();
  assert.deepEqual(heard, [[{ a: 1 }, one.id]]);
});

test('a message is taken once, and not when it is old', async (t) => {
  const { one, other, hub, clock } = start(t);
  let heard = 0;
  other.on('news', () => heard++);
  await Promise.all([one.open(), other.open()]);
  const caught: string[] = [];
  const tap = new MemoryStore(hub);
  await tap.subscribe(`replica:${other.id}`, (message) => caught.push(message));
  await one.send(other.id, 'news', {});
  await setImmediate();
  assert.equal(heard, 1);
  await tap.publish(`replica:${other.id}`, caught[0]!);
  await setImmediate();
  clock.ms += 121_000;
  await tap.publish(`replica:${other.id}`, caught[0]!);
  await setImmediate();
  assert.equal(heard, 1);
});

test('what another fleet, or a stranger to the secret, sends is not taken', async (t) => {
  const { one: target, hub } = start(t);
  target.on('news', () => assert.fail('taken'));
  await target.open();
  for (const stranger of [start(t, { hub, secret: 'b' }), start(t, { hub, fleet: ['space', 'other'] })])
    await stranger.one.send(target.id, 'news', {});
  const plain = new MemoryStore(hub);
  await plain.publish(`replica:${target.id}`, '{"kind":"news"}');
  await setImmediate();
});

test('a replica that is gone is told of at once', async (t) => {
  const { one, other } = start(t);
  await Promise.all([one.open(), other.open()]);
  assert.equal(await one.isAlive(other.id), true);
  await other.close();
  assert.equal(await one.isAlive(other.id), false);
  assert.equal(await one.send(other.id, 'news', {}), false);
});

test('a tag names the replica that made it, for its scope alone', (t) => {
  const { one, other } = start(t);
  const { one: stranger } = start(t, { secret: 'b' });
  assert.equal(other.ownerOf(one.tag('s'), 's'), one.id);
  assert.equal(other.ownerOf(one.tag('s'), 't'), undefined);
  assert.equal(other.ownerOf(stranger.tag('s'), 's'), undefined);
  assert.equal(other.ownerOf(`${other.id}${one.tag('s').slice(one.id.length)}`, 's'), undefined);
  assert.equal(other.ownerOf('', 's'), undefined);
});
