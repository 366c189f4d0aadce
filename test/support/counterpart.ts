import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Whether a test that needs the servers of `test/peers` has to be skipped here, as `skip` of node:test wants it. */
export function skipWithoutPeers(): string | false {
  const folder = resolve(import.meta.dirname, '../peers/node_modules');
  // What npm writes last, so that an install that broke off does not count.
  if (existsSync(join(folder, '.package-lock.json'))) return false;
  return missing(
    'the public MCP servers of test/peers are not installed here (npm ci --prefix test/peers --ignore-scripts)',
  );
}

/**
 * Whether a test that needs `command` (a real Prometheus, a real browser) has to be skipped here, as `skip` of
 * node:test wants it. `debianPackage` brings the command where it has another name.
 */
export function skipWithout(command: string, debianPackage: string = command): string | false {
  if (spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0) return false;
  return missing(`${command} is not installed here (Debian: apt-get install ${debianPackage})`);
}

/**
 * Locally a missing counterpart skips with a line that says so; in CI it is a failure, so that nothing goes untested in
 * silence.
 */
function missing(message: string): string {
  if (process.env['CI']) throw new Error(`${message}, and CI skips nothing`);
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}
