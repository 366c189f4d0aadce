/**
 * What one replica needs: memory by the number of backends and tools, idle and under load, and processor time for each
 * call and script. `npm run build && node bench/sizing.ts [SECONDS]`, as root, with wrk; a row a size.
 * Processor time says more than calls per second where the machine has more to do.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.ts';
import { requestHeaders, requestText } from './gateway/messages.ts';
import { root, start, startOnPort, until } from './gateway/processes.ts';
import type { Shot } from './gateway/target.ts';
import { fire } from './gateway/wrk.ts';
import { createMemoryGroup, type MemoryGroup } from './sizing/memory-group.ts';

const [seconds = 10] = process.argv.slice(2).map(Number);
const connections = 16;
const innerCalls = 10;
const mebibyte = 2 ** 20;

interface Size {
  readonly memoryMebibytes: number;
  readonly backends: number;
  readonly toolsEach: number;
}

const sizes: readonly Size[] = [
  { memoryMebibytes: 256, backends: 1, toolsEach: 20 },
  { memoryMebibytes: 256, backends: 20, toolsEach: 20 },
  { memoryMebibytes: 512, backends: 20, toolsEach: 20 },
  { memoryMebibytes: 512, backends: 100, toolsEach: 20 },
  { memoryMebibytes: 512, backends: 20, toolsEach: 250 },
];

/** In ms of all processes of the group, ended ones left out. */
function processorMs(group: MemoryGroup): number {
  const ticks = group.processes().map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * 10;
}

function shotOf(url: string, tool: string, args: object): Shot {
  const headers = requestHeaders('2026-07-28', 'tools/call', tool, undefined);
  return { url, headers, body: requestText('2026-07-28', 'tools/call', { name: tool, arguments: args }) };
}

/** One line: how much of a thing there was in a second, and what each cost. */
async function underLoad(name: string, shot: Shot, group: MemoryGroup): Promise<string> {
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, group.heldBytes())), 50);
  const before = processorMs(group);
  const load = await fire(shot, connections, seconds);
  const spent = processorMs(group) - before;
  clearInterval(watch);
  const each = spent / (load.requestsPerSecond * seconds);
  const failed = load.failures + group.killed();
  return (
    `${name} ${load.requestsPerSecond.toFixed(0)}/s, ${each.toFixed(2)} ms of processor each, ` +
    `at most ${Math.round(peak / mebibyte)} MiB${failed > 0 ? `, ${failed} FAILED` : ''}`
  );
}

async function measure({ memoryMebibytes, backends, toolsEach }: Size): Promise<void> {
  const backend = await startOnPort('backend.ts', String(toolsEach));
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-bench-'));
  const file = join(folder, 'vmcp.yaml');
  const names = Array.from({ length: backends }, (_, index) => `b${index}`);
  const config = {
    name: 'bench',
    codeMode: { enabled: true },
    backends: names.map((name) => ({
      name,
      url: `http://127.0.0.1:${backend.port}/${name}`,
      transport: 'streamable-http',
    })),
  };
  writeFileSync(file, JSON.stringify(config));
  const group = createMemoryGroup(memoryMebibytes * mebibyte);
  const port = await freePort();
  const options = '--max-old-space-size-percentage=30';
  const program = `${process.execPath} ${options} ${resolve(root, 'dist/cli/main.js')}`;
  const vmcp = start('sh', ['-c', `${group.enter}; exec ${program} serve --config ${file} --port ${port}`]);
  const origin = `http://127.0.0.1:${port}`;
  await until(async () => {
    const { toolCount } = (await (await fetch(`${origin}/status`)).json()) as { toolCount: number };
    if (toolCount !== backends * toolsEach + 1) throw new Error(`${toolCount} tools`);
  });
  await delay(2000);
  console.log(`${memoryMebibytes} MiB, ${backends} backends with ${toolsEach} tools each`);
  console.log(`  idle: ${Math.round(group.heldBytes() / mebibyte)} MiB`);
  const url = `${origin}/mcp`;
  const call = shotOf(url, 'b0_tool_0', { text: 'ping' });
  const script =
    `return len(parallel([lambda i=i: call_tool("b%d_tool_%d" % (i % ${backends}, i), text = "x") ` +
    `for i in range(${innerCalls})]))`;
  await fire(call, connections, 2); // warm
  console.log(`  ${await underLoad('calls:', call, group)}`);
  console.log(
    `  ${await underLoad(`scripts of ${innerCalls} calls:`, shotOf(url, 'execute_tool_script', { script }), group)}`,
  );
  await Promise.all([vmcp.close(), backend.close()]);
  group.remove();
  rmSync(folder, { recursive: true, force: true });
}

for (const size of sizes) await measure(size);
