/**
 * Builds the package: the sources to JavaScript in `dist/`, its manual page,
 * and the console's page. It is put in place whole and only when it is sound, so that
 * whoever runs the last build meanwhile keeps it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPage } from '../src/cli/reference/man.ts';
import { packageVersion } from '../src/lib/package-version.ts';
import { buildConsole } from './console.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const cache = join(root, 'node_modules/.cache');
const fresh = join(cache, `dist-${process.pid}`);
const stale = join(cache, `dist-${process.pid}-stale`);

mkdirSync(cache, { recursive: true });
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh],
  { cwd: root, stdio: 'inherit' },
);
if (status === 0) {
  chmodSync(join(fresh, 'cli/main.js'), 0o755);
  writeFileSync(join(fresh, 'vmcp.1'), manPage(packageVersion()));
  await buildConsole(join(fresh, 'console'));
  if (existsSync(dist)) renameSync(dist, stale);
  renameSync(fresh, dist);
}
for (const left of [fresh, stale]) rmSync(left, { recursive: true, force: true });
process.exitCode = status ?? 1;
