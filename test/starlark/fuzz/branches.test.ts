import { test } from 'node:test';
import { assertBranchesAgree } from './branches/agreement.ts';

// The same programs in each run; FUZZ_SEED looks at others. Many more are tried by test/soak/branches.soak.ts.
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_130);

test('branches, attempts, failures, cancellation and limits, nested at random, do what a plain reference says', async () => {
  await assertBranchesAgree({ numRuns: 2000, seed });
});
