import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { problems, toLine } from '../../test/support/configurations.ts';
import { configReader } from '../server/config.ts';

const fixtures = join(import.meta.dirname, '../../test/fixtures/tls');

/** A folder with a certificate, its key, another's key and a token, each for its owner alone. */
function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'credential-files-'));
  t.after(() => rmSync(path, { recursive: true }));
  copyFileSync(join(fixtures, 'cert.pem'), join(path, 'cert.pem'));
  copyFileSync(join(fixtures, 'key.pem'), join(path, 'key.pem'));
  writeFileSync(join(path, 'token'), 'Bearer abc\n');
  for (const name of ['key.pem', 'token']) chmodSync(join(path, name), 0o600);
  return path;
}

/** What is doubtful about a file in this folder; it must be sound. */
function warnings(home: string, text: string): string[] {
  return configReader.parse(text, { file: join(home, 'vmcp.yaml'), environment: {} }).warnings.map(toLine);
}

const backend = (keys: string): string =>
  `name: d\nbackends:\n  - name: a\n    transport: sse\n    url: https://a.example/sse\n${keys}`;
const tls = (cert: string, key: string): string =>
  backend(`    tls:\n      certFile: ${cert}\n      keyFile: ${key}\n`);
const injected = (file: string): string =>
  `${backend('')}outgoingAuth:\n  source: inline\n  backends:\n    a:\n      type: header_injection\n      headerInjection:\n        headerName: A\n        headerValueFile: ${file}\n`;

test('files that are there, fit and are their owner’s alone raise no doubt', (t) => {
  const home = folder(t);
  assert.deepEqual(warnings(home, tls('cert.pem', 'key.pem')), []);
  assert.deepEqual(warnings(home, injected('token')), []);
  assert.deepEqual(warnings(home, backend('    caBundlePath: cert.pem\n')), []);
});

test('a file that is not there is a doubt at its key: it may come, and the backend with it', (t) => {
  const home = folder(t);
  assert.deepEqual(warnings(home, tls('no.pem', 'none.pem')), [
    '7:7: warning: certFile: the file cannot be read: no such file',
    '8:7: warning: keyFile: the file cannot be read: no such file',
  ]);
  assert.deepEqual(warnings(home, injected('no')), [
    '13:9: warning: headerValueFile: the file cannot be read: no such file',
  ]);
  assert.deepEqual(warnings(home, backend('    caBundlePath: .\n')), [
    '6:5: warning: caBundlePath: the file cannot be read: it is no regular file',
  ]);
});

test('a file that holds something else is a doubt, in words that do not quote it', (t) => {
  const home = folder(t);
  writeFileSync(join(home, 'text'), 's3cret\nof two lines\n', { mode: 0o600 });
  assert.deepEqual(warnings(home, injected('text')), [
    '13:9: warning: headerValueFile: in the file, expected the value of an HTTP header, found a character that none may hold, such as a line break',
  ]);
  assert.deepEqual(warnings(home, tls('text', 'key.pem')), [
    '7:7: warning: certFile: expected a certificate as PEM in the file, found none',
  ]);
  assert.deepEqual(warnings(home, backend('    caBundlePath: text\n')), [
    '6:5: warning: caBundlePath: expected certificates as PEM in the file, found none',
  ]);
  const [unfit = '', ...more] = warnings(home, tls('cert.pem', 'text'));
  assert.match(unfit, /^8:7: warning: the certificate and the key cannot be used together: /);
  assert.deepEqual(more, []);
});

test(
  'a secret that everybody on the machine can read is a doubt',
  { skip: process.platform === 'win32' },
  (t) => {
    const home = folder(t);
    chmodSync(join(home, 'key.pem'), 0o644);
    chmodSync(join(home, 'token'), 0o604);
    assert.deepEqual(warnings(home, tls('cert.pem', 'key.pem')), [
      '8:7: warning: keyFile: every user of this machine has access to the file (mode 0644): make it 0600',
    ]);
    assert.deepEqual(warnings(home, injected('token')), [
      '13:9: warning: headerValueFile: every user of this machine has access to the file (mode 0604): make it 0600',
    ]);
  },
);

describe('a certificate of the gateway’s own', () => {
  test('comes with its key', () => {
    assert.deepEqual(problems(backend('    tls: {certFile: a}\n')), [
      '6:5: "backends[0].tls" lacks "keyFile"',
      '6:11: warning: certFile: the file cannot be read: no such file',
    ]);
  });

  test('goes with https alone; a bundle without it has no effect', () => {
    const text = tls('a', 'b').replace('https', 'http');
    assert.ok(problems(text).includes('6:5: "tls" needs a "url" that begins with https://'));
    const bundle = backend(`    caBundlePath: ${join(fixtures, 'cert.pem')}\n`).replace('https', 'http');
    assert.deepEqual(problems(bundle), [
      '6:5: warning: caBundlePath has no effect: the "url" does not begin with https://',
    ]);
  });
});
