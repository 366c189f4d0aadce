import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { AdoptionError, type AdoptionErrorCode } from './errors.ts';
import { createPrometheus } from './prometheus.ts';

const vector = JSON.stringify({
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: { a: 'b' }, value: [1, '2.5'] }] },
});

/** Asks one question of a server that answers as told. */
async function ask(listener: RequestListener, options: object = {}): Promise<unknown> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/`;
  try {
    return await createPrometheus({ url, timeoutMs: 2000, ...options }).instant('up', 7);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function refusedWith(code: AdoptionErrorCode, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AdoptionError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    assert.ok(!error.message.includes('\n'), 'one line');
    return true;
  };
}

describe('asking Prometheus', () => {
  test('a vector is read, from below the path that is given', async () => {
    let asked: { url?: string | undefined; form: URLSearchParams } | undefined;
    const result = await ask((request, response) => {
      void text(request).then((body) => {
        asked = { url: request.url, form: new URLSearchParams(body) };
        response.end(vector);
      });
    });
    assert.deepEqual(result, [{ labels: { a: 'b' }, value: 2.5 }]);
    assert.equal(asked?.url, '/behind/api/v1/query');
    assert.deepEqual([asked.form.get('query'), asked.form.get('time')], ['up', '7']);
  });

  test('a bearer token and basic auth are sent', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push(request.headers);
      response.end(vector);
    };
    await ask(listener, { bearerToken: 't' });
    await ask(listener, { basic: { username: 'u', password: 'p' } });
    assert.deepEqual(
      seen.map(({ authorization }) => authorization),
      ['Bearer t', `Basic ${Buffer.from('u:p').toString('base64')}`],
    );
  });

  test('who is refused is told which variables to set', async () => {
    await assert.rejects(
      ask((_, response) => response.writeHead(401).end('no')),
      refusedWith('unauthorized', /HTTP 401.*VMCP_PROMETHEUS_TOKEN/),
    );
  });

  test("an error of Prometheus is told in Prometheus' words", async () => {
    const body = JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'too many samples' });
    await assert.rejects(
      ask((_, response) => response.writeHead(422).end(body)),
      refusedWith('refused', /HTTP 422: too many samples$/),
    );
  });

  test('something else than a Prometheus is told of in one line', async () => {
    await assert.rejects(
      ask((_, response) => response.end('<html>\n<h1>Hello</h1>')),
      refusedWith('refused', /HTTP 200: <html> <h1>Hello<\/h1> \(is it a Prometheus\?\)$/),
    );
  });

  test('a Prometheus that does not answer in time is given up', async () => {
    await assert.rejects(
      ask(() => undefined, { timeoutMs: 50 }),
      refusedWith('timeout', /within 0.05 s/),
    );
  });

  test('a port where nobody listens is unreachable', async () => {
    await assert.rejects(
      createPrometheus({ url: 'http://127.0.0.1:1', timeoutMs: 2000 }).instant('up', 0),
      refusedWith('unreachable', /cannot reach Prometheus at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
    );
  });

  test('a URL that is none, or holds a password, is refused', () => {
    assert.throws(
      () => createPrometheus({ url: 'http://', timeoutMs: 1 }),
      refusedWith('bad-input', /expected the URL/),
    );
    assert.throws(
      () => createPrometheus({ url: 'http://u:secret@h', timeoutMs: 1 }),
      refusedWith('bad-input', /^(?!.*secret).*VMCP_PROMETHEUS_PASSWORD/),
    );
  });
});
