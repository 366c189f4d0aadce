/**
 * Builds the package: the sources to JavaScript in `dist/`, and the configuration's JSON Schema from its one source.
 * `--if-needed` does nothing when `dist/` is newer than every source.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const binary = join(root, 'dist/cli/main.js');

if (process.argv.includes('--if-needed') && isCurrent()) process.exit(0);
rmSync(join(root, 'dist'), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (status !== 0) process.exit(1);
chmodSync(binary, 0o755);

/** Whether nothing that the build reads has changed since it ran. */
function isCurrent(): boolean {
  const built = statSync(binary, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const inputs = [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    ...globSync('src/**/*.ts', { cwd: root }),
  ];
  return inputs.every((input) => statSync(join(root, input)).mtimeMs < built);
}
