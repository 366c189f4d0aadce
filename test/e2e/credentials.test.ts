import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { startPlainBackend } from '../fixtures/plain-backend.ts';
import { startProxy } from '../fixtures/proxy.ts';
import { startQuotingBackend, type QuotingBackend } from '../fixtures/quoting-backend.ts';
import { connectHttp } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

async function quoting(t: TestContext, header = 'authorization'): Promise<QuotingBackend> {
  const backend = await startQuotingBackend(header);
  t.after(() => backend.close());
  return backend;
}

async function start(t: TestContext, ...[config, options]: Parameters<typeof startVmcp>): Promise<Vmcp> {
  const vmcp = await startVmcp(config, options);
  t.after(() => vmcp.stop());
  return vmcp;
}

const http = (name: string, url: URL | string, keys: object = {}): object => ({
  name,
  transport: 'streamable-http',
  url: String(url),
  ...keys,
});

/** Greetings that a backend has heard: each is a connection. */
function greetings({ arrived }: QuotingBackend): number {
  return arrived.filter(({ method }) => method === 'initialize').length;
}

describe('what identifies the gateway to its backends', { timeout: 300_000 }, () => {
  test('is sent in full, and is in no log, status, metric or error, in whatever form a backend quotes it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-credentials-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    writeFileSync(file, 'Bearer f1le/+token"1\n', { mode: 0o600 });
    const values: Record<string, string> = {
      variable: 'Bearer env/+token&1',
      injected: 'Token 1nline=token',
      named: 'letters-only',
      basic: `Basic ${Buffer.from('me:pa55 w/rd').toString('base64')}`,
      file: 'Bearer f1le/+token"1',
    };
    const names = Object.keys(values);
    const backends = new Map<string, QuotingBackend>();
    for (const name of names) backends.set(name, await quoting(t));
    const backendOf = (name: string): QuotingBackend => backends.get(name) ?? assert.fail(name);
    const inject = (keys: object): object => ({
      type: 'header_injection',
      headerInjection: { headerName: 'Authorization', ...keys },
    });
    /** Another `query` in the URLs makes other backends of them. */
    const config = (query: string): object => {
      const entries = names.map((name) => {
        const url = new URL(backendOf(name).url);
        url.search = query;
        if (name === 'basic') Object.assign(url, { username: 'me', password: 'pa55 w/rd' });
        return http(name, url, name === 'variable' ? { headers: { Authorization: 'Bearer ${OPAQUE}' } } : {});
      });
      return {
        name: 'secrets',
        codeMode: { enabled: true },
        backends: entries,
        outgoingAuth: {
          source: 'inline',
          backends: {
            injected: inject({ headerValue: values['injected'] }),
            named: inject({ headerValueEnv: 'OTHER' }),
            file: inject({ headerValueFile: file }),
          },
        },
        operational: {
          logLevel: 'debug',
          failureHandling: { healthCheckInterval: '1s', healthCheckTimeout: '500ms' },
        },
      };
    };
    const vmcp = await start(t, config(''), { env: { OPAQUE: 'env/+token&1', OTHER: 'letters-only' } });
    await vmcp.status(allHealthy);
    const client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
    t.after(() => client.close());
    const said: string[] = [];
    for (const name of names) {
      const tool = `${name}_quote`;
      const answer = await client.callTool({ name: tool, arguments: {} }).catch((error: unknown) => error);
      said.push(JSON.stringify(answer), String(answer));
      const script = `return ${tool}()`;
      const run = await client.callTool({ name: 'execute_tool_script', arguments: { script } });
      said.push(JSON.stringify(run));
      const fine = await client.callTool({ name: `${name}_ok`, arguments: {} });
      assert.deepEqual(fine.content, [{ type: 'text', text: 'fine' }]);
    }
    // Health checks have come with it as well.
    for (const [name, value] of Object.entries(values)) {
      const { arrived } = backendOf(name);
      await eventually(() =>
        assert.ok(
          arrived.some(({ method }) => method === 'ping'),
          name,
        ),
      );
      for (const { headers, method } of arrived)
        assert.equal(headers.authorization, value, `${name} ${method}`);
    }
    // A handshake that is refused is told in the log and at /status.
    for (const backend of backends.values()) backend.refusesHandshakes = true;
    vmcp.writeConfig(config('?again'));
    const status = await vmcp.status(({ backends: all }) =>
      all.every(({ error }) => String(error).includes('refused the handshake')),
    );
    const metrics = await (await vmcp.get('/metrics')).text();
    await eventually(() => assert.ok(vmcp.log().split('refused the handshake').length > names.length));
    const shown = { log: vmcp.log(), status: JSON.stringify(status), metrics, said: said.join('\n') };
    for (const [where, text] of Object.entries(shown)) {
      for (const word of ['env/+token', 'env%2F', '1nline', 'letters-only', 'pa55', 'f1le'])
        assert.ok(
          !text.includes(word),
          `${word} in ${where}: …${text.slice(text.indexOf(word) - 80, text.indexOf(word) + 40)}`,
        );
      for (const value of Object.values(values)) {
        const credential = value.replace(/^\w+ /, '');
        for (const part of [value, credential, 'pa55 w/rd'])
          assert.ok(
            !text.includes(Buffer.from(part).toString('base64').replace(/=+$/, '')),
            `base64 of ${part} in ${where}`,
          );
      }
    }
    assert.match(shown.said, /\[redacted\]/);
    assert.match(shown.status, /\[redacted\]/);
    assert.match(shown.log, /\[redacted\]/);
  });

  test('takes effect with the next call once the configuration has another, without reconnecting neighbours', async (t) => {
    const [one, two] = [await quoting(t), await quoting(t)];
    const config = (token: string): object => ({
      name: 'reload',
      backends: [
        http('one', one.url, { headers: { Authorization: token } }),
        http('two', two.url, { headers: { Authorization: 'same' } }),
      ],
    });
    const vmcp = await start(t, config('Bearer first'));
    await vmcp.status(allHealthy);
    const client = await connectHttp(vmcp.mcpUrl, '2026-07-28');
    t.after(() => client.close());
    await client.callTool({ name: 'one_ok', arguments: {} });
    await client.callTool({ name: 'two_ok', arguments: {} });
    const before = greetings(two);
    vmcp.writeConfig(config('Bearer second'));
    await eventually(() => assert.match(vmcp.log(), /config reloaded/));
    await client.callTool({ name: 'one_ok', arguments: {} });
    await client.callTool({ name: 'two_ok', arguments: {} });
    const calls = one.arrived.filter(({ method }) => method === 'tools/call');
    assert.deepEqual(
      calls.map(({ headers }) => headers.authorization),
      ['Bearer first', 'Bearer second'],
    );
    assert.equal(greetings(two), before);
    await vmcp.status(allHealthy);
  });

  test('in a file takes effect with the next call once the file holds another, without reconnecting anything', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-credentials-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    writeFileSync(file, 'Bearer first-value\n');
    const backend = await quoting(t);
    const vmcp = await start(t, {
      name: 'file',
      backends: [http('one', backend.url)],
      outgoingAuth: {
        source: 'inline',
        default: {
          type: 'header_injection',
          headerInjection: { headerName: 'Authorization', headerValueFile: file },
        },
      },
    });
    await vmcp.status(allHealthy);
    const client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
    t.after(() => client.close());
    await client.callTool({ name: 'one_ok', arguments: {} });
    const before = greetings(backend);
    writeFileSync(file, 'Bearer second-value\n');
    await client.callTool({ name: 'one_ok', arguments: {} });
    rmSync(file);
    const refused = await client.callTool({ name: 'one_ok', arguments: {} });
    assert.deepEqual(refused, {
      content: [
        {
          type: 'text',
          text: 'Tool call failed: backend "one" has no credential: the file of "headerValueFile" cannot be read: no such file',
        },
      ],
      isError: true,
    });
    writeFileSync(file, 'Bearer third-value');
    const failed = await client.callTool({ name: 'one_quote', arguments: {} }).catch(String);
    assert.doesNotMatch(JSON.stringify(failed), /third-value/);
    const calls = backend.arrived.filter(({ method }) => method === 'tools/call');
    assert.deepEqual(
      calls.map(({ headers }) => headers.authorization),
      ['Bearer first-value', 'Bearer second-value', 'Bearer third-value'],
    );
    assert.equal(greetings(backend), before);
  });
});

