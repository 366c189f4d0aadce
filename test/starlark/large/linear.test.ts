/**
 * The compiler's work on a script grows with its length and no faster. It is counted, not timed: by how often V8 ran each
 * stretch of the compiler's own code.
 */
import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { after, before, describe, test } from 'node:test';
import {
  compile,
  createBuiltin,
  List,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  universe,
  type Value,
} from '../../../src/starlark/index.ts';
import { families } from './families.ts';

const session = new Session();
const handedIn = new Map<string, Value>([
  ...scriptBuiltins(),
  ['xs', new List([])],
  ['wait', createBuiltin('wait', () => null)],
]);

interface Cost {
  readonly outcome: string;
  readonly work: number;
  readonly code: number;
}

before(async () => {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
});
after(() => session.disconnect());

/** Reads a script and makes its code, and counts what that took. */
async function costOf(text: string): Promise<Cost> {
  await session.post('Profiler.takePreciseCoverage');
  const { outcome, code } = compileText(text);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let work = 0;
  for (const { url, functions } of result) {
    if (!url.includes('/src/starlark/')) continue;
    for (const { ranges } of functions) for (const { count } of ranges) work += count;
  }
  return { outcome, work, code };
}

function compileText(text: string): { outcome: string; code: number } {
  try {
    const program = compile(text, {
      filename: 'large.star',
      fileOptions: scriptOptions,
      predeclared: handedIn.keys(),
    });
    const values = program.used.map(({ name }) => handedIn.get(name) ?? universe.get(name) ?? null);
    return { outcome: 'code', code: program.generatedCode(values).length };
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    return { outcome: error.code, code: 0 };
  }
}

describe('four times the script is four times the work', () => {
  for (const [name, family] of Object.entries(families)) {
    test(name, async () => {
      // Once before, for what is worked out but once.
      compileText(family(1000));
      const [quarter, whole] = [await costOf(family(20_000)), await costOf(family(80_000))];
      assert.ok(quarter.work > 0);
      assert.ok(
        whole.work < 4.5 * quarter.work + 10_000,
        `${quarter.work} and ${whole.work} stretches of the compiler ran`,
      );
      if (quarter.outcome !== whole.outcome) return;
      assert.ok(
        whole.code < 4.5 * quarter.code + 1000,
        `${quarter.code} and ${whole.code} characters of code were made`,
      );
    });
  }
});
