/**
 * What npm would publish, tried as its user would: packed, installed into an empty folder with ordinary npm, and run.
 * Catches a file left out of `files`, a runtime dependency listed under devDependencies, and a bin that does not start.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Runs a command to its end and returns what it printed; a status other than `expectedStatus` ends the check. */
function run(command: string, args: string[], cwd: string, expectedStatus = 0): string {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (done.status !== expectedStatus) {
    const line = [command, ...args].join(' ');
    const ended = done.error ? String(done.error) : `status ${done.status}`;
    throw new Error(
      `\`${line}\` ended with ${ended}, expected ${expectedStatus}\n${done.stdout}${done.stderr}`,
    );
  }
  return done.stdout + done.stderr;
}

function expectText(what: string, text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern}, found\n${text}`);
}

function smokeTest(folder: string): void {
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], folder);

  const vmcp = join(folder, 'node_modules/.bin/vmcp');
  expectText('vmcp --help', run(vmcp, ['--help'], folder), /serve[\s\S]*validate/);
  writeFileSync(
    join(folder, 'sound.yaml'),
    'name: smoke\nbackends:\n  - name: one\n    url: http://127.0.0.1:9/mcp\n    transport: streamable-http\n',
  );
  run(vmcp, ['validate', '--config', 'sound.yaml'], folder);
  writeFileSync(join(folder, 'faulty.yaml'), 'name: smoke\nbackend: []\n');
  expectText(
    'vmcp validate',
    run(vmcp, ['validate', '--config', 'faulty.yaml'], folder, 1),
    /faulty\.yaml:2:1/,
  );
}

run('npm', ['run', 'build'], root);
process.stdout.write(run('publint', ['--strict', '--pack', 'npm'], root));
const folder = mkdtempSync(join(tmpdir(), 'vmcp-package-'));
try {
  smokeTest(folder);
  process.stdout.write('package: the packed tarball installs, helps and validates\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
