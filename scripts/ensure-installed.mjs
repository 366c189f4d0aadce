/**
 * Installs the dependencies when they are missing or older than the lock file, and says so. Runs before `npm start`
 * and `npm test`, with whatever Node there is (20 is enough): hence plain JavaScript and nothing but Node's own modules.
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const reason = whyInstall();
if (reason !== undefined) install(reason);

/** @returns {string | undefined} why an installation is due; undefined when it is not */
function whyInstall() {
  // npm writes the hidden lock file last, so an installation that was interrupted has none.
  const installed = changedAt('node_modules/.package-lock.json');
  if (installed === undefined) return 'the dependencies are not installed yet';
  if (changedAt('node_modules/.bin/node') === undefined)
    return 'the Node that this project brings along is missing';
  const wanted = changedAt('package-lock.json') ?? 0;
  return wanted > installed ? 'package-lock.json is newer than the installed dependencies' : undefined;
}

/** @param {string} why */
function install(why) {
  console.error(`vmcp: ${why}: running "npm ci" (a minute or so, once)`);
  const startedAt = Date.now();
  const npm = process.env['npm_execpath'];
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  // Node 20 is older than what some packages ask for, and is only what installs them: no warnings of that.
  const child = spawn(command, [...args, '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  endWithNpm(child);
  child.on('error', (error) => fail(`: ${error.message}`));
  child.on('exit', (status) => {
    if (status !== 0) fail('');
    console.error(`vmcp: installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  });
}

/** @param {string} why */
function fail(why) {
  console.error(`vmcp: "npm ci" failed${why}; nothing was started`);
  process.exit(1);
}

/**
 * npm passes a signal to the shell that it starts this process with. The shell ends without passing it on, so its end is taken
 * for a signal to end.
 * @param {import('node:child_process').ChildProcess} child
 */
function endWithNpm(child) {
  const shell = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === shell) return;
    child.kill();
    process.exit(1);
  }, 200);
  check.unref();
}

/** @param {string} path */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}
