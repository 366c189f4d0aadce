import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { loadRedisStore } from '../../src/storage/index.ts';
import { skipWithout } from '../support/counterpart.ts';
import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis.ts';
import { bucketContract } from '../support/bucket-contract.ts';
import { storeContract } from '../support/store-contract.ts';

const skip = skipWithout('redis-server');
const file = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const certificate = file('cert.pem');
type Store = Awaited<ReturnType<typeof loadRedisStore>>;

const stores: Store[] = [];
let prefixes = 0;

type Target = Parameters<typeof loadRedisStore>[0];

async function connect(
  target: Partial<Target> & { readonly port: number },
  options: { keyPrefix?: string; commandTimeoutMs?: number; told?: string[] } = {},
): Promise<Store> {
  const { keyPrefix = 'p:', commandTimeoutMs = 1_000, told = [] } = options;
  const store = await loadRedisStore(
    { host: '127.0.0.1', db: 0, ...target },
    {
      keyPrefix,
      commandTimeoutMs,
      onConnection: (state) => told.push(state),
      onDefect: (thrown) => assert.fail(String(thrown)),
    },
  );
  stores.push(store);
  return store;
}

const up = (store: Store): Promise<void> => eventually(() => assert.ok(store.available), 10_000);

describe('a store in Redis', { skip }, () => {
  let server: RedisServer;
  before(async () => (server = await RedisServer.start()));
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.stop();
  });

  const two = async (): Promise<readonly [Store, Store]> => {
    const keyPrefix = `test${++prefixes}:`;
    const [one, other] = await Promise.all([
      connect({ port: server.port }, { keyPrefix }),
      connect({ port: server.port }, { keyPrefix }),
    ]);
    await Promise.all([up(one), up(other)]);
    return [one, other];
  };

  storeContract(async () => {
    const [one, other] = await two();
    return { one, other, pass: (ms) => setTimeout(ms) };
  });

  describe('has buckets', () => {
    bucketContract(async () => {
      const [{ buckets: one }, { buckets: other }] = await two();
      return { one, other, pass: (ms) => setTimeout(ms) };
    });

    test('that end when they are full, under keys that tell no name', async () => {
      const keyPrefix = `test${++prefixes}:`;
      const store = await connect({ port: server.port }, { keyPrefix });
      await up(store);
      const bucket = { key: 'user alice', maxTokens: 1, refillMs: 300 };
      await store.buckets.take([bucket]);
      const redis = new Redis(server.port, '127.0.0.1');
      try {
        const [key = '', ...others] = await redis.keys(`${keyPrefix}*`);
        assert.deepEqual(others, []);
        assert.match(key, /^test\d+:bucket:[\w-]{43}$/u);
        await eventually(async () => assert.equal(await redis.exists(key), 0));
      } finally {
        redis.disconnect();
      }
    });

    test('that fail at once with a code where Redis is not there or does not let this user in', async () => {
      const bucket = { key: 'a', maxTokens: 1, refillMs: 300 };
      const gone = await connect({ port: await freePort() });
      await assert.rejects(gone.buckets.take([bucket]), { name: 'BucketStoreError', code: 'connection' });
      const admin = new Redis(server.port, '127.0.0.1');
      await admin.acl('SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-eval', '-evalsha');
      admin.disconnect();
      const limited = await connect({ port: server.port, username: 'limited', password: 'secret' });
      await up(limited);
      await assert.rejects(limited.buckets.take([bucket]), { name: 'BucketStoreError', code: 'auth' });
    });

    test('that are not waited for where Redis stands still', async () => {
      const still = await RedisServer.start();
      try {
        const store = await connect({ port: still.port }, { commandTimeoutMs: 100 });
        await up(store);
        still.pause(true);
        const taking = store.buckets.take([{ key: 'a', maxTokens: 1, refillMs: 300 }]);
        await assert.rejects(taking, { name: 'BucketStoreError', code: 'timeout' });
      } finally {
        still.pause(false);
        await still.stop();
      }
    });
  });

  test('keeps databases and prefixes apart', async () => {
    const one = await connect({ port: server.port, db: 3 }, { keyPrefix: 'x:' });
    const others = [
      await connect({ port: server.port, db: 4 }, { keyPrefix: 'x:' }),
      await connect({ port: server.port, db: 3 }, { keyPrefix: 'y:' }),
    ];
    await Promise.all([one, ...others].map(up));
    await one.set('k', 'v', { ttlMs: 60_000 });
    assert.deepEqual(await Promise.all(others.map((store) => store.get('k'))), [undefined, undefined]);
  });
});

