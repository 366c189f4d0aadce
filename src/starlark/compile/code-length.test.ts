import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { families } from '../../../test/starlark/large/families.ts';
import { compile, createBuiltin, List, run, scriptBuiltins, scriptOptions } from '../index.ts';
import { StarlarkError, Thread, type ThreadOptions, type Value } from '../index.ts';

function handedIn(): Map<string, Value> {
  return new Map<string, Value>([
    ...scriptBuiltins(),
    ['xs', new List([])],
    ['wait', createBuiltin('wait', () => Promise.resolve(new List([])))],
  ]);
}

/** Runs a program; returns why it was refused, or undefined when it ran. */
async function refusalOf(source: string, options: ThreadOptions): Promise<StarlarkError | undefined> {
  const values = handedIn();
  const program = compile(source, {
    filename: 'long.star',
    fileOptions: scriptOptions,
    predeclared: values.keys(),
  });
  try {
    await run(program, new Thread(options), values);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error;
  }
}

describe('the length of the code that a program becomes', () => {
  test('is limited where the host says so: the error names the line and what to do', async () => {
    const source = Array.from({ length: 2000 }, (_, at) => `v${at} = wait(a = ${at})\n`).join('');
    const refusal = await refusalOf(source, { maxCodeLength: 20_000 });
    assert.equal(refusal?.code, 'resolve');
    assert.match(refusal.message, /too large when compiled: .* more than 20000 characters of code; split it/);
    assert.match(refusal.message, /a function or a loop/);
    const { line } = refusal.span!;
    assert.ok(line > 100 && line < 500, `line ${line}`);
  });

  test('is counted within one expression too', async () => {
    const source = `x = [\n${'wait(),\n'.repeat(2000)}]\n`;
    const refusal = await refusalOf(source, { maxCodeLength: 20_000 });
    assert.match(refusal!.message, /too large when compiled/);
    const { line } = refusal!.span!;
    assert.ok(line > 50 && line < 1000, `line ${line}`);
  });

  test('counts what stands around statements: variables, and functions of each kind', async () => {
    for (const source of [
      `def f():\n${Array.from({ length: 3000 }, (_, at) => `  v${at} = 1\n`).join('')}f()\n`,
      `x = [\n${'lambda: 1,\n'.repeat(1000)}]\n`,
      Array.from({ length: 500 }, (_, at) => `c${at} = [x for x in xs]\n`).join(''),
    ]) {
      const refusal = await refusalOf(source, { maxCodeLength: 30_000 });
      assert.match(refusal!.message, /too large when compiled/);
    }
  });

  test('is not limited otherwise', async () => {
    const source = Array.from({ length: 16_000 }, (_, at) => `v${at}=1\n`).join('');
    assert.equal(await refusalOf(source, {}), undefined);
  });

  for (const name of [
    'calls of one name',
    'assignments of calls',
    'assignments, then calls',
    'assignments, then loops',
    'several at once',
    'loops',
    'loops over results',
    'loops over ranges',
    'branches',
    'f-strings',
    'dicts',
    'comparisons',
  ]) {
    test(`is below 400,000 characters for 64 KiB of ${name}`, async () => {
      const refusal = await refusalOf(families[name]!(64 * 1024), { maxCodeLength: 400_000, maxSteps: 1 });
      assert.equal(refusal?.code, 'step_limit');
    });
  }
});
