import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectHttp, revisions } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { sumOf } from '../support/metrics-text.ts';
import { childOf } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const real = realBackends();

describe('a backend that is lost costs only its own tools', { timeout: 300_000 }, () => {
  let vmcp: Vmcp;

  before(async () => {
    vmcp = await startVmcp({
      name: 'losses',
      backends: [
        real.everything,
        real.memory,
        { name: 'absent', transport: 'stdio', command: 'no-such-command-anywhere', args: [] },
        { name: 'closed', transport: 'streamable-http', url: 'http://127.0.0.1:9/mcp' },
      ],
      // So long that no call fails by a timeout while this is tested.
      operational: { timeouts: { default: '1h' } },
    });
    await vmcp.status(
      ({ backends }) => backends.filter((one) => allHealthy({ backends: [one] })).length === 2,
    );
  });
  after(() => vmcp?.stop());
  const unavailable = async (): Promise<number | undefined> =>
    sumOf(await vmcp.metrics(), 'toolhive_vmcp_backends_unavailable');

  test('backends that never start are named in the status and the log and counted, and the others serve', async () => {
    const { backends } = await vmcp.status();
    for (const name of ['absent', 'closed']) {
      const backend = backends.find((one) => one.name === name);
      assert.notEqual(backend?.health, 'healthy');
      assert.match(vmcp.log(), new RegExp(name));
    }
    await eventually(async () => assert.equal(await unavailable(), 2));
    const client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(names.includes('everything_echo') && names.includes('memory_read_graph'));
    await client.close();
  });

  for (const revision of revisions) {
    test(`killed in mid-call, it fails that call of a ${revision} client at once and comes back`, async () => {
      const client = await connectHttp(vmcp.mcpUrl, revision);
      let steps = 0;
      const call = client.callTool(
        {
          name: 'everything_trigger-long-running-operation',
          arguments: { duration: 2_000, steps: 20_000 },
        },
        { timeout: 3_600_000, onprogress: () => void steps++ },
      );
      const outcome = call.then(
        (result) => result.isError === true,
        () => true,
      );
      await eventually(() => assert.ok(steps > 0, 'the call has not begun'));
      process.kill(childOf(vmcp.pid, 'server-everything'), 'SIGKILL');
      assert.equal(await outcome, true, 'the call whose backend died must not succeed');

      const graph = await client.callTool({ name: 'memory_read_graph', arguments: {} });
      assert.equal(graph.isError ?? false, false, 'the other backend goes on');

      await eventually(async () => {
        const echo = await client.callTool({ name: 'everything_echo', arguments: { message: 'back' } });
        assert.match(JSON.stringify(echo.content), /back/);
      });
      await client.close();
    });
  }
});
