/**
 * What each recording rule costs in a fleet of 1,000 servers: a real Prometheus with synthetic series evaluates it, and says
 * how long that took. Time runs 120 times as fast, with as many samples. Run: `node bench/rules.ts [servers]`; it takes some
 * minutes and 2 GB below the system's temporary folder.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parse } from 'yaml';
import { writeScaledRules } from '../test/e2e/fleet/scaled-rules.ts';
import { eventually } from '../test/support/eventually.ts';
import { writeSyntheticFleet } from '../test/support/synthetic-fleet.ts';

const servers = Number(process.argv[2] ?? 1000);
const factor = 120;
const folder = mkdtempSync(join(tmpdir(), 'vmcp-rules-'));
const end = Math.floor(Date.now() / 3.6e6) * 3600;
const began = performance.now();
writeSyntheticFleet({ folder, servers, end, scrapeSeconds: 60, factor });
console.log(`${servers} servers written in ${((performance.now() - began) / 1000).toFixed(0)} s`);

writeScaledRules(join(folder, 'rules.yaml'), factor);
const { groups } = parse(readFileSync(join(folder, 'rules.yaml'), 'utf8')) as {
  groups: { name: string; rules: { record: string; expr: string }[] }[];
};
writeFileSync(join(folder, 'prometheus.yml'), '{}');
const url = `http://127.0.0.1:${await freePort()}`;
const prometheus = spawn(
  'prometheus',
  [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
    `--query.lookback-delta=${(300 / factor) * 1000}ms`,
    '--log.level=error',
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
const exited = once(prometheus, 'exit');
try {
  await eventually(async () => {
    if (!(await fetch(`${url}/-/ready`)).ok) throw new Error('Prometheus is not ready');
  }, 120_000);
  for (const group of groups) {
    let sum = 0;
    for (const { record, expr } of group.rules) {
      const runs = [await evaluate(expr), await evaluate(expr), await evaluate(expr)].sort(
        (a, b) => a.ms - b.ms,
      );
      sum += runs[1]!.ms;
      console.log(
        `${runs[1]!.ms.toFixed(0).padStart(6)} ms  ${String(runs[1]!.series).padStart(6)} series  ${record}`,
      );
    }
    console.log(`${sum.toFixed(0).padStart(6)} ms  in all: ${group.name}`);
  }
} finally {
  prometheus.kill('SIGTERM');
  await exited;
  rmSync(folder, { recursive: true, force: true });
}

/** `count` keeps the answer small, so that the time is the evaluation's. */
async function evaluate(expression: string): Promise<{ ms: number; series: number }> {
  const form = new URLSearchParams({ query: `count(${expression})`, time: String(end) });
  const start = performance.now();
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: form });
  const body = (await response.json()) as {
    data?: { result: { value: [number, string] }[] };
    error?: string;
  };
  if (body.data === undefined) throw new Error(`${expression}: ${body.error}`);
  return { ms: performance.now() - start, series: Number(body.data.result[0]?.value[1] ?? 0) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
