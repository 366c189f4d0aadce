/** Runs generated programs in the interpreter and holds what they do against the oracle. */
import assert from 'node:assert/strict';
import {
  compile,
  createBuiltin,
  type Program,
  repr,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Value,
} from '../../../src/starlark/index.ts';
import { generateProgram } from './generate.ts';
import { callText, evaluate, hashOf, type Observed } from './oracle.ts';
import { printProgram } from './tree.ts';

/** Which of the host's functions wait: the compiler treats those that may and those that cannot in different ways. */
const hosts = [
  { waits: [], title: 'nothing waits' },
  { waits: ['wait'], title: 'wait waits' },
  { waits: ['wait', 'note', 'hash', 'boom'], title: 'everything waits' },
] as const;

/**
 * Holds `count` programs against the oracle, each with each host.
 * @returns how many of them ended with a value, and how many values were noted
 */
export async function compareMany(
  firstSeed: number,
  count: number,
): Promise<{ ended: number; noted: number }> {
  const found = { ended: 0, noted: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const observed = await compareOne(seed);
    if (observed === undefined) continue;
    if (observed.result !== 'error') found.ended++;
    found.noted += observed.trace.length;
  }
  return found;
}

async function compareOne(seed: number): Promise<Observed | undefined> {
  const tree = generateProgram(seed, 10 + (seed % 80));
  const text = `${padding(seed)}${printProgram(tree)}`;
  const expected = evaluate(tree);
  if (expected === undefined) return undefined;
  const program = compile(text, {
    filename: 'order.star',
    fileOptions: scriptOptions,
    predeclared: [...scriptBuiltins().keys(), 'note', 'wait', 'hash', 'boom'],
  });
  for (const { waits, title } of hosts) {
    const observed = await observe(program, waits);
    assert.deepEqual(observed, expected, `seed ${seed}, ${title}:\n${text}`);
  }
  return expected;
}

/**
 * What stands before some programs, so that their code is made as that of large ones is: without lists of what is live,
 * and without code that is quicker but longer.
 */
function padding(seed: number): string {
  const [lines, names] = seed % 100 === 0 ? [12_000, 12_000] : seed % 10 === 0 ? [1000, 60] : [0, 1];
  return Array.from({ length: lines }, (_, at) => `u${at % names}=1\n`).join('');
}

type HostCall = (args: readonly Value[], kwargs: ReadonlyMap<string, Value>) => Value;

async function observe(program: Program, waits: readonly string[]): Promise<Observed> {
  const trace: string[] = [];
  const thread = new Thread();
  try {
    const { value } = await run(program, thread, predeclare(trace, waits));
    return { result: show(value), trace };
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    assert.notEqual(error.code, 'internal', error.format());
    return { result: 'error', trace };
  }
}

function predeclare(trace: string[], waits: readonly string[]): Map<string, Value> {
  const note: HostCall = (args, kwargs) => {
    trace.push(
      callText(
        args.map(show),
        [...kwargs].map(([name, value]) => `${name}=${show(value)}`),
      ),
    );
    return args[1]!;
  };
  const calls: Record<string, HostCall> = {
    note,
    wait: note,
    hash: ([value]) => hashOf(show(value!)),
    boom: (args) => {
      trace.push(`boom ${args.map(show).join()}`);
      throw new Error('boom');
    },
  };
  const host = ([name, call]: [string, HostCall]): [string, Value] => [
    name,
    waits.includes(name)
      ? createBuiltin(name, (_, args, kwargs) => Promise.resolve().then(() => call(args, kwargs)))
      : createBuiltin(name, (_, args, kwargs) => call(args, kwargs), { mayWait: false }),
  ];
  return new Map([...scriptBuiltins(), ...Object.entries(calls).map(host)]);
}

function show(value: Value): string {
  return repr(new Thread(), value).replace(/<function \w+>/gu, '<function>');
}
