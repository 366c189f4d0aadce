/**
 * What large scripts cost: `node bench/starlark/large.ts [--length N] [family…]`. Each of the families of scripts that are
 * made of one thing again and again is read, compiled and run as code mode does, and how long it held its thread is
 * measured in processor time: the longest of the stretches between which others can go on is what they wait for.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  compileOn,
  createBuiltin,
  List,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Value,
} from '../../src/starlark/index.ts';
import { families, largestScript } from '../../test/starlark/large/families.ts';

const { values, positionals } = parseArgs({
  options: { length: { type: 'string', default: String(largestScript) } },
  allowPositionals: true,
});

/** Stretches of work, told apart by when the thread may be left. */
class Stretches {
  longestMs = 0;
  totalMs = 0;
  #start = processorMs();

  end(): void {
    const tookMs = processorMs() - this.#start;
    this.longestMs = Math.max(this.longestMs, tookMs);
    this.totalMs += tookMs;
  }

  begin(): void {
    this.#start = processorMs();
  }
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function measure(text: string): Promise<{ stretches: Stretches; outcome: string }> {
  const stretches = new Stretches();
  const handedIn = new Map<string, Value>([
    ...scriptBuiltins(),
    ['xs', new List([1])],
    ['wait', createBuiltin('wait', () => Promise.resolve(new List([])))],
  ]);
  const thread = new Thread({
    maxSteps: 100_000,
    maxBytes: 64 * 2 ** 20,
    maxDepth: 200,
    maxCodeLength: 400_000,
    maxParallel: 10,
    sliceMs: 1,
    yieldToHost: async () => {
      stretches.end();
      await turn();
      stretches.begin();
    },
  });
  const options = { filename: 'large.star', fileOptions: scriptOptions, predeclared: handedIn.keys() };
  let outcome = 'ran to its end';
  try {
    await run(await compileOn(thread, text, options), thread, handedIn);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    outcome = `${error.code}: ${error.message.slice(0, 60)}`;
  }
  stretches.end();
  return { stretches, outcome };
}

process.stdout.write('script                               characters  all, ms  longest, ms  outcome\n');
for (const [name, family] of Object.entries(families)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const text = family(Number(values.length));
  const { stretches, outcome } = await measure(text);
  const columns = [
    name.padEnd(36),
    String(text.length).padStart(10),
    stretches.totalMs.toFixed(0).padStart(8),
    stretches.longestMs.toFixed(0).padStart(12),
    ` ${outcome}`,
  ];
  process.stdout.write(`${columns.join(' ')}\n`);
}
