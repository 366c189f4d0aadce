import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryHub, MemoryStore } from '../storage/memory/memory-store.ts';
import { SharedTaskOwners } from './shared-tasks.ts';

const owner = { backend: 'a', sessionId: 's', principal: 'alice' };

test('a replica knows whose a task is that another one made, and none can change that', async () => {
  const hub = new MemoryHub();
  const [one, other] = [
    new SharedTaskOwners(new MemoryStore(hub)),
    new SharedTaskOwners(new MemoryStore(hub)),
  ];
  await one.remember('t', owner);
  assert.equal(other.known('t'), undefined);
  await new SharedTaskOwners(new MemoryStore(hub)).remember('t', { backend: 'b', principal: 'mallory' });
  assert.deepEqual(await other.find('t'), owner);
  assert.deepEqual(other.known('t'), owner);
  assert.equal(await other.find('unknown'), undefined);
});

test('while the store is down a task is known to the replica that made it, and others cannot tell', async () => {
  const hub = new MemoryHub();
  const [one, other] = [
    new SharedTaskOwners(new MemoryStore(hub)),
    new SharedTaskOwners(new MemoryStore(hub)),
  ];
  hub.isUp = false;
  await one.remember('t', owner);
  assert.deepEqual(await one.find('t'), owner);
  await assert.rejects(other.find('t'), { name: 'StoreError', code: 'unavailable' });
});
