/**
 * What npm would publish, tried as its user would: packed, installed into an empty folder with ordinary npm, and run.
 * Catches a file left out of `files`, a runtime dependency listed under devDependencies, and a bin that does not start.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
  const installed = join(folder, 'node_modules/vmcp');
  for (const part of [
    'docs/README.md',
    'docs/configuration.md',
    'examples/demo.yaml',
    'observability/rules/alerts.rules.yaml',
    'observability/dashboards/code-mode.json',
  ])
    if (!existsSync(join(installed, part))) throw new Error(`the package lacks ${part}`);
  tryAsLibrary(folder);
  tryWithoutInstalling(folder, tarball);
}

/** `npx --package=./vmcp-*.tgz vmcp` runs a script. */
function tryWithoutInstalling(folder: string, tarball: string): void {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'sum.star'), 'print(1 + 2 + 3)\n');
  const args = [
    '--yes',
    '--prefer-offline',
    `--package=${join(folder, tarball)}`,
    'vmcp',
    'star',
    'sum.star',
  ];
  expectText('npx', run('npx', args, elsewhere), /^6$/m);
}

/** The example of docs/embedding.md runs, and its types hold. */
function tryAsLibrary(folder: string): void {
  const docs = readFileSync(join(root, 'docs/embedding.md'), 'utf8');
  const example = /```js\n([\s\S]*?)```/.exec(docs)?.[1];
  if (example === undefined) throw new Error('docs/embedding.md: expected an example in a block of js');
  writeFileSync(join(folder, 'example.mjs'), example);
  expectText(
    'docs/embedding.md',
    run(process.execPath, ['example.mjs'], folder),
    /http:\/\/127\.0\.0\.1:\d+\/mcp\n\d{4}-\d\d-\d\dT/,
  );
  writeFileSync(
    join(folder, 'typed.ts'),
    "import { startServer, type Server, type Stage } from 'vmcp';\n" +
      'export const pass: Stage = (request, next) => next(request);\n' +
      "export const server: Promise<Server> = startServer({ name: 'typed' }, { parts: [{ every: pass }] });\n",
  );
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', 'typed.ts'];
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], folder);
}

run('npm', ['run', 'build'], root);
process.stdout.write(run('publint', ['--strict', '--pack', 'npm'], root));
const folder = mkdtempSync(join(tmpdir(), 'vmcp-package-'));
try {
  smokeTest(folder);
  process.stdout.write('package: the packed tarball installs, helps, validates and can be imported\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
