/** What a server needs of the machine that it runs on. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { leastNode, unfitNode } from '../kit/node-version.ts';
import type { Check } from './check.ts';

export function checkNode(version: string, path: string): Check {
  const what = `Node ${version} (${path})`;
  return unfitNode(version) === undefined
    ? { outcome: 'good', what }
    : { outcome: 'bad', what, remedy: `install Node ${leastNode} or later` };
}

/** Each client and each HTTP backend is a socket, each child three pipes. */
const fewFiles = 1024;

/** Undefined where the system does not tell. */
export function checkOpenFiles(limits: string | undefined = readLimits()): Check | undefined {
  const [, limit] = /^Max open files\s+(\S+)/m.exec(limits ?? '') ?? [];
  if (limit === undefined) return undefined;
  const what = `open files: at most ${limit}`;
  return limit === 'unlimited' || Number(limit) >= fewFiles
    ? { outcome: 'good', what }
    : { outcome: 'doubtful', what, remedy: `"ulimit -n 65536" allows more; many clients at once need them` };
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Linux alone has it.
    return undefined;
  }
}

/** Whether the port can be bound, or a vmcp has it already. */
export async function checkPort(port: number): Promise<Check> {
  if (await isFree(port)) return { outcome: 'good', what: `port ${port} is free` };
  const status = await statusAt(port);
  if (status !== undefined)
    return { outcome: 'good', what: `port ${port}: a vmcp serves there, "${status}"` };
  return {
    outcome: 'bad',
    what: `port ${port} is taken by another program`,
    remedy: 'end it, or choose another port: vmcp serve --port PORT',
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The name of the vmcp that answers there. */
async function statusAt(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/status`, { signal: AbortSignal.timeout(3000) });
    const { name, backends } = (await response.json()) as { name?: unknown; backends?: unknown };
    return Array.isArray(backends) && typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Tokens are refused where clocks differ by more. */
const tolerableSkewMs = 30_000;

/** The clock of this machine beside that of a server, which its `Date` header tells. */
export function checkClock(date: string | undefined, nowMs: number): Check | undefined {
  const atMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(atMs)) return undefined;
  const skew = Math.round((nowMs - atMs) / 1000);
  if (Math.abs(skew) * 1000 <= tolerableSkewMs) return { outcome: 'good', what: 'the clock is right' };
  return {
    outcome: 'doubtful',
    what: `the clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}`,
    remedy: 'set it by NTP: tokens are refused as expired, or as not yet valid',
  };
}
