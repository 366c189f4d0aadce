/** Writes `docs/cli.md` from the table of commands. A test holds the one to the other. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliReference } from '../src/cli/reference/markdown.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs/cli.md');
writeFileSync(file, cliReference());
spawnSync(
  process.execPath,
  [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', file],
  {
    stdio: 'inherit',
  },
);