describe('a Redis that comes and goes', { skip }, () => {
  test('is told of once each way, refuses meanwhile, and hears its channels again', async (t) => {
    const server = await RedisServer.start();
    t.after(() => server.stop());
    const told: string[] = [];
    const store = await connect({ port: server.port }, { told });
    t.after(() => store.close());
    const heard: string[] = [];
    await store.subscribe('news', (message) => heard.push(message));
    await up(store);
    await server.stop();
    await eventually(() => assert.equal(store.available, false), 5_000);
    await assert.rejects(store.get('a'), { name: 'StoreError', code: 'unavailable' });
    let again = 0;
    store.onAvailable(() => again++);
    await server.restart();
    await up(store);
    assert.equal(again, 1);
    assert.equal(await store.publish('news', 'back'), 1);
    await eventually(() => assert.deepEqual(heard, ['back']), 5_000);
    assert.deepEqual(told, ['connected', 'lost', 'connected']);
  });

  test('fails an operation within its time when it stands still', async (t) => {
    const server = await RedisServer.start();
    t.after(() => (server.pause(false), server.stop()));
    const store = await connect({ port: server.port }, { commandTimeoutMs: 200 });
    t.after(() => store.close());
    await up(store);
    server.pause(true);
    await assert.rejects(store.get('a'), { code: 'unavailable' });
    await assert.rejects(store.change('a', { b: '1' }, 1_000), { code: 'unavailable' });
  });

  test('that was never reached refuses, and is used as soon as it is there', async (t) => {
    const server = await RedisServer.start();
    await server.stop();
    t.after(() => server.stop());
    const store = await connect({ port: server.port });
    t.after(() => store.close());
    await assert.rejects(store.set('a', '1', { ttlMs: 1_000 }), { code: 'unavailable' });
    await server.restart();
    await up(store);
    assert.equal(await store.set('a', '1', { ttlMs: 1_000 }), true);
  });
});

describe('a Redis with users and TLS', { skip }, () => {
  test('is reached with a username, a password and its own authority', async (t) => {
    const server = await RedisServer.start((port) => [
      ...['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'],
      ...[
        '--tls-cert-file',
        certificate,
        '--tls-key-file',
        file('key.pem'),
        '--tls-ca-cert-file',
        certificate,
      ],
      ...['--user', 'default', 'off', '--user', 'vmcp', 'on', '>s3cret', '~*', '&*', '+@all'],
    ]);
    t.after(() => server.stop());
    const tls = { ca: readFileSync(certificate, 'utf8') };
    const { port } = server;
    const right = await connect({ port, username: 'vmcp', password: 's3cret', tls });
    t.after(() => right.close());
    await up(right);
    assert.equal(await right.set('a', '1', { ttlMs: 1_000 }), true);
    for (const wrong of [
      { username: 'vmcp', password: 'guess', tls },
      { username: 'vmcp', password: 's3cret', tls: {} },
    ]) {
      const told: string[] = [];
      const store = await connect({ port, ...wrong }, { told });
      t.after(() => store.close());
      await eventually(() => assert.deepEqual(told, ['lost']), 10_000);
      await assert.rejects(store.get('a'), { name: 'StoreError' });
    }
  });
});
