/** Scripts whose branches fail in every nested way leave nothing behind: neither of their thread's room nor of their place. */
import { test } from 'node:test';
import { assertLeavesCapacity } from './fixtures/capacity.ts';

test('scripts that fail while branches wait for others end at once, and leave capacity as it was', async () => {
  // Room for 32 scripts, a fifth of these; and for one of those that hold much.
  await assertLeavesCapacity({ scripts: 160, holdingScripts: 3, memoryCeilingBytes: 8 * 2 ** 20 });
});
