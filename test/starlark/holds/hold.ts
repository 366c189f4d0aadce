/** How long a program holds its thread in one go, and what it pays for that. */
import { GCProfiler } from 'node:v8';
import {
  compile,
  modules,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Program,
  type Value,
} from '../../../src/starlark/index.ts';

const environment = new Map<string, Value>([...Object.entries(modules), ...scriptBuiltins()]);
const predeclared = ['x', 'y', ...environment.keys()];

/** Where an expression stands decides whether what it does can be interrupted. */
export type Place = 'alone' | 'in a function' | 'in a loop';

/** The program that evaluates an expression there. */
export function programOf(text: string, place: Place): Program {
  return compile(sourceOf(text, place), { filename: 'hold.star', fileOptions: scriptOptions, predeclared });
}

function sourceOf(text: string, place: Place): string {
  const isStatement = text.endsWith('\n');
  if (place === 'alone') return text;
  const body = isStatement ? text.trimEnd() : text;
  const indented = body.replaceAll('\n', '\n  ');
  if (place === 'in a function') return `def g():\n  ${indented}\ng()\n`;
  return `for i in range(1 << 40):\n  ${indented}\n`;
}

/** The system counts a processor's time by ticks: what is shorter has not been counted, or counts as one. */
const tickMs = 8;

export interface Held {
  /** The longest time between two chances for others, in ms: on the clock or of the processor, whichever is less. */
  readonly longestMs: number;
  readonly totalMs: number;
  /** How long V8 collected garbage at once, at the most: it is among the others, and on nobody's account. */
  readonly collectingMs: number;
  /** What was paid for, in elements and in steps. */
  readonly worked: number;
  readonly steps: number;
  /** The code of the error that it ended in; undefined when it ended well. */
  readonly code: string | undefined;
  readonly message: string;
}

export interface Limits {
  readonly maxSteps: number;
  readonly maxBytes: number;
  readonly maxInOneGo: number;
}

/** Runs a program, with the values that it calls `x` and `y`, under the limits of code mode. */
export async function hold(program: Program, x: Value, y: Value, limits: Limits): Promise<Held> {
  let longestMs = 0;
  let totalMs = 0;
  let since = clocks();
  const look = (): void => {
    const now = clocks();
    const ms = Math.min(now.wall - since.wall, now.processor - since.processor + tickMs);
    longestMs = Math.max(longestMs, ms);
    totalMs += ms;
    since = now;
  };
  const thread = new Thread({
    ...limits,
    maxDepth: 200,
    maxParallel: 10,
    sliceMs: 1,
    clockMs: () => performance.now(),
    now: () => 1_700_000_000_000_000_000n,
    print: () => undefined,
    yieldToHost: async () => {
      look();
      await Promise.resolve();
      since = clocks();
    },
  });
  const values = new Map([...environment, ['x', x], ['y', y]]);
  const collections = new GCProfiler();
  collections.start();
  let failure: StarlarkError | undefined;
  since = clocks();
  try {
    await run(program, thread, values);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    failure = error;
  }
  look();
  const collectingMs = Math.max(0, ...collections.stop().statistics.map(({ cost }) => cost / 1000));
  const { worked, steps } = thread;
  return {
    longestMs,
    totalMs,
    collectingMs,
    worked,
    steps,
    code: failure?.code,
    message: failure?.message.slice(0, 200) ?? '',
  };
}

function clocks(): { wall: number; processor: number } {
  const { user, system } = threadUsage();
  return { wall: performance.now(), processor: (user + system) / 1000 };
}

/** What this thread has used of a processor, or before Node 24 the whole process. */
function threadUsage(): NodeJS.CpuUsage {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  return threadCpuUsage === undefined ? process.cpuUsage() : threadCpuUsage.call(process);
}
