import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import { holdsCertificate, trustedWith } from './certificates.ts';

const tls = new URL('../../test/fixtures/tls/', import.meta.url);

test('a certificate is told from a key and from any other text', async () => {
  assert.equal(holdsCertificate(await readFile(new URL('cert.pem', tls), 'utf8')), true);
  assert.equal(holdsCertificate(await readFile(new URL('key.pem', tls), 'utf8')), false);
  assert.equal(holdsCertificate('junk'), false);
});

test('further authorities are trusted beside those of the process, not in their place', () => {
  assert.deepEqual(trustedWith('pem'), [...getCACertificates('default'), 'pem']);
});
