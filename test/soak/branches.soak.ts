/** Random programs about branches against the plain reference, many of them, and others in each run. */
import { test } from 'node:test';
import { scripts } from '../codemode/fixtures/branch-run.ts';
import { assertBranchesAgree } from '../starlark/fuzz/branches/agreement.ts';

/** BRANCHES_PROGRAMS sets how many programs of each kind; FUZZ_SEED repeats a run, whose seed is printed. */
const numRuns = Number(process.env['BRANCHES_PROGRAMS'] ?? 50_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

test(`${numRuns} programs do what the reference says (FUZZ_SEED=${seed})`, async () => {
  await assertBranchesAgree({ numRuns, seed });
});

test(`${numRuns} scripts with tool calls do what the reference says (FUZZ_SEED=${seed})`, async () => {
  await assertBranchesAgree({ numRuns, seed }, scripts);
});
