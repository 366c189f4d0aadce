/** Each file of examples/ does what its comment says, with the servers that it names. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import { connectHttp } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { allHealthy, repositoryRoot, startVmcp, type Vmcp, type VmcpStatus } from '../support/vmcp.ts';

const folder = join(repositoryRoot, 'examples');
const tried = new Set<string>();

interface Started {
  readonly vmcp: Vmcp;
  readonly client: Client;
  names(): Promise<string[]>;
}

async function start(
  t: TestContext,
  file: string,
  options: { env?: Record<string, string>; key?: string; until?: (status: VmcpStatus) => boolean } = {},
): Promise<Started> {
  tried.add(file);
  const { env = {}, key, until = allHealthy } = options;
  const vmcp = await startVmcp('', { configFile: join(folder, file), env });
  t.after(() => vmcp.stop());
  if (key === undefined) await vmcp.status(until);
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const client = await connectHttp(vmcp.mcpUrl, '2026-07-28', { headers });
  t.after(() => client.close());
  const names = async (): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
  return { vmcp, client, names };
}

const textOf = (result: object): string => (result as { content: { text: string }[] }).content[0]?.text ?? '';

describe('examples', { timeout: 120_000 }, () => {
  let backend: ControlledBackend;
  before(async () => {
    backend = await startControlledBackend();
  });
  after(() => backend?.close());

  test('demo.yaml: three servers, and one script that calls them all', async (t) => {
    const { client, names } = await start(t, 'demo.yaml');
    const all = await names();
    for (const name of [
      'everything_echo',
      'memory_read_graph',
      'files_read_text_file',
      'execute_tool_script',
    ])
      assert.ok(all.includes(name), name);
    const script =
      'e, m = parallel([lambda: everything_echo(message = "hi"), memory_read_graph])\n' +
      'return [e, "entities" in m]';
    const result = await client.callTool({ name: 'execute_tool_script', arguments: { script } });
    assert.deepEqual(JSON.parse(textOf(result)), ['Echo: hi', true]);
  });

  test('one-server.yaml: every tool has the prefix of its backend', async (t) => {
    const { names } = await start(t, 'one-server.yaml');
    const all = await names();
    assert.ok(all.length > 5);
    assert.ok(all.every((name) => name.startsWith('files_')));
  });

  test('read-only.yaml: two tools are left, one under another name', async (t) => {
    const { client, names } = await start(t, 'read-only.yaml');
    assert.deepEqual(await names(), ['files_list_directory', 'files_read_file']);
    const path = join(folder, 'read-only.yaml');
    assert.match(textOf(await client.callTool({ name: 'files_read_file', arguments: { path } })), /^name: /m);
  });

  test('two-of-a-kind.yaml: the published folder keeps the names', async (t) => {
    const { client, names } = await start(t, 'two-of-a-kind.yaml');
    assert.ok((await names()).includes('list_allowed_directories'));
    const allowed = textOf(await client.callTool({ name: 'list_allowed_directories', arguments: {} }));
    assert.match(allowed, /docs$/m);
  });

  test('code-mode.yaml: a script with more calls than the limit ends by it', async (t) => {
    const { client } = await start(t, 'code-mode.yaml');
    const script = 'for i in range(101): memory_read_graph()';
    const result = await client.callTool({ name: 'execute_tool_script', arguments: { script } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /maxToolCalls \(100/);
  });

  test('api-keys.yaml: the key opens, another does not', async (t) => {
    const key = `vmcp_${'a1B2'.repeat(11)}`;
    const { vmcp, names } = await start(t, 'api-keys.yaml', { env: { ADA_KEY: key }, key });
    assert.ok((await names()).length > 5);
    const refused = await fetch(vmcp.mcpUrl, { method: 'POST', headers: { authorization: 'Bearer vmcp_x' } });
    assert.equal(refused.status, 401);
  });

  test('with-token.yaml: the token of the environment reaches the server', async (t) => {
    const env = { TRACKER_URL: String(backend.url), TRACKER_TOKEN: 'planted' };
    const { names } = await start(t, 'with-token.yaml', { env });
    assert.ok((await names()).includes('tracker_ok'));
  });

  test('many-servers.yaml: one sleeps until a client comes', async (t) => {
    const isAsleep = ({ backends }: VmcpStatus): boolean =>
      backends.some(({ name, health }) => name === 'memory' && health === 'asleep');
    const { names } = await start(t, 'many-servers.yaml', { until: isAsleep });
    // A list waits 5 s at most for a backend that wakes up.
    await eventually(async () => assert.ok((await names()).includes('memory_read_graph')));
  });

  test('no example is left untried', () => {
    assert.deepEqual(
      [...tried].sort(),
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort(),
    );
  });
});
