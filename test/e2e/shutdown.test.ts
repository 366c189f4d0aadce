import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectHttp, revisions } from '../support/clients.ts';
import { startControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { childOf, isAlive } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp } from '../support/vmcp.ts';

for (const revision of revisions) {
  test(
    `SIGTERM lets a ${revision} client's running call finish, ends every child and exits 0`,
    { timeout: 180_000 },
    async (t) => {
      const backend = await startControlledBackend();
      const real = realBackends();
      const vmcp = await startVmcp({
        name: 'shutdown',
        backends: [{ name: 'held', url: backend.url, transport: 'streamable-http' }, real.memory],
      });
      t.after(() => Promise.all([vmcp.stop(), backend.close()]));
      await vmcp.status(allHealthy);
      const child = childOf(vmcp.pid, 'server-memory');
      const client = await connectHttp(vmcp.mcpUrl, revision);
      const call = client.callTool({ name: 'held_hold', arguments: { key: 'a' } });
      const held = await backend.held('a');

      vmcp.signal('SIGTERM');
      await eventually(() => assert.match(vmcp.log(), /calls under way may finish/));
      await eventually(() => assert.rejects(vmcp.get('/health'), 'it still accepts connections'));
      assert.equal(held.cancelled, false, 'the call in flight is not cancelled');
      held.release();
      assert.match(JSON.stringify((await call).content), /held a/);

      assert.equal(await vmcp.ended, 0);
      assert.equal(isAlive(child), false, 'no child process is left');
      await client.close().catch(() => undefined); // its server is gone
    },
  );
}
