import assert from 'node:assert/strict';
import { beforeEach, describe, test, type TestContext } from 'node:test';
import type { JWK } from 'jose';
import type { JsonValue } from '../../../../protocol/index.ts';
import { createSigningKey } from '../../../../../test/support/fake-provider.ts';
import { Provider } from './provider.ts';

const issuer = 'https://id.example';
const jwksUrl = `${issuer}/jwks`;

/** Lets what was resolved run on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let nowMs: number;
let fetches: number;
let answer: () => Promise<JsonValue>;
let logged: string[];
let keys: JWK[];

beforeEach(async () => {
  nowMs = 0;
  fetches = 0;
  logged = [];
  keys = [(await createSigningKey('one')).publicJwk];
  answer = async () => ({ keys });
});

function start(t: TestContext): Provider {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const provider = new Provider({
    issuer,
    locate: async () => ({ jwksUrl }),
    fetchJson: () => {
      fetches++;
      return answer();
    },
    log: (level, message) => logged.push(`${level} ${message}`),
    now: () => nowMs,
  });
  t.after(() => provider.close());
  provider.start();
  return provider;
}

async function pass(t: TestContext, ms: number): Promise<void> {
  nowMs += ms;
  t.mock.timers.tick(ms);
  await settle();
}

describe('the keys of a provider', () => {
  test('are waited for while they are being fetched, and then there at once', async (t) => {
    const provider = start(t);
    assert.ok(await provider.keys());
    assert.equal(fetches, 1);
  });

  test('are not waited for longer than 5 seconds', async (t) => {
    answer = () => new Promise(() => undefined);
    const provider = start(t);
    await settle();
    let found: unknown = 'nothing yet';
    const asked = provider.keys().then((keys) => (found = keys));
    await pass(t, 4_999);
    assert.equal(found, 'nothing yet');
    await pass(t, 1);
    await asked;
    assert.equal(found, undefined);
  });

  test('are fetched again every ten minutes; another set has another version', async (t) => {
    const provider = start(t);
    await provider.keys();
    const { version } = provider;
    await settle();
    await pass(t, 10 * 60_000);
    assert.equal(fetches, 2);
    assert.equal(provider.version, version);
    keys = [(await createSigningKey('two')).publicJwk];
    await pass(t, 10 * 60_000);
    assert.equal(provider.version, version + 1);
  });

  test('are fetched for an unknown key, at most every 30 seconds', async (t) => {
    const provider = start(t);
    await provider.keys();
    await settle();
    assert.equal(await provider.newerKeys(), undefined);
    nowMs = 29_999;
    assert.equal(await provider.newerKeys(), undefined);
    nowMs = 30_000;
    const both = await Promise.all([provider.newerKeys(), provider.newerKeys()]);
    assert.ok(both.every((each) => each !== undefined));
    assert.equal(fetches, 2);
  });

  test('serve for 24 hours while the provider is away, and not longer', async (t) => {
    const provider = start(t);
    await provider.keys();
    await settle();
    answer = () => Promise.reject(new Error('connection refused'));
    await pass(t, 10 * 60_000);
    nowMs = 24 * 60 * 60_000 - 1;
    assert.ok(await provider.keys());
    nowMs++;
    assert.equal(await provider.keys(), undefined);
  });

  test('are fetched soon again after a failure, then less often; the log says so once', async (t) => {
    answer = () => Promise.reject(new Error('connection refused'));
    start(t);
    await settle();
    for (const [waitMs, expected] of [
      [1_000, 2],
      [2_000, 3],
      [5_000, 4],
      [10_000, 5],
      [30_000, 6],
      [30_000, 7],
    ] as const) {
      await pass(t, waitMs);
      assert.equal(fetches, expected);
    }
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /answered with 503: connection refused/u);
    answer = async () => ({ keys });
    await pass(t, 30_000);
    assert.match(logged[1] ?? '', /were fetched again/u);
  });

  test('are not taken from an answer that holds none', async (t) => {
    for (const bad of [null, [], {}, { keys: [] }, { keys: 'x' }]) {
      answer = async () => bad;
      const provider = start(t);
      assert.equal(await provider.keys(), undefined);
      t.mock.timers.reset();
    }
  });
});
