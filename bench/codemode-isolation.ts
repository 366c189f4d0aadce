/**
 * Are regular calls and `/metrics` disturbed while scripts do their worst? One served gateway, one client that makes
 * regular calls at a steady rate and scrapes, and, by turns, nothing else or one kind of hostile script from another
 * process. `npm run build && node bench/codemode-isolation.ts [SECONDS] [ROUNDS] [KIND]`. Each kind stands between two quiet
 * spells in every round; the p99 of all its spells is set against that of all of theirs, so that what else the machine
 * does falls on both. At the end, 500 scripts that each wait a second on a slow backend.
 */
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { callTool, get } from './codemode/client.ts';
import { freePort } from '../test/support/free-port.ts';
import { root, start, startOnPort, until } from './gateway/processes.ts';

const [seconds = 3, rounds = 3] = process.argv.slice(2, 4).map(Number);
const wanted = process.argv[4] ?? '';
const callEveryMs = 5;
const scrapeEveryMs = 25;
/** A disturbance up to this is none, whatever the ratio. */
const floorMs = 5;
const ratioGoal = 1.5;

/** Each kind of script, and how many of it run at once. */
const kinds: [string, number][] = [
  ['loops', 500],
  ['sorts and searches', 50],
  ['huge strings', 50],
  ['memory to the limit', 8],
  ['deep calls', 50],
  ['giant results', 4],
  ['giant results', 500],
  ['huge results, cut', 8],
  ['prints', 20],
  ['results of 60 KB', 50],
  ['large tool results', 20],
  ['large slow tool results', 20],
  ['tool calls', 50],
  ['parallel calls', 50],
];

interface Spell {
  readonly calls: number[];
  readonly scrapes: number[];
}

const backend = await startOnPort('../codemode/backend.ts');
const gateway = await startGateway(backend.port);
try {
  await measureDisturbance(gateway.origin);
  await measureWaiting(`${gateway.origin}/mcp`);
} finally {
  await Promise.all([gateway.close(), backend.close()]);
}
process.exit(0);

async function startGateway(backendPort: number): Promise<{ origin: string; close(): Promise<void> }> {
  const port = await freePort();
  const file = join(mkdtempSync(join(tmpdir(), 'vmcp-bench-')), 'vmcp.yaml');
  const url = `http://127.0.0.1:${backendPort}/b0`;
  const config = {
    name: 'bench',
    backends: [{ name: 'b0', url, transport: 'streamable-http' }],
    codeMode: { enabled: true },
    operational: { logLevel: 'error' },
  };
  writeFileSync(file, JSON.stringify(config));
  const cli = resolve(root, process.env['VMCP_CLI'] ?? 'dist/cli/main.js');
  const started = start(process.execPath, [cli, 'serve', '--config', file, '--port', String(port)]);
  const origin = `http://127.0.0.1:${port}`;
  await until(async () => {
    const { text } = await callTool(`${origin}/mcp`, 'b0_echo', {});
    if (!text.includes('pong')) throw new Error(text);
  });
  return { origin, close: () => started.close() };
}

async function measureDisturbance(origin: string): Promise<void> {
  await spell(origin, 2); // warm
  console.log(`p99 in ms, ${rounds} spells of ${seconds} s each: quiet -> with scripts (ratio)`);
  console.log(`${'scripts'.padEnd(26)} ${'calls'.padStart(30)} ${'/metrics'.padStart(30)}`);
  for (const [kind, concurrency] of kinds.filter(([name]) => name.includes(wanted))) {
    const quiet: Spell[] = [await spell(origin, seconds)];
    const attacked: Spell[] = [];
    for (let round = 0; round < rounds; round++) {
      attacked.push(await spellUnder(origin, kind, concurrency));
      quiet.push(await spell(origin, seconds));
    }
    const calls = compare(quiet, attacked, ({ calls }) => calls);
    const scrapes = compare(quiet, attacked, ({ scrapes }) => scrapes);
    console.log(`${`${concurrency} x ${kind}`.padEnd(26)} ${calls.padStart(30)} ${scrapes.padStart(30)}`);
  }
}

async function spellUnder(origin: string, kind: string, concurrency: number): Promise<Spell> {
  const file = resolve(root, 'bench/codemode/attack.ts');
  const attackArgs = [file, `${origin}/mcp`, kind, String(concurrency), String(seconds + 1)];
  const attack = start(process.execPath, attackArgs);
  const ended = once(attack.child, 'exit');
  const complaint = text(attack.child.stderr);
  await delay(700);
  const during = await spell(origin, seconds);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the attack with ${kind} failed:\n${await complaint}`);
  // What the scripts left behind ends before the next quiet spell.
  await delay(500);
  return during;
}

/** Regular calls and scrapes at a steady rate, whether or not the ones before have been answered. */
async function spell(origin: string, forSeconds: number): Promise<Spell> {
  const calls: number[] = [];
  const scrapes: number[] = [];
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let turn = 0; turn * callEveryMs < forSeconds * 1000; turn++) {
    pending.push(callTool(`${origin}/mcp`, 'b0_echo', {}).then(({ ms }) => void calls.push(ms)));
    if ((turn * callEveryMs) % scrapeEveryMs === 0) {
      pending.push(get(`${origin}/metrics`).then(({ ms }) => void scrapes.push(ms)));
    }
    await delay(Math.max(0, startedAt + (turn + 1) * callEveryMs - performance.now()));
  }
  await Promise.all(pending);
  return { calls, scrapes };
}

function compare(quiet: Spell[], attacked: Spell[], pick: (spell: Spell) => number[]): string {
  const before = p99(quiet.flatMap(pick));
  const during = p99(attacked.flatMap(pick));
  const good = during <= Math.max(floorMs, before * ratioGoal);
  return `${before.toFixed(2)} -> ${during.toFixed(2)} (${(during / before).toFixed(2)}) ${good ? 'ok ' : 'OFF'}`;
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

async function measureWaiting(url: string): Promise<void> {
  const script = 'return b0_wait(ms = 1000)';
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => callTool(url, 'execute_tool_script', { script })),
  );
  const good = answers.filter(({ text }) => text.includes('pong')).length;
  const took = ((performance.now() - startedAt) / 1000).toFixed(2);
  console.log(`500 scripts that each wait 1 s: ${good} answered well in ${took} s`);
}
