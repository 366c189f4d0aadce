import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectHttp, revisions } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { sumOf } from '../support/metrics-text.ts';
import { childOf, isAlive } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, repositoryRoot, startVmcp, type Vmcp } from '../support/vmcp.ts';

const reloads = 50;
const clients = 8;

describe('reload of everything in the configuration', { timeout: 600_000 }, () => {
  const real = realBackends();
  /** Starts in a moment, also on a busy machine: a list waits for backends that start, but not for long. */
  const quick = {
    name: 'quick',
    transport: 'stdio',
    command: process.execPath,
    args: [join(repositoryRoot, 'test/fixtures/hostile-backend.ts'), 'none'],
  };
  let backend: ControlledBackend;
  let vmcp: Vmcp;

  /** A different configuration for each number: code mode, another backend, limits, timeouts, a filter. */
  const configuration = (version: number): object => ({
    name: 'reloading',
    backends: [
      { name: 'one', url: backend.url, transport: 'streamable-http' },
      real.memory,
      quick,
      ...(version % 3 === 0 ? [{ name: 'extra', url: backend.url, transport: 'streamable-http' }] : []),
    ],
    aggregation: { tools: version % 4 === 0 ? [{ workload: 'memory', filter: ['read_graph'] }] : [] },
    codeMode: { enabled: version % 2 === 0, stepLimit: 100_000 + version },
    operational: { timeouts: { default: '300s', perWorkload: { one: `${300 + (version % 5)}s` } } },
  });

  /** Waits until the reload with this number is in force, by what only it shows. */
  const inForce = (version: number): Promise<void> =>
    eventually(async () => {
      const samples = await vmcp.metrics();
      assert.equal(sumOf(samples, 'toolhive_vmcp_code_mode_enabled'), version % 2 === 0 ? 1 : 0);
      assert.equal(sumOf(samples, 'toolhive_vmcp_backends_discovered'), version % 3 === 0 ? 4 : 3);
    });

  /** Changes of no list: a limit; a backend at another address; a backend in a process of its own. */
  const unheardChanges = (revision: string): object[] => {
    const unchanged = configuration(1);
    const moved = { name: 'one', url: `${backend.url}?for=${revision}`, transport: 'streamable-http' };
    const restarted = { ...quick, env: { WHY: revision } };
    return [
      { ...unchanged, operational: { timeouts: { perWorkload: { one: '400s' } } } },
      { ...unchanged, backends: [moved, real.memory, quick] },
      { ...unchanged, backends: [moved, real.memory, restarted] },
    ];
  };

  /** Puts another configuration in force, and waits until the log says so. */
  const reload = async (config: object): Promise<void> => {
    written += 1;
    vmcp.writeConfig(config);
    await eventually(() => assert.equal(countReloads(), written, vmcp.log().slice(-2_000)));
  };
  let written = 0;
  const countReloads = (): number => vmcp.log().split('config reloaded').length - 1;

  before(async () => {
    backend = await startControlledBackend();
    vmcp = await startVmcp(configuration(1));
    await vmcp.status(allHealthy);
  });
  after(async () => {
    await vmcp?.stop();
    await backend?.close();
  });

  test(`${reloads} of them under load fail no call, and a backend that did not change keeps its process`, async () => {
    const child = childOf(vmcp.pid, 'server-memory');
    let calls = 0;
    let reloading = true;
    const keepCalling = async (client: Client): Promise<void> => {
      while (reloading) {
        const call =
          calls++ % 10 === 0 ? { name: 'memory_read_graph' } : { name: 'one_slow', ms: calls % 30 };
        const result = await client.callTool({ name: call.name, arguments: { ms: call.ms ?? 0 } });
        assert.equal(result.isError ?? false, false, JSON.stringify(result));
      }
    };
    const connected = await Promise.all(
      Array.from({ length: clients }, (_, index) =>
        connectHttp(vmcp.mcpUrl, revisions[index % 2] ?? '2025-11-25'),
      ),
    );
    const running = Promise.all(connected.map(keepCalling));
    running.catch(() => (reloading = false));
    for (let version = 2; version < 2 + reloads && reloading; version++) {
      await reload(configuration(version));
      await inForce(version);
      // Enough that each client has begun one under this configuration and ended it.
      const enough = calls + 2 * clients;
      await eventually(() => assert.ok(calls >= enough || !reloading, `${calls} calls, ${enough} awaited`));
    }
    reloading = false;
    await running;
    assert.ok(isAlive(child), 'the process of an unchanged backend was replaced');
    await Promise.all(connected.map((client) => client.close()));
  });

  test('clients hear of a change where a list changed, and only then', async () => {
    await reload(configuration(1));
    for (const revision of revisions) {
      const client = await connectHttp(vmcp.mcpUrl, revision);
      let heard = 0;
      client.setNotificationHandler('notifications/tools/list_changed', () => void heard++);
      const subscription =
        revision === '2026-07-28' ? await client.listen({ toolsListChanged: true }) : undefined;

      for (const unheard of unheardChanges(revision)) {
        await reload(unheard);
        await delay(300); // several times as long as a change waits for others before it is told
        assert.equal(heard, 0, `${revision}: no list changed, and the log says\n${vmcp.log().slice(-2_000)}`);
      }

      await reload(configuration(2));
      await eventually(() => assert.equal(heard, 1, `${revision}: heard ${heard} changes`));
      await reload(configuration(1));
      await eventually(() => assert.equal(heard, 2, `${revision}: heard ${heard} changes`));
      await subscription?.close();
      await client.close();
    }
  });
});
