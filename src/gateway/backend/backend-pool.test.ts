import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeBackend } from '../../../test/fixtures/fake-backend.ts';
import { BackendPool } from './backend-pool.ts';

test('equal identities share one backend, which is closed when the last lease is released', async () => {
  const pool = new BackendPool();
  const made: FakeBackend[] = [];
  const create = (): FakeBackend => {
    const backend = new FakeBackend('a');
    made.push(backend);
    return backend;
  };
  const [old, renewed] = [pool.acquire('one', create), pool.acquire('one', create)];
  assert.equal(old.backend, renewed.backend);
  await old.release();
  await old.release();
  assert.equal(made[0]?.closed, false);
  await renewed.release();
  assert.deepEqual([made.length, made[0]?.closed], [1, true]);
  assert.notEqual(pool.acquire('one', create).backend, made[0]);
});

test('other identities are other backends, and closing the pool closes them all', async () => {
  const pool = new BackendPool();
  const backends = ['one', 'two'].map(
    (identity) => pool.acquire(identity, () => new FakeBackend(identity)).backend,
  );
  await pool.close();
  assert.deepEqual(
    backends.map((backend) => (backend as FakeBackend).closed),
    [true, true],
  );
});
