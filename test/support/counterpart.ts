import { spawnSync } from 'node:child_process';

/**
 * Whether a test that needs `command` (a real Prometheus, a real browser) has to be skipped here, as `skip` of
 * node:test wants it. `debianPackage` brings the command where it has another name. Locally a missing counterpart skips with a line that says so; in CI it is a failure, so that
 * nothing goes untested in silence.
 */
export function skipWithout(command: string, debianPackage: string = command): string | false {
  if (spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0) return false;
  const message = `${command} is not installed here (Debian: apt-get install ${debianPackage})`;
  if (process.env['CI']) throw new Error(`${message}, and CI skips nothing`);
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}
