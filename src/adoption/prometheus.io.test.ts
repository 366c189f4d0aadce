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
async function ask(
  listener: RequestListener,
  { scheme = 'http', ...options }: { scheme?: string; [option: string]: unknown } = {},
): Promise<unknown> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/behind/`;
  try {
    return await createPrometheus({ url, timeoutMs: 60_000, ...options }).instant('up', 7);
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

  test('what would move the cursor is not passed on', async () => {
    await assert.rejects(
      ask((_, response) => response.end('\u001b[31mred\u0007')),
      refusedWith('refused', /^[\P{Cc}]+$/u),
    );
  });

  test('an answer of another shape than was asked for is refused', async () => {
    for (const data of [
      { resultType: 'scalar', result: [1, '1'] },
      { resultType: 'matrix', result: [] },
      undefined,
    ]) {
      await assert.rejects(
        ask((_, response) => response.end(JSON.stringify({ status: 'success', data }))),
        refusedWith('refused', /is it a Prometheus/),
      );
    }
  });

  test('values that are no numbers are left out', async () => {
    const result = ['NaN', '+Inf', '-Inf', '4'].map((value) => ({ metric: {}, value: [1, value] }));
    const body = JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
    assert.deepEqual(await ask((_, response) => response.end(body)), [{ labels: {}, value: 4 }]);
  });

  test('what an answer warns of is kept, remarks on the query are not', async () => {
    const body = {
      ...(JSON.parse(vector) as object),
      warnings: ['store x is\naway', 'PromQL info: whatever'],
    };
    const server = createServer((_, response) => response.end(JSON.stringify(body)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const prometheus = createPrometheus({ url, timeoutMs: 60_000 });
    await prometheus.instant('up', 1);
    await prometheus.instant('up', 2);
    server.closeAllConnections();
    server.close();
    assert.deepEqual([...prometheus.warnings], ['store x is away']);
  });

  test('a redirect is told of, not followed', async () => {
    await assert.rejects(
      ask((_, response) => response.writeHead(302, { location: 'https://login.example/' }).end()),
      refusedWith('refused', /sends us on to https:\/\/login\.example\/ \(HTTP 302\)/),
    );
  });

  test('a port that does not speak TLS is told of in one line', async () => {
    await assert.rejects(
      ask((_, response) => response.end(vector), { scheme: 'https' }),
      refusedWith('unreachable', /does not speak TLS; is it http:\/\//),
    );
  });

  test('a token that no header can hold is refused, and not shown', () => {
    assert.throws(
      () => createPrometheus({ url: 'http://h', timeoutMs: 1, bearerToken: 'sec\nret' }),
      refusedWith('bad-input', /^(?!.*sec).*token/),
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
      createPrometheus({ url: 'http://127.0.0.1:1', timeoutMs: 60_000 }).instant('up', 0),
      refusedWith('unreachable', /cannot reach Prometheus at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
    );
  });

  test('a URL that is none, or holds a password, is refused', () => {
    for (const url of ['http://', 'ftp://prometheus', 'file:///etc/passwd']) {
      assert.throws(
        () => createPrometheus({ url, timeoutMs: 1 }),
        refusedWith('bad-input', /expected the URL/),
      );
    }
    assert.throws(
      () => createPrometheus({ url: 'http://u:secret@h', timeoutMs: 1 }),
      refusedWith('bad-input', /^(?!.*secret).*VMCP_PROMETHEUS_PASSWORD/),
    );
  });
});
