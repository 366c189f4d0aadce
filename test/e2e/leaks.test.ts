import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { connectHttp, revisions, type ClientRevision } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { assertNothingKept, type Held } from '../support/memory.ts';
import { childrenOf, openFiles } from '../support/processes.ts';
import { openRawSession, endRawSession, rawRequest } from '../support/raw-http.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const rounds = 10;
const callsPerRound = 1_000; // 10,000 in all
const heapProbe = new URL('../fixtures/heap-probe.ts', import.meta.url).href;

describe(`over ${rounds * callsPerRound} calls nothing is left behind`, { timeout: 900_000 }, () => {
  let backend: ControlledBackend;
  let vmcp: Vmcp;

  before(async () => {
    backend = await startControlledBackend();
    vmcp = await startVmcp(
      {
        name: 'leaks',
        backends: [{ name: 'one', url: backend.url, transport: 'streamable-http' }, realBackends().memory],
        codeMode: { enabled: true },
      },
      { env: { NODE_OPTIONS: `--max-semi-space-size=4 --import ${heapProbe}` } },
    );
    await vmcp.status(allHealthy);
  });
  after(async () => {
    await vmcp?.stop();
    await backend?.close();
  });

  test('no file, no child and no memory, by sessions that come and go, errors, scripts and cancelled calls', async () => {
    // Caches have grown to their size by then.
    for (let round = 0; round < 3; round++) await doRound(vmcp, backend, `warm-${round}`);
    const before = await settled(vmcp);
    const kept = [await heldBy(vmcp)];
    for (let round = 0; round < rounds; round++) {
      await doRound(vmcp, backend, `round-${round}`);
      if (round === rounds - 1) {
        const after = await settled(vmcp);
        assert.ok(after.files <= before.files + 3, `${before.files} files, then ${after.files}`);
        assert.equal(after.children, before.children, 'children');
      }
      kept.push(await heldBy(vmcp));
    }
    assertNothingKept(kept, callsPerRound);
  });
});

/** What the gateway's thread holds, by the probe in it. */
async function heldBy(vmcp: Vmcp): Promise<Held> {
  const probes = heldIn(vmcp.log()).length;
  vmcp.signal('SIGUSR2');
  return eventually(() => heldIn(vmcp.log())[probes] ?? assert.fail('the probe has not answered'));
}

function heldIn(log: string): Held[] {
  return [...log.matchAll(/^heap probe: (\d+) objects, (\d+) bytes$/gm)].map(([, objects, bytes]) => ({
    objects: Number(objects),
    bytes: Number(bytes),
  }));
}

interface Footprint {
  readonly files: number;
  readonly children: number;
}

/** The files and children of an idle process, once those that idle connections hold are closed. */
async function settled(vmcp: Vmcp): Promise<Footprint> {
  let last: Footprint | undefined;
  return eventually(async () => {
    const now = { files: openFiles(vmcp.pid), children: childrenOf(vmcp.pid).length };
    const stood = isDeepStrictEqual(now, last);
    last = now;
    // Longer than either side keeps an idle connection, so that none is closed meanwhile.
    if (!stood) await delay(6_000);
    assert.ok(stood, `${now.files} files, ${now.children} children, and not yet the same for 6 s`);
    return now;
  }, 120_000);
}

/** A round of calls of every kind, from one client of each revision, and sessions that end as they should. */
async function doRound(vmcp: Vmcp, backend: ControlledBackend, name: string): Promise<void> {
  await Promise.all(revisions.map((revision) => callMany(vmcp, backend, revision, `${name}-${revision}`)));
  for (let index = 0; index < 10; index++) {
    const session = await openRawSession(vmcp.mcpUrl);
    await endRawSession(vmcp.mcpUrl, session);
  }
}

async function callMany(
  vmcp: Vmcp,
  backend: ControlledBackend,
  revision: ClientRevision,
  name: string,
): Promise<void> {
  const client = await connectHttp(vmcp.mcpUrl, revision);
  for (let index = 0; index < callsPerRound / 2 - 20; index++) {
    const tool = ['one_ok', 'one_fail', 'one_unknown', 'memory_read_graph'][index % 4] ?? 'one_ok';
    await client.callTool({ name: tool, arguments: {} }).catch(() => undefined); // outcomes are counting.test.ts' affair
  }
  for (let index = 0; index < 10; index++) {
    const script = 'return [one_ok(n = n) for n in range(3)]';
    await client.callTool({ name: 'execute_tool_script', arguments: { script } });
    await cancelOne(vmcp, backend, `${name}-${index}`);
  }
  await client.close();
}

async function cancelOne(vmcp: Vmcp, backend: ControlledBackend, key: string): Promise<void> {
  const line = new AbortController();
  const params = { name: 'one_hold', arguments: { key } };
  const answer = rawRequest(vmcp.mcpUrl, '2026-07-28', { method: 'tools/call', params, signal: line.signal });
  const rejected = assert.rejects(answer.then((response) => response.text()));
  await backend.held(key);
  line.abort();
  await rejected;
  await backend.cancelled(key);
}
