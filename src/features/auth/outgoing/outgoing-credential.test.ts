import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { CredentialError, type OutgoingCredential } from '../../../gateway/index.ts';
import { createOutgoingCredential, type StrategyOptions } from './index.ts';

const none: StrategyOptions = { type: 'unauthenticated' };

function create(
  strategy: StrategyOptions,
  headers: Readonly<Record<string, string>> = {},
  onSecrets: (source: string, secrets: readonly string[]) => void = () => undefined,
): OutgoingCredential | undefined {
  return createOutgoingCredential({
    backend: 'b',
    url: new URL('https://b.example/mcp'),
    environment: {},
    strategy,
    headers,
    onSecrets,
  });
}

function tokenFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'credential-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'token');
  writeFileSync(path, text);
  return path;
}

test('a backend without headers and strategy is sent nothing', () => {
  assert.equal(create(none), undefined);
});

test('static headers go with every request, the gateway’s own too', () => {
  const headers = { 'x-api-key': 'k', 'x-org': 'acme' };
  assert.deepEqual(create(none, headers)?.headersFor(undefined), headers);
});

test('a strategy’s header wins over a static one of its name, and leaves the others', () => {
  const strategy = {
    type: 'header_injection',
    headerName: 'authorization',
    headerValue: 'Bearer s',
  } as const;
  const credential = create(strategy, { authorization: 'Bearer h', 'x-org': 'acme' });
  assert.deepEqual(credential?.headersFor(undefined), { authorization: 'Bearer s', 'x-org': 'acme' });
});

describe('a header whose value is in a file', () => {
  const injected = (headerValueFile: string): StrategyOptions => ({
    type: 'header_injection',
    headerName: 'x-api-key',
    headerValueFile,
  });

  test('has what the file holds at each request, without the line break at its end', (t) => {
    const path = tokenFile(t, 'one\n');
    const credential = create(injected(path), { 'x-org': 'acme' });
    assert.deepEqual(credential?.headersFor(undefined), { 'x-api-key': 'one', 'x-org': 'acme' });
    writeFileSync(path, 'two\r\n');
    assert.deepEqual(credential?.headersFor(undefined), { 'x-api-key': 'two', 'x-org': 'acme' });
  });

  test('is told as a secret before it is first sent, and again when it is another', (t) => {
    const told: unknown[] = [];
    const path = tokenFile(t, 'Bearer one');
    const credential = create(injected(path), {}, (...secrets) => void told.push(secrets));
    const use = (): unknown => credential?.headersFor(undefined);
    use();
    use();
    writeFileSync(path, 'Bearer two');
    use();
    assert.deepEqual(told, [
      [path, ['Bearer one', 'one']],
      [path, ['Bearer two', 'two']],
    ]);
  });

  test('is not sent once its file is gone or empty; the error says why, and neither where nor what', (t) => {
    const path = tokenFile(t, 'one');
    const credential = create(injected(path));
    assert.deepEqual(credential?.headersFor(undefined), { 'x-api-key': 'one' });
    const refused = (message: string): void =>
      assert.throws(
        () => credential?.headersFor(undefined),
        (error) => error instanceof CredentialError && error.message === message,
      );
    unlinkSync(path);
    refused('the file of "headerValueFile" cannot be read: no such file');
    writeFileSync(path, '\n');
    refused('in the file of "headerValueFile": expected the value of an HTTP header, found none');
    writeFileSync(path, 'a\nb');
    refused(
      'in the file of "headerValueFile": expected the value of an HTTP header, found a character that none may hold, such as a line break',
    );
    writeFileSync(path, 'one');
    assert.deepEqual(credential?.headersFor(undefined), { 'x-api-key': 'one' });
  });
});
