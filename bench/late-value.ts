/**
 * What it costs the garbage collector when a host function's promise holds a large value, and when it gives a `LateValue`:
 * `node bench/late-value.ts [SECONDS] [ROUNDS]`. Twenty scripts go through pages of 500 KB that take 300 ms each, so that
 * what a call waits with has become old to the collector before its answer comes. Printed for each way, by turns and each
 * time in a process of its own (V8 learns what lives long): the collector's share of the time, and its longest pause.
 */
import { execFileSync } from 'node:child_process';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  compile,
  createBuiltin,
  decodeJson,
  LateValue,
  run,
  scriptOptions,
  Thread,
} from '../src/starlark/index.ts';
import type { Value } from '../src/starlark/index.ts';

const [seconds = 4, rounds = 3] = process.argv.slice(2, 4).map(Number);
const wanted = process.argv[4];
const scripts = 20;
const pageMs = 300;
/** As in script threads. */
const flags = ['--single-threaded-gc', '--max-semi-space-size=16'];
const page = Buffer.from(
  JSON.stringify(Array.from({ length: 5000 }, (_, number) => ({ number, title: 'x'.repeat(75) }))),
);
const program = compile('n = 0\nfor i in range(pages):\n  n += len(page())\nreturn n', {
  filename: 'late-value.star',
  fileOptions: scriptOptions,
  predeclared: ['page', 'pages'],
});

const ways: Record<string, () => Promise<Value | LateValue>> = {
  'a promise of the value': async () => {
    await delay(pageMs);
    return decodeJson(page.toString());
  },
  'a promise of a LateValue': async () => {
    await delay(pageMs);
    return new LateValue(0, () => decodeJson(page.toString()));
  },
};

const call = ways[wanted ?? ''];
if (call !== undefined) await measure(call);
else {
  for (let round = 0; round < rounds; round++) {
    for (const way of Object.keys(ways)) {
      const args = [...flags, fileURLToPath(import.meta.url), `${seconds}`, '1', way];
      process.stdout.write(`${way.padEnd(26)} ${execFileSync(process.execPath, args, { encoding: 'utf8' })}`);
    }
  }
}

async function measure(call: () => Promise<Value | LateValue>): Promise<void> {
  const pauses: number[] = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  }).observe({ entryTypes: ['gc'] });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: scripts }, () => runScript(call)));
  const tookMs = performance.now() - startedAt;
  await delay(10);
  const share = (pauses.reduce((sum, ms) => sum + ms, 0) / tookMs) * 100;
  console.log(`${share.toFixed(1)} %, longest ${Math.max(...pauses).toFixed(1)} ms`);
}

async function runScript(call: () => Promise<Value | LateValue>): Promise<void> {
  await delay(Math.random() * pageMs);
  const names = new Map<string, Value>([
    ['page', createBuiltin('page', call)],
    ['pages', Math.ceil((seconds * 1000) / pageMs)],
  ]);
  await run(program, new Thread(), names);
}