describe('the environment’s proxy', { timeout: 300_000 }, () => {
  test('is on the way to backends elsewhere, and not to those that NO_PROXY, "proxy: none" or this machine’s address except', async (t) => {
    const backend = await startPlainBackend('2026-07-28', { records: true });
    t.after(() => backend.close());
    const port = Number(backend.url.port);
    const proxy = await startProxy({
      authorization: `Basic ${Buffer.from('me:pr0xy-pass').toString('base64')}`,
      ports: { 'far.example': port, 'own.example': port },
    });
    t.after(() => proxy.close());
    const known = `http://me:pr0xy-pass@${proxy.url.host}`;
    const vmcp = await start(
      t,
      {
        name: 'proxied',
        backends: [
          http('far', 'http://far.example/mcp'),
          http('near', backend.url),
          http('excepted', 'http://excepted.example.invalid/mcp'),
          http('direct', 'http://direct.example.invalid/mcp', { proxy: 'none' }),
        ],
      },
      { env: { HTTP_PROXY: known, http_proxy: '', NO_PROXY: '.example.invalid' } },
    );
    const status = await vmcp.status(({ backends }) => backends.every(({ health }) => health !== 'unknown'));
    assert.deepEqual(
      status.backends.map(({ name, health }) => [name, health]),
      [
        ['direct', 'unhealthy'],
        ['excepted', 'unhealthy'],
        ['far', 'healthy'],
        ['near', 'healthy'],
      ],
    );
    assert.deepEqual([...new Set(proxy.asked.map(({ target }) => target))], ['http://far.example/mcp']);
    assert.doesNotMatch(vmcp.log() + JSON.stringify(status), /pr0xy-pass/);
  });
});
