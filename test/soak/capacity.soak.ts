/** The leak that filled a thread after 2,300 scripts, at its full size: see test/codemode/capacity.test.ts. */
import { test } from 'node:test';
import { assertLeavesCapacity } from '../codemode/fixtures/capacity.ts';

const scripts = Number(process.env['CAPACITY_SCRIPTS'] ?? 2300);

test(`${scripts} scripts that fail while branches wait for others leave capacity as it was`, async () => {
  await assertLeavesCapacity({ scripts, holdingScripts: 15 });
});
