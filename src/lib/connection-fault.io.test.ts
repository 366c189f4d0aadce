import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { whyUnreachable } from './connection-fault.ts';

test('a server that answers TLS with plain text is said to do so', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const asked = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).end();
  const [error] = (await once(asked, 'error')) as [Error];
  assert.equal(whyUnreachable(error), 'it does not speak TLS; is it http:// rather than https://?');
});

test('of several addresses each has its reason', () => {
  const error = new AggregateError([new Error('connect ECONNREFUSED ::1:9'), new Error('no way')]);
  assert.equal(whyUnreachable(error), 'connect ECONNREFUSED ::1:9; no way');
});

test('a server that is not content with the client’s certificate is said to be so', () => {
  const alert = (words: string): Error =>
    new Error(
      `40CD:error:0A:SSL routines:ssl3_read_bytes:${words}:../record/rec_layer_s3.c:918:SSL alert number 1\n`,
    );
  assert.equal(
    whyUnreachable(alert('tlsv13 alert certificate required')),
    'it asks for a client certificate ("tls" with "certFile" and "keyFile")',
  );
  for (const [words, reason] of [
    ['tlsv1 alert unknown ca', 'unknown ca'],
    ['sslv3 alert bad certificate', 'bad certificate'],
    ['ssl/tls alert certificate expired', 'certificate expired'],
  ] as const)
    assert.equal(whyUnreachable(alert(words)), `it refuses the client certificate (${reason})`);
});

test('any other fault says what it says, or what it is', () => {
  assert.equal(whyUnreachable(new Error('socket hang up\n')), 'socket hang up');
  assert.equal(whyUnreachable(Object.assign(new Error(''), { code: 'ECONNRESET' })), 'ECONNRESET');
  assert.equal(whyUnreachable(new AggregateError([])), 'AggregateError');
});
