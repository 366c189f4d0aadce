/** Backends with `connection: lazy`: nothing of them runs until a client comes, and then nothing of them is missing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { connectHttp, connectStdio, revisions } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { repositoryRoot, startVmcp, type Vmcp, type VmcpStatus } from '../support/vmcp.ts';

const { filesystem } = realBackends();
/** Starts in a moment, also on a busy machine: a list waits for backends that start, but not for long. */
const quick = {
  name: 'quick',
  transport: 'stdio',
  command: process.execPath,
  args: [join(repositoryRoot, 'test/fixtures/hostile-backend.ts'), 'none'],
};
const lazy = { ...quick, connection: 'lazy' };

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
  await eventually(() => assert.equal(vmcp.log().split('config reloaded').length - 1, times));
}

describe('a lazy backend', { timeout: 600_000 }, () => {
  for (const revision of revisions) {
    test(`is started by the first client, of ${revision}, which finds all its tools and can call them`, async (t) => {
      const operational = {
        failureHandling: {
          healthCheckInterval: '200ms',
          healthCheckTimeout: '100ms',
          unhealthyThreshold: 1_000_000,
        },
      };
      const vmcp = await startVmcp(configuration([lazy, filesystem], { operational }));
      t.after(() => vmcp.stop());
      const status = await vmcp.status(({ backends }) => backends[0]?.health === 'healthy');
      assert.deepEqual(healthsOf(status), ['filesystem healthy', 'quick asleep']);
      assert.equal(runs(vmcp, 'hostile-backend'), false);

      const client = await connectHttp(vmcp.mcpUrl, revision);
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'quick_ok'));
      assert.ok(tools.some(({ name }) => name === 'filesystem_read_text_file'));
      const { isError } = await client.callTool({ name: 'quick_ok', arguments: {} });
      assert.notEqual(isError, true);
      assert.equal(runs(vmcp, 'hostile-backend'), true);
      await vmcp.status((now) => isDeepStrictEqual(healthsOf(now), ['filesystem healthy', 'quick healthy']));
      await client.close();
    });
  }

  test('is started by a client on stdio', async (t) => {
    const vmcp = await startVmcp(configuration([lazy]));
    t.after(() => vmcp.stop());
    const { client } = await connectStdio(vmcp.configFile, '2025-11-25');
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'quick_ok'));
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
        [200, { status: 'ready', backends: { quick: 'asleep' } }],
      );
      await vmcp.metrics();
      assert.deepEqual(healthsOf(await vmcp.status()), ['quick asleep']);
      assert.equal(runs(vmcp, 'hostile-backend'), false);
    });
  }

  test('sleeps through reloads while no client is there, and wakes when it becomes eager', async (t) => {
    const vmcp = await startVmcp(configuration([lazy]));
    t.after(() => vmcp.stop());
    vmcp.writeConfig(configuration([lazy], { codeMode: { enabled: true } }));
    await reloaded(vmcp, 1);
    assert.deepEqual(healthsOf(await vmcp.status()), ['quick asleep']);
    vmcp.writeConfig(configuration([quick]));
    await vmcp.status((status) => healthsOf(status)[0] === 'quick healthy');
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
    await eventually(async () => {
      const { tools } = await client.listTools(undefined, { cacheMode: 'refresh' });
      assert.ok(tools.some(({ name }) => name === 'quick_ok'));
    });
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
