/**
 * Tool calls per second of the client side alone: ours and the official SDK's server, beside the least that node:http
 * can do, in one run. `node bench/edge.ts [SECONDS] [ROUNDS]`. They take turns, so that what else the machine does
 * falls on all of them; medians are printed. Then: what tools/list of 5,000 tools takes, and what idle sessions weigh.
 */
import { once } from 'node:events';
import { request as send } from 'node:http';
import type { ClientRequest } from 'node:http';
import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { requestHeaders, requestText } from './gateway/messages.ts';
import type { BenchRevision } from './gateway/messages.ts';
import { startOnPort } from './gateway/processes.ts';
import { openSession, prepareCall } from './gateway/target.ts';
import type { Target } from './gateway/target.ts';
import { fire } from './gateway/wrk.ts';

const [seconds = 4, rounds = 3] = process.argv.slice(2).map(Number);
const connections = 16;
const revisions: readonly BenchRevision[] = ['2025-11-25', '2026-07-28'];

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function start(name: string, script: string, ...args: string[]): Promise<Target & { pid: number }> {
  const { port, child, close } = await startOnPort(resolve(import.meta.dirname, 'edge', script), ...args);
  return { name, url: `http://127.0.0.1:${port}/mcp`, tool: 'ping', revisions, close, pid: child.pid ?? 0 };
}

async function compare(targets: readonly Target[], revision: BenchRevision): Promise<void> {
  const rates = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
  for (const target of targets) await fire(await prepareCall(target, revision), connections, 2); // warm
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const load = await fire(await prepareCall(target, revision), connections, seconds);
      if (load.failures > 0) throw new Error(`${target.name}: ${load.failures} calls failed`);
      rates.get(target.name)?.push(load.requestsPerSecond);
    }
  }
  const bare = median(rates.get('bare node:http') ?? []);
  console.log(`${revision}, ${connections} connections, median of ${rounds} rounds of ${seconds} s`);
  for (const [name, seen] of rates) {
    const rate = median(seen);
    console.log(
      `  ${name.padEnd(16)} ${rate.toFixed(0).padStart(7)} calls/s  ${(rate / bare).toFixed(2)} of bare`,
    );
  }
}

async function measureList(): Promise<void> {
  const target = await start('ours', 'ours.ts', '5000');
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const started = performance.now();
    const response = await fetch(target.url, {
      method: 'POST',
      headers: requestHeaders('2026-07-28', 'tools/list', undefined, undefined),
      body: requestText('2026-07-28', 'tools/list', {}),
    });
    await response.arrayBuffer();
    times.push(performance.now() - started);
  }
  await target.close();
  console.log(
    `tools/list of 5,000 tools: first ${times[0]?.toFixed(1)} ms, then ${median(times.slice(1)).toFixed(1)} ms`,
  );
}

/** Resident memory of a process in bytes, from /proc. */
function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Opens a GET stream and leaves it open. */
async function listen(url: string, session: string): Promise<ClientRequest> {
  const headers = { ...requestHeaders('2025-11-25', 'GET', undefined, session), accept: 'text/event-stream' };
  const request = send(url, { method: 'GET', headers, agent: false });
  request.end();
  await once(request, 'response');
  return request;
}

async function weighSessions(count: number, listening: boolean): Promise<void> {
  const target = await start('ours', 'ours.ts');
  for (let warm = 0; warm < 500; warm++) await openSession(target.url);
  const before = residentBytes(target.pid);
  const streams: ClientRequest[] = [];
  for (let opened = 0; opened < count; opened++) {
    const session = await openSession(target.url);
    if (listening) streams.push(await listen(target.url, session ?? ''));
  }
  const each = (residentBytes(target.pid) - before) / count / 1024;
  console.log(
    `${count} idle sessions${listening ? ', each with an open GET stream' : ''}: ${each.toFixed(1)} KiB each`,
  );
  for (const stream of streams) stream.destroy();
  await target.close();
}

const targets = [
  await start('bare node:http', 'bare.ts'),
  await start('vmcp edge', 'ours.ts'),
  await start('SDK server', 'sdk.ts'),
];
for (const revision of revisions) await compare(targets, revision);
for (const target of targets) await target.close();
await measureList();
await weighSessions(5_000, false);
await weighSessions(5_000, true);
