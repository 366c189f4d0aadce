import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ApiError } from './api.ts';
import { HttpKubernetesApi } from './http-api.ts';

const tls = (name: string) => readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url));
const never = new AbortController().signal;

async function serve(t: TestContext, handler: RequestListener) {
  const server = createServer({ cert: tls('cert.pem'), key: tls('key.pem') }, handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-account-'));
  const tokenFile = join(folder, 'token');
  const caFile = join(folder, 'ca.crt');
  writeFileSync(tokenFile, 'first\n');
  writeFileSync(caFile, tls('cert.pem'));
  const { port } = server.address() as AddressInfo;
  const api = new HttpKubernetesApi({ url: new URL(`https://localhost:${port}`), tokenFile, caFile });
  t.after(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { api, tokenFile, caFile };
}

test('each request has the token that the file holds by then', async (t) => {
  const { api, tokenFile } = await serve(t, (request, response) => {
    response.end(JSON.stringify({ told: request.headers.authorization }));
  });
  assert.deepEqual(await api.get('/x', never), { told: 'Bearer first' });
  writeFileSync(tokenFile, 'second');
  assert.deepEqual(await api.get('/x', never), { told: 'Bearer second' });
});

test('a watch tells its events however their bytes are cut', async (t) => {
  const events = [1, 2, 3].map((version) => ({
    type: 'ADDED',
    object: { metadata: { name: 'ä', resourceVersion: String(version) } },
  }));
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { api } = await serve(t, (_request, response) => {
    for (let start = 0; start < bytes.length; start += 7) response.write(bytes.subarray(start, start + 7));
    response.end();
  });
  const told: unknown[] = [];
  for await (const event of await api.watch('/x?watch=1', never)) told.push(event);
  assert.deepEqual(told, events);
});

test('a refusal has the words of the server, and a page that is not its own has none', async (t) => {
  const { api } = await serve(t, (request, response) => {
    response.writeHead(request.url === '/own' ? 403 : 502);
    response.end(request.url === '/own' ? '{"message":"you cannot list"}' : '<html>secret</html>');
  });
  const refused = (status: number, message: string) => (error: unknown) =>
    error instanceof ApiError && error.status === status && error.message === message;
  await assert.rejects(api.get('/own', never), refused(403, 'you cannot list'));
  await assert.rejects(api.watch('/other', never), refused(502, 'the API server answered 502'));
});

test('a server that shows another certificate is not told the token', async (t) => {
  let asked = 0;
  const { api, caFile } = await serve(t, (_request, response) => {
    asked++;
    response.end('{}');
  });
  writeFileSync(caFile, tls('other-cert.pem'));
  await assert.rejects(api.get('/x', never));
  assert.equal(asked, 0);
});
