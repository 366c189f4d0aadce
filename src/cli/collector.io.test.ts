import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** Makes garbage of which some lives on, in a process of its own, and tells what V8 took for new objects, in MiB. */
function newSpaceMebibytes(prelude: string): number {
  const program = `
    import { setImmediate as turn } from 'node:timers/promises';
    import { getHeapSpaceStatistics } from 'node:v8';
    ${prelude}
    const kept = [];
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < 10_000; i++) kept[i % 20_000] = { i, list: [i] };
      await turn();
    }
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    process.stdout.write(String(space.space_size / 2 ** 20));`;
  const args = ['--input-type=module', '--eval', program];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('the young generation grows to 8 MiB and no further', () => {
  const collector = JSON.stringify(new URL('./collector.ts', import.meta.url));
  const tuned = newSpaceMebibytes(`import { tuneCollector } from ${collector}; tuneCollector();`);
  assert.ok(tuned >= 4 && tuned <= 8, `${tuned} MiB`);
  // Else the test proves nothing: left alone, V8 takes more.
  assert.ok(newSpaceMebibytes('') > 8);
});
