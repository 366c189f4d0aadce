/**
 * Compares this interpreter with go.starlark.net on the programs beside it: `node bench/starlark/run.ts [--ms N]
 * [name…]`. Needs Debian's golang-go and golang-starlark-dev. All programs run in this one process, which warms them
 * all before it measures any, so that shared code is as it is after many different scripts. Rounds of both
 * interpreters alternate and the best of each counts, because other work on the machine only ever adds time.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  call,
  compile,
  modules,
  run,
  specOptions,
  type StarlarkFunction,
  Thread,
  type Value,
} from '../../src/starlark/index.ts';
import { buildGo, nanosecondsOf } from './measure.ts';

const here = import.meta.dirname;
const rounds = 3;
const predeclared = new Map<string, Value>([['json', modules.json]]);
const fileOptions = { ...specOptions, set: true, recursion: true, globalReassign: true };

interface Measured {
  readonly nanoseconds: number;
  readonly steps: number;
}

interface Program {
  readonly name: string;
  readonly path: string;
  /** How the Go program is told to do the same; empty for calling `bench`. */
  readonly goMode: string;
  measureOnce(): Promise<number>;
}

async function loadProgram(file: string): Promise<Program> {
  const path = join(here, 'programs', file);
  const source = readFileSync(path, 'utf8');
  const thread = new Thread();
  const { globals } = await run(
    compile(source, { filename: file, fileOptions, predeclared: ['json'] }),
    thread,
    predeclared,
  );
  const bench = globals.get('bench') as StarlarkFunction;
  return {
    name: file.replace('.star', ''),
    path,
    goMode: '',
    measureOnce: async () => {
      const fresh = new Thread({ maxBytes: 1 << 28 });
      await call(fresh, bench, []);
      return fresh.steps;
    },
  };
}

/**
 * Texts that nobody has seen before, one after the other. The number stands in a function, where it is part of the
 * generated code: V8 keeps what it has compiled, so code that differs in nothing would be compiled but once.
 */
function variants(file: string, isNewShape: boolean = true): () => string {
  const source = readFileSync(join(here, 'programs', file), 'utf8');
  let count = 0;
  return () => {
    count++;
    return isNewShape
      ? `${source}\ndef f${count}(): return ${count}\n`
      : `${source}\ndef f(): return 1\nv${count} = ${count}\n`;
  };
}

/** Reading a script and finding its faults, as `compile` does; JavaScript is generated when it first runs. */
function loadCompiling(file: string): Program {
  const nextText = variants(file);
  return {
    name: `compile ${file.replace('.star', '')}`,
    path: join(here, 'programs', file),
    goMode: '-compile',
    measureOnce: () => {
      compile(nextText(), { filename: file, fileOptions, predeclared: ['json'] });
      return Promise.resolve(0);
    },
  };
}

/**
 * Compiling a script that nobody has seen, running it, and calling its `bench` once; or one that differs from those
 * before it only in names and values.
 */
function loadFirstRun(file: string, isNewShape: boolean): Program {
  const nextText = variants(file, isNewShape);
  return {
    name: `${isNewShape ? 'first run' : 'next run'} ${file.replace('.star', '')}`,
    path: join(here, 'programs', file),
    goMode: '-first',
    measureOnce: async () => {
      const program = compile(nextText(), { filename: file, fileOptions, predeclared: ['json'] });
      const thread = new Thread();
      const { globals } = await run(program, thread, predeclared);
      await call(thread, globals.get('bench') as StarlarkFunction, []);
      return thread.steps;
    },
  };
}

async function measure(program: Program, budgetMs: number): Promise<Measured> {
  let steps = 0;
  const work = async (): Promise<void> => void (steps = await program.measureOnce());
  const nanoseconds = await nanosecondsOf(work, budgetMs);
  return { nanoseconds, steps };
}

function measureGo(binary: string, program: Program, budgetMs: number): Measured {
  const mode = program.goMode === '' ? [] : [program.goMode];
  const output = execFileSync(binary, ['-ms', String(budgetMs), ...mode, program.path], { encoding: 'utf8' });
  const [, nanoseconds, steps] = output.trim().split(' ');
  return { nanoseconds: Number(nanoseconds), steps: Number(steps) };
}

function best(measured: readonly Measured[]): Measured {
  return measured.reduce((a, b) => (b.nanoseconds < a.nanoseconds ? b : a));
}

function formatTime(nanoseconds: number): string {
  return `${(nanoseconds / 1000).toFixed(1).padStart(9)} µs`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { ms: { type: 'string', default: '300' } },
    allowPositionals: true,
  });
  const budgetMs = Number(values.ms);
  const files = readdirSync(join(here, 'programs')).filter(
    (file) => positionals.length === 0 || positionals.some((name) => file.startsWith(name)),
  );
  const programs: Program[] = [];
  for (const file of files) {
    programs.push(await loadProgram(file));
    if (/^(compile|first)-/.test(file)) {
      programs.push(loadCompiling(file), loadFirstRun(file, true), loadFirstRun(file, false));
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'starlark-bench-'));
  try {
    const binary = buildGo(folder);
    for (const program of programs) await measure(program, 100);
    console.log('program                       ours            Go   faster   steps ours/Go');
    const ratios: number[] = [];
    for (const program of programs) ratios.push(await compare(program, binary, budgetMs));
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    console.log(`geometric mean ${mean.toFixed(1)} times as fast, least ${Math.min(...ratios).toFixed(1)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(program: Program, binary: string, budgetMs: number): Promise<number> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(program, budgetMs / rounds));
    theirs.push(measureGo(binary, program, Math.ceil(budgetMs / rounds)));
  }
  const [mine, go] = [best(ours), best(theirs)];
  const ratio = go.nanoseconds / mine.nanoseconds;
  const steps = go.steps === 0 ? '' : (mine.steps / go.steps).toFixed(2);
  console.log(
    `${program.name.padEnd(24)}${formatTime(mine.nanoseconds)}  ${formatTime(go.nanoseconds)}  ${ratio.toFixed(1).padStart(6)}   ${steps}`,
  );
  return ratio;
}

await main();
