/** The commands of docs/tutorial.md do what the page says, in its order, with the files that it has its readers save. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allHealthy, cliFile, repositoryRoot, startVmcp } from '../support/vmcp.ts';

const page = readFileSync(join(repositoryRoot, 'docs/tutorial.md'), 'utf8');
const servedAt = 'http://127.0.0.1:4483';

/** The files that readers save: the block after the words "Save this as `NAME`". */
function savedFiles(): [name: string, text: string][] {
  return [...page.matchAll(/Save this as `([^`]+)`[^]*?```\w+\n([^]*?)```/g)].map(
    ([, name = '', text = '']) => [name, text],
  );
}

/** Each command with the lines that it must say. */
function commands(): { command: string; says: string[] }[] {
  return [...page.matchAll(/```console\n([^]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const [command = '', ...says] = part.trimEnd().split('\n');
        return { command, says };
      }),
  );
}

function run(command: string, folder: string): Promise<string> {
  const shell = spawn('bash', ['-c', `vmcp() { '${process.execPath}' '${cliFile}' "$@"; }\n${command}`], {
    cwd: folder,
    env: { ...process.env, PWD: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()));
  return new Promise((resolve, reject) => {
    shell.on('close', (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`\`${command}\` ended with ${code}\n${said}${complained}`));
    });
  });
}

test('the tutorial works as it is written', { timeout: 180_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-tutorial-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // npx finds the servers that the repository has, so that nothing is fetched.
  symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
  const files = savedFiles();
  assert.deepEqual(
    files.map(([name]) => name),
    ['vmcp.yaml', 'animals.star', 'prometheus.yml'],
  );
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const all = commands();
  assert.ok(all.length >= 6, `only ${all.length} commands`);
  const vmcp = await startVmcp('', { configFile: join(folder, 'vmcp.yaml'), env: { PWD: folder } });
  t.after(() => vmcp.stop());
  await vmcp.status(allHealthy);
  for (const { command, says } of all) {
    const said = await run(command.replaceAll(servedAt, vmcp.origin), folder);
    for (const line of says) assert.ok(said.includes(line), `\`${command}\` said\n${said}\nwithout\n${line}`);
  }
  const counted = (await vmcp.metrics()).find(
    ({ name, labels }) =>
      name === 'toolhive_vmcp_tool_calls_total' &&
      labels['method'] === 'execute_tool_script' &&
      labels['status'] === 'success',
  );
  assert.equal(counted?.value, 1);
});
