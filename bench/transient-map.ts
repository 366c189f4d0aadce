/**
 * What a collection of the things under way costs the garbage collector: `node --expose-gc bench/transient-map.ts [SECONDS]`.
 * Entries of 100 small objects pass through a `Map` and a `TransientMap` by turns, 50 being in it at any time, after a quiet
 * spell in which its table has become old, as it does in any server. Printed: the collector's share of the time.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { TransientMap } from '../src/lib/transient-map.ts';

interface Passage {
  set(key: number, value: object): unknown;
  delete(key: number): boolean;
}

const [seconds = 2] = process.argv.slice(2).map(Number);
const underWay = 50;
const rounds = 3;
let collectingMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectingMs += duration;
}).observe({ entryTypes: ['gc'] });

const kinds: [string, () => Passage][] = [
  ['Map', () => new Map()],
  ['TransientMap', () => new TransientMap<number, object>()],
];
const shares = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, make] of kinds) shares.get(name)?.push(await shareOfCollector(make()));
}
const best = ([, all]: [string, number[]]): number => Math.min(...all);
const [first, second] = [...shares].map(best) as [number, number];
for (const [name, all] of shares) {
  console.log(`${name.padEnd(14)} ${all.map((share) => `${(share * 100).toFixed(1)} %`).join('  ')}`);
}
console.log(`the collector takes ${(first / second).toFixed(1)} times as much with a Map`);

async function shareOfCollector(passage: Passage): Promise<number> {
  let last = 0;
  const pass = (): void => {
    passage.set(++last, { parts: Array.from({ length: 100 }, (_, part) => ({ part })) });
    passage.delete(last - underWay);
  };
  for (let turn = 0; turn < underWay; turn++) pass();
  // Three times survived, its table is in the old generation.
  for (let turn = 0; turn < 3; turn++) globalThis.gc?.({ type: 'minor' });
  await turnOfTheLoop();
  collectingMs = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000) {
    for (let turn = 0; turn < 200; turn++) pass();
    await turnOfTheLoop();
  }
  return collectingMs / (performance.now() - startedAt);
}
