import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  deriveKeys,
  openTokenFile,
  readSecretKeys,
  type DerivedKeys,
  type TokenFile,
  type TokenOwner,
} from './index.ts';

type Value = { readonly token: string };

const newKey = (): string => randomBytes(32).toString('base64');

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tokens-'));
  t.after(() => rmSync(path, { recursive: true }));
  return join(path, 'state', 'tokens.json');
}

function keysOf(written: string, purpose: string): DerivedKeys {
  const secrets = readSecretKeys(written);
  assert.ok(secrets);
  return deriveKeys(secrets, purpose);
}

function open(path: string, key: string): TokenFile<Value> {
  return openTokenFile<Value>(path, keysOf(key, 'tokens'));
}

const owner = (backend: string): TokenOwner => ({
  server: 's',
  issuer: 'https://as.example',
  subject: '',
  backend,
});

const put = (file: TokenFile<Value>, backend: string, token: string): Promise<void> =>
  file.update(async (entries) => [
    ...entries.filter((entry) => entry.owner.backend !== backend),
    { owner: owner(backend), value: { token } },
  ]);

const tokens = (file: TokenFile<Value>) =>
  Object.fromEntries(file.entries().map((entry) => [entry.owner.backend, entry.value?.token]));

describe('a file of credentials', () => {
  test('holds what was put there, for its owner alone and in no form that can be read', async (t) => {
    const path = folder(t);
    const key = newKey();
    assert.deepEqual(open(path, key).entries(), []);
    await put(open(path, key), 'one', 's3cret-token');
    assert.deepEqual(tokens(open(path, key)), { one: 's3cret-token' });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
    const text = readFileSync(path, 'utf8');
    assert.ok(
      !text.includes('s3cret') && !text.includes(Buffer.from('s3cret').toString('base64').slice(0, 6)),
    );
    assert.deepEqual(readdirSync(join(path, '..')), ['tokens.json']);
  });

  test('shows at once what another process put there', async (t) => {
    const path = folder(t);
    const key = newKey();
    const [one, other] = [open(path, key), open(path, key)];
    await put(one, 'one', 'a');
    assert.deepEqual(tokens(other), { one: 'a' });
    await put(other, 'one', 'b');
    assert.deepEqual(tokens(one), { one: 'b' });
  });

  test('does not open an entry that was put in the place of another', async (t) => {
    const path = folder(t);
    const key = newKey();
    await put(open(path, key), 'one', 'a');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"one"', '"two"'));
    assert.deepEqual(tokens(open(path, key)), { two: undefined });
  });

  test('is opened by an old key while two are there, and then written with the new one', async (t) => {
    const path = folder(t);
    const [old, young] = [newKey(), newKey()];
    await put(open(path, old), 'one', 'a');
    assert.deepEqual(tokens(open(path, young)), { one: undefined });
    const both = open(path, `${young},${old}`);
    assert.deepEqual(tokens(both), { one: 'a' });
    await put(both, 'two', 'b');
    assert.deepEqual(tokens(open(path, young)), { one: 'a', two: 'b' });
  });

  test('keeps what no known key opens', async (t) => {
    const path = folder(t);
    const [first, second] = [newKey(), newKey()];
    await put(open(path, first), 'one', 'a');
    await put(open(path, second), 'two', 'b');
    assert.deepEqual(tokens(open(path, first)), { one: 'a', two: undefined });
  });

  test('is changed by one process at a time', async (t) => {
    const path = folder(t);
    const key = newKey();
    const files = Array.from({ length: 8 }, () => open(path, key));
    await Promise.all(files.map((file, index) => put(file, `b${index}`, String(index))));
    assert.equal(open(path, key).entries().length, 8);
  });
});

describe('VMCP_SECRET_KEY', () => {
  test('gives each purpose a key of its own, the same each time', () => {
    const key = newKey();
    const [tokensKey, again, other] = ['tokens', 'tokens', 'sessions'].map((purpose) =>
      keysOf(key, purpose).current.bytes.toString('hex'),
    );
    assert.equal(tokensKey, again);
    assert.notEqual(tokensKey, other);
    assert.equal(readSecretKeys(undefined), undefined);
    assert.equal(readSecretKeys(' '), undefined);
  });

  test('is base64 of 32 bytes, once or twice; what it is instead is not quoted', () => {
    for (const wrong of [
      'abc',
      randomBytes(31).toString('base64'),
      `${newKey()},`,
      'x'.repeat(44) + '!',
      `${newKey()},${newKey()},${newKey()}`,
    ])
      assert.throws(
        () => readSecretKeys(wrong),
        ({ message }: Error) => message.startsWith('VMCP_SECRET_KEY: expected ') && !message.includes(wrong),
      );
  });
});
