/**
 * Tool calls per second through vmcp, beside a bare reverse proxy and other gateways, all in one run on one backend
 * that answers at once. `npm run build && npm ci --prefix bench/peers && node bench/gateway.ts [SECONDS] [ROUNDS]`.
 * The targets take turns, so that what else the machine does falls on all of them; medians are printed.
 */
import { startMcpHub, startMcpProxy, startProxy, startSupergateway, startVmcp } from './gateway/gateways.ts';
import { requestHeaders, requestText, type BenchRevision } from './gateway/messages.ts';
import { startOnPort, until } from './gateway/processes.ts';
import { fireOverSse } from './gateway/sse-load.ts';
import { openSession, prepareCall, type Target } from './gateway/target.ts';
import { fire, type Load } from './gateway/wrk.ts';

const [seconds = 4, rounds = 3] = process.argv.slice(2).map(Number);
const connections = 16;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function row(name: string, loads: Load[], proxyRate?: number): string {
  const rate = median(loads.map(({ requestsPerSecond }) => requestsPerSecond));
  const failures = loads.reduce((sum, load) => sum + load.failures, 0);
  const ratio = proxyRate === undefined ? '' : `  ${(rate / proxyRate).toFixed(2)} of the proxy`;
  const p99 = median(loads.map(({ p99Ms }) => p99Ms)).toFixed(2);
  const failed = failures === 0 ? '' : `  ${failures} FAILED`;
  return `  ${name.padEnd(14)} ${rate.toFixed(0).padStart(7)} calls/s  p99 ${p99.padStart(7)} ms${ratio}${failed}`;
}

async function compareThroughput(targets: readonly Target[], revision: BenchRevision): Promise<void> {
  const able = targets.filter((target) => target.revisions.includes(revision));
  const loads = new Map<string, Load[]>(able.map(({ name }) => [name, []]));
  for (const target of able) await fire(await prepareCall(target, revision), connections, 2); // warm
  for (let round = 0; round < rounds; round++) {
    for (const target of able) {
      loads.get(target.name)?.push(await fire(await prepareCall(target, revision), connections, seconds));
    }
  }
  const proxyRate = median((loads.get('bare proxy') ?? []).map(({ requestsPerSecond }) => requestsPerSecond));
  console.log(`${revision}, ${connections} connections, median of ${rounds} rounds of ${seconds} s`);
  for (const [name, results] of loads) console.log(row(name, results, proxyRate));
}

async function measureHub(hub: Target): Promise<void> {
  await fireOverSse(hub.url, hub.tool, connections, 2);
  const loads: Load[] = [];
  for (let round = 0; round < rounds; round++)
    loads.push(await fireOverSse(hub.url, hub.tool, connections, seconds));
  console.log(`HTTP+SSE, ${connections} sessions`);
  console.log(row(hub.name, loads));
}

async function measureAddedLatency(direct: Target, vmcp: Target): Promise<void> {
  console.log(`one connection: what vmcp adds to a call, median of ${5 * rounds} turns of 1 s`);
  for (const revision of ['2025-11-25', '2026-07-28'] as const) {
    const added: { p50: number; p99: number }[] = [];
    // Many short turns: a p99 is what else the machine did meanwhile, unless both sides have it in turn.
    for (let turn = 0; turn < 5 * rounds; turn++) {
      const bare = await fire(await prepareCall(direct, revision), 1, 1);
      const through = await fire(await prepareCall(vmcp, revision), 1, 1);
      added.push({ p50: through.p50Ms - bare.p50Ms, p99: through.p99Ms - bare.p99Ms });
    }
    const [p50, p99] = [median(added.map((one) => one.p50)), median(added.map((one) => one.p99))];
    console.log(`  ${revision}  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`);
  }
}

/** Every page of tools/list: how many tools, and how long until the last byte and until the client has parsed it. */
async function listAllTools(
  url: string,
  revision: BenchRevision,
  session: string | undefined,
): Promise<{ count: number; arrivedMs: number; parsedMs: number }> {
  let count = 0;
  let [arrivedMs, parsedMs] = [0, 0];
  let cursor: string | undefined;
  do {
    const started = performance.now();
    const body = requestText(revision, 'tools/list', cursor === undefined ? {} : { cursor });
    const headers = requestHeaders(revision, 'tools/list', undefined, session);
    const response = await fetch(url, { method: 'POST', headers, body });
    const bytes = Buffer.from(await response.arrayBuffer());
    arrivedMs += performance.now() - started;
    const answer = JSON.parse(bytes.toString()) as { result: { tools: unknown[]; nextCursor?: string } };
    parsedMs += performance.now() - started;
    count += answer.result.tools.length;
    cursor = answer.result.nextCursor;
  } while (cursor !== undefined);
  return { count, arrivedMs, parsedMs };
}

async function measureLargeList(): Promise<void> {
  const backend = await startOnPort('backend.ts', '100');
  const vmcp = await startVmcp(backend.port, 50);
  for (const revision of ['2025-11-25', '2026-07-28'] as const) {
    const session = revision === '2026-07-28' ? undefined : await openSession(vmcp.url);
    const list = (): ReturnType<typeof listAllTools> => listAllTools(vmcp.url, revision, session);
    await until(async () => {
      const { count } = await list();
      if (count !== 5_000) throw new Error(`lists ${count} tools, not 5,000`);
    });
    const times: Awaited<ReturnType<typeof list>>[] = [];
    for (let i = 0; i < 30; i++) times.push(await list());
    const arrived = median(times.map(({ arrivedMs }) => arrivedMs)).toFixed(1);
    const parsed = median(times.map(({ parsedMs }) => parsedMs)).toFixed(1);
    console.log(
      `tools/list of 5000 tools over 50 backends, warm, ${revision}: median ${arrived} ms to the last byte, ` +
        `${parsed} ms with the client's parsing`,
    );
  }
  await vmcp.close();
  await backend.close();
}

const backend = await startOnPort('backend.ts', '1');
const direct: Target = {
  name: 'backend alone',
  url: `http://127.0.0.1:${backend.port}/one`,
  tool: 'tool_0',
  revisions: ['2025-11-25', '2026-07-28'],
  close: () => backend.close(),
};
const vmcp = await startVmcp(backend.port);
const targets = [
  direct,
  await startProxy(backend.port),
  vmcp,
  await startSupergateway(),
  await startMcpProxy(),
];
const hub = await startMcpHub(backend.port);
try {
  for (const revision of ['2025-11-25', '2026-07-28'] as const) await compareThroughput(targets, revision);
  await measureAddedLatency(direct, vmcp);
  await measureHub(hub);
} finally {
  for (const target of [...targets, hub]) await target.close();
}
await measureLargeList();
