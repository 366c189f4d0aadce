/** Backends with `connection: lazy`: nothing of them runs until a client comes, and then nothing of them is missing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectHttp, connectStdio, revisions } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { startVmcp, type Vmcp, type VmcpStatus } from '../support/vmcp.ts';

const { memory, filesystem } = realBackends();
const lazy = { ...memory, connection: 'lazy' };

function configuration(backends: readonly object[], more: object = {}): object {
  return { name: 'lazy', backends, ...more };
}

function runs(vmcp: Vmcp, part: string): boolean {
  return childrenOf(vmcp.pid).some(({ commandLine }) => commandLine.includes(part));
}

function healthsOf({ backends }: VmcpStatus): string[] {
  return backends.map(({ name, health }) => `${name} ${health}`);
}

async function reloaded(vmcp: Vmcp, times: number): Promise<void> {
  await eventually(() =>
    assert.equal(vmcp.log().split('the changed configuration is in force').length - 1, times),
  );
}

describe('a lazy backend', { timeout: 120_000 }, () => {
  for (const revision of revisions) {
    test(`is started by the first client, of ${revision}, which finds all its tools and can call them`, async (t) => {
      const operational = { failureHandling: { healthCheckInterval: '200ms', healthCheckTimeout: '100ms' } };
      const vmcp = await startVmcp(configuration([lazy, filesystem], { operational }));
      t.after(() => vmcp.stop());
      const status = await vmcp.status(({ backends }) => backends[0]?.health === 'healthy');
      assert.deepEqual(healthsOf(status), ['filesystem healthy', 'memory asleep']);
      assert.equal(runs(vmcp, 'server-memory'), false);

      const client = await connectHttp(vmcp.mcpUrl, revision);
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'memory_read_graph'));
      assert.ok(tools.some(({ name }) => name === 'filesystem_read_text_file'));
      const { isError } = await client.callTool({ name: 'memory_read_graph', arguments: {} });
      assert.notEqual(isError, true);
      assert.equal(runs(vmcp, 'server-memory'), true);
      assert.deepEqual(healthsOf(await vmcp.status()), ['filesystem healthy', 'memory healthy']);
      await client.close();
    });
  }

  test('is started by a client on stdio', async (t) => {
    const vmcp = await startVmcp(configuration([lazy]));
    t.after(() => vmcp.stop());
    const { client } = await connectStdio(vmcp.configFile, '2025-11-25');
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'memory_read_graph'));
    await client.close();
  });

  for (const partialFailureMode of ['best_effort', 'fail']) {
    test(`counts as ready while it sleeps, with partialFailureMode ${partialFailureMode}, and is woken by no probe`, async (t) => {
      const operational = { failureHandling: { partialFailureMode } };
      const vmcp = await startVmcp(configuration([lazy], { operational }));
      t.after(() => vmcp.stop());
      const ready = await vmcp.get('/readyz');
      assert.deepEqual(
        [ready.status, await ready.json()],
        [200, { status: 'ready', backends: { memory: 'asleep' } }],
      );
      await vmcp.metrics();
      assert.deepEqual(healthsOf(await vmcp.status()), ['memory asleep']);
      assert.equal(runs(vmcp, 'server-memory'), false);
    });
  }

  test('sleeps through reloads while no client is there, and wakes when it becomes eager', async (t) => {
    const vmcp = await startVmcp(configuration([lazy]));
    t.after(() => vmcp.stop());
    vmcp.writeConfig(configuration([lazy], { codeMode: { enabled: true } }));
    await reloaded(vmcp, 1);
    assert.deepEqual(healthsOf(await vmcp.status()), ['memory asleep']);
    vmcp.writeConfig(configuration([memory]));
    await vmcp.status((status) => healthsOf(status)[0] === 'memory healthy');
  });

  test('that a reload adds is woken for the clients that are there, who hear of its tools', async (t) => {
    const vmcp = await startVmcp(configuration([filesystem]));
    t.after(() => vmcp.stop());
    let changes = 0;
    const client = await connectHttp(vmcp.mcpUrl, '2025-11-25', {
      onConnecting: (each) =>
        each.setNotificationHandler('notifications/tools/list_changed', () => void changes++),
    });
    await client.listTools();
    vmcp.writeConfig(configuration([filesystem, lazy]));
    await eventually(() => assert.ok(changes > 0, 'nobody said that the tools changed'));
    const { tools } = await client.listTools(undefined, { cacheMode: 'refresh' });
    assert.ok(tools.some(({ name }) => name === 'memory_read_graph'));
    await client.close();
  });

  test('that cannot be started is an unhealthy backend like any other, and keeps nobody from the rest', async (t) => {
    const missing = { name: 'missing', transport: 'stdio', command: '/no/such/program', connection: 'lazy' };
    const vmcp = await startVmcp(configuration([filesystem, missing]));
    t.after(() => vmcp.stop());
    const client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'filesystem_read_text_file'));
    const status = await vmcp.status(({ backends }) => backends[1]?.health === 'unhealthy');
    assert.match(String(status.backends[1]?.['error']), /no\/such\/program/);
    await client.close();
  });
});
