import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectHttp, revisions } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { sumOf } from '../support/metrics-text.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const gauge = 'toolhive_vmcp_code_mode_enabled';

async function toolNames(client: Client): Promise<string[]> {
  return (await client.listTools(undefined, { cacheMode: 'refresh' })).tools.map(({ name }) => name);
}

/** The gauge as it must be at any time: one series, of the name now in force. */
async function assertGauge(vmcp: Vmcp, name: string, value: number): Promise<void> {
  await eventually(async () => {
    const series = (await vmcp.metrics()).filter((sample) => sample.name === gauge);
    assert.deepEqual(
      series.map(({ labels, value: found }) => [labels['vmcp_server_name'], found]),
      [[name, value]],
    );
  });
}

async function assertRejected(vmcp: Vmcp, value: number): Promise<void> {
  assert.equal(sumOf(await vmcp.metrics(), 'toolhive_vmcp_config_rejected'), value);
}

describe('a reload puts the new configuration in force without a restart', { timeout: 300_000 }, () => {
  let backend: ControlledBackend;
  const configuration = (enabled: boolean, name = 'reload'): object => ({
    name,
    backends: [{ name: 'one', url: backend.url, transport: 'streamable-http' }],
    codeMode: { enabled },
    operational: { timeouts: { default: '300s' } },
  });

  before(async () => {
    backend = await startControlledBackend();
  });
  after(() => backend?.close());

  for (const revision of revisions) {
    test(`by rename: code mode appears, disappears, and a ${revision} client's running call goes on`, async (t) => {
      const vmcp = await startVmcp(configuration(false));
      t.after(() => vmcp.stop());
      await vmcp.status(allHealthy);
      await assertGauge(vmcp, 'reload', 0);
      const client = await connectHttp(vmcp.mcpUrl, revision);
      const key = `reload-${revision}`;
      const running = client.callTool({ name: 'one_hold', arguments: { key } }, { timeout: 300_000 });
      const held = await backend.held(key);

      vmcp.writeConfig(configuration(true));
      await assertGauge(vmcp, 'reload', 1);
      await eventually(async () => assert.ok((await toolNames(client)).includes('execute_tool_script')));
      const answer = await client.callTool({
        name: 'execute_tool_script',
        arguments: { script: 'return 6 * 7' },
      });
      assert.match(JSON.stringify(answer.content), /42/);

      vmcp.writeConfig(configuration(false, 'renamed'));
      await assertGauge(vmcp, 'renamed', 0);
      await eventually(async () => assert.ok(!(await toolNames(client)).includes('execute_tool_script')));

      held.release();
      assert.match(JSON.stringify((await running).content), new RegExp(`held ${key}`));
      await client.close();
      assert.equal(await vmcp.stop(), 0);
    });
  }

  test('a file that is no configuration changes nothing, and log and metrics tell of it until it is mended', async (t) => {
    const vmcp = await startVmcp(configuration(true));
    t.after(() => vmcp.stop());
    await vmcp.status(allHealthy);
    await assertRejected(vmcp, 0);
    vmcp.writeConfig('name: reload\nbackend: []\n');
    await eventually(() => assert.match(vmcp.log(), /unknown key \\?"backend\\?"/));
    await assertGauge(vmcp, 'reload', 1);
    await assertRejected(vmcp, 1);
    vmcp.writeConfig(configuration(false));
    await assertGauge(vmcp, 'reload', 0);
    await assertRejected(vmcp, 0);
  });

  test('by a swapped symlink, as Kubernetes mounts a ConfigMap', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-configmap-'));
    const version = (name: string, enabled: boolean): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'vmcp.yaml'), JSON.stringify(configuration(enabled)));
    };
    version('..v1', false);
    version('..v2', true);
    symlinkSync('..v1', join(folder, '..data'));
    symlinkSync('..data/vmcp.yaml', join(folder, 'vmcp.yaml'));
    const vmcp = await startVmcp(configuration(false), { configFile: join(folder, 'vmcp.yaml') });
    t.after(() => vmcp.stop());
    await assertGauge(vmcp, 'reload', 0);

    symlinkSync('..v2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await assertGauge(vmcp, 'reload', 1);
  });

  test('by SIGHUP, though the file is watched anyway', async (t) => {
    const vmcp = await startVmcp(configuration(false));
    t.after(() => vmcp.stop());
    vmcp.signal('SIGHUP');
    await assertGauge(vmcp, 'reload', 0);
    vmcp.writeConfig(configuration(true));
    vmcp.signal('SIGHUP');
    await assertGauge(vmcp, 'reload', 1);
    assert.equal(await vmcp.stop(), 0);
  });
});
