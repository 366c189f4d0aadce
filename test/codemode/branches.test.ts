import { test } from 'node:test';
import { assertBranchesAgree } from '../starlark/fuzz/branches/agreement.ts';
import { scripts } from './fixtures/branch-run.ts';

// The same scripts in each run; FUZZ_SEED looks at others. Many more are tried by test/soak/branches.soak.ts.
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_130);

test('scripts with branches, attempts and tool calls, nested at random, do what a plain reference says', async () => {
  await assertBranchesAgree({ numRuns: 500, seed }, scripts);
});
