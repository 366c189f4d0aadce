/** What stays behind: nothing after many calls, and little for a session that idles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { startEdge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { assertNothingKept, held } from '../support/memory.ts';
import { call, modern, openSession, post } from '../support/raw-mcp.ts';

/** Runs `work` so many times, a few side by side. */
async function many(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

test('10,000 calls of every kind leave nothing behind', { timeout: 600_000 }, async (t) => {
  const edge = await startEdge({ tools: edgeTools });
  t.after(() => edge.close());
  edge.gateway.calls.push = () => 0;
  edge.operations.push = () => 0;
  const headers = await openSession(edge.url);
  const kinds = [
    (id: number) => post(edge.url, call('echo', id), headers),
    (id: number) => post(edge.url, call('logs', id), headers),
    (id: number) => post(edge.url, call('fails', id), headers),
    () => modern(edge.url, 'tools/call', { name: 'echo' }),
    () => modern(edge.url, 'tools/call', { name: 'nope' }),
  ];
  const work = (index: number): Promise<unknown> => kinds[index % kinds.length]!(index);
  const callsEach = 2_000;
  // Caches have grown to their size by then.
  await many(callsEach, work);
  const rounds = [held()];
  for (let round = 0; round < 5; round++) {
    await many(callsEach, work);
    rounds.push(held());
  }
  assertNothingKept(rounds, callsEach);
  await eventually(() =>
    assert.deepEqual(edge.endpoint.load, { sessions: 1, running: 0, parked: 0, listens: 0 }),
  );
  assert.deepEqual(edge.faults, []);
});

test('an idle session weighs less than 30 KB', async (t) => {
  const edge = await startEdge();
  t.after(() => edge.close());
  edge.operations.push = () => 0;
  const count = 1_000;
  const open = (): Promise<unknown> =>
    openSession(edge.url, { capabilities: { elicitation: {}, sampling: {} } });
  await many(200, open);
  const before = held();
  await many(count, open);
  const eachBytes = (held().bytes - before.bytes) / count;
  assert.equal(edge.endpoint.load.sessions, 200 + count);
  assert.ok(eachBytes < 30_000, `${eachBytes} bytes each`);
});
