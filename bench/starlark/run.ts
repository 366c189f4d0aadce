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
  measureOnce(): Promise<number>;
}

async function loadProgram(file: string): Promise<Program> {
  const path = join(here, 'programs', file);
  const source = readFileSync(path, 'utf8');
  const thread = new Thread({ maxBytes: 1 << 28 });
  const { globals } = await run(compile(source, { filename: file, fileOptions, predeclared: ['json'] }), thread, predeclared);
  const bench = globals.get('bench') as StarlarkFunction;
  return {
    name: file.replace('.star', ''),
    path,
    measureOnce: async () => {
      const before = thread.steps;
      await call(thread, bench, []);
      return thread.steps - before;
    },
  };
}

/** Compiling and generating code, as a script is that is seen for the first time; the text differs each time. */
function loadCompiling(file: string): Program {
  const path = join(here, 'programs', file);
  const source = readFileSync(path, 'utf8');
  let count = 0;
  return {
    name: `compiling ${file.replace('.star', '')}`,
    path,
    measureOnce: () => {
      const text = source.replace('fifty', `fifty-${count++}`).replace('(limit)', `(limit, v${count} = ${count})`);
      const program = compile(text, { filename: file, fileOptions, predeclared: ['json'] });
      program.codeFor(program.used.map(({ name }) => predeclared.get(name) ?? null));
      return Promise.resolve(0);
    },
  };
}

async function measure(program: Program, budgetMs: number): Promise<Measured> {
  let best = Infinity;
  let steps = 0;
  const end = cpuMs() + budgetMs;
  for (let calls = 1; cpuMs() < end;) {
    const start = cpuMs();
    for (let i = 0; i < calls; i++) steps = await program.measureOnce();
    const took = cpuMs() - start;
    if (took >= budgetMs / 20) best = Math.min(best, took / calls);
    else calls *= 2;
  }
  return { nanoseconds: best * 1e6, steps };
}

/** What the whole process has used, collecting garbage included: on a busy machine it says more than a clock. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function buildGo(folder: string): string {
  const binary = join(folder, 'go-starlark');
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
  execFileSync('go', ['build', '-o', binary, join(here, 'go', 'main.go')], { env, stdio: 'inherit' });
  return binary;
}

function measureGo(binary: string, program: Program, budgetMs: number): Measured {
  const compileOnly = program.name.startsWith('compiling') ? ['-compile'] : [];
  const output = execFileSync(binary, ['-ms', String(budgetMs), ...compileOnly, program.path], { encoding: 'utf8' });
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
    if (file.startsWith('compile-')) programs.push(loadCompiling(file));
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
