/**
 * Runs vmcp with a newer Node where this one is too old. Knows nothing that an old one lacks, nor does what it imports.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unfitNode } from './kit/node-version.ts';

/** Set for the process that is started, so that it starts no other. */
const marker = 'VMCP_NODE';

/**
 * A program that is a Node of a fit version; undefined where there is none.
 * @param folders in the order in which they are looked through
 */
export function findNewerNode(folders: readonly string[]): string | undefined {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file) && isFit(file));
}

function isFit(file: string): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 5000 });
  return status === 0 && /^v\d/.test(stdout) && unfitNode(stdout.trim().slice(1)) === undefined;
}

/** Folders of programs: that of the package's own dependencies, then those of PATH. */
export function nodeFolders(packageFolder: string, path: string | undefined): string[] {
  return [join(packageFolder, 'node_modules/.bin'), ...(path === undefined ? [] : path.split(delimiter))];
}

/**
 * Runs this program again with another Node, as if it were this process: the same arguments, streams, signals and exit
 * code. Returns false where there is none, or where this process is one that was started so.
 */
export function runWithNewerNode(folders: readonly string[]): boolean {
  if (process.env[marker] !== undefined) return false;
  const node = findNewerNode(folders);
  if (node === undefined) return false;
  const child = spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, [marker]: node },
  });
  // A terminal sends Ctrl-C to both.
  process.on('SIGINT', () => {
    if (process.stdin.isTTY !== true) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`vmcp: ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code) => process.exit(code === null ? 1 : code));
  return true;
}
