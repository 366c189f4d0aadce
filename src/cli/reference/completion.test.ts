import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesGolden } from '../../../test/support/golden.ts';
import { createTerminal } from '../../../test/support/terminal.ts';
import { runCli } from '../run.ts';
import { completionFor, shells } from './completion.ts';

describe('vmcp completion', () => {
  for (const shell of shells) {
    test(`prints what ${shell} reads`, async () => {
      const golden = new URL(`../../../test/golden/cli/completion.${shell}`, import.meta.url);
      matchesGolden(golden, completionFor(shell));
      const terminal = createTerminal();
      assert.equal(await runCli(['completion', shell], terminal), 0);
      assert.equal(terminal.said.out, completionFor(shell));
    });
  }

  test('knows no other shell', async () => {
    const terminal = createTerminal();
    assert.equal(await runCli(['completion', 'bsh'], terminal), 2);
    assert.equal(await runCli(['completion'], terminal), 2);
    assert.match(terminal.said.err, /unknown shell "bsh"\. Did you mean "bash"\? There are bash, zsh, fish/);
    assert.match(terminal.said.err, /SHELL is missing/);
  });
});
