import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, test, type TestContext } from 'node:test';
import { connectHttp } from '../support/clients.ts';
import { skipWithout } from '../support/counterpart.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { realBackends } from '../support/real-backends.ts';
import { visibleCodes } from '../support/terminal.ts';
import { cliFile } from '../support/vmcp.ts';

const timeout = 180_000;
const real = realBackends();
const config = {
  name: 'terminal',
  backends: [real.memory, { name: 'gone', command: '/nowhere/server', transport: 'stdio' }],
};

interface OnTerminal {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly file: string;
  readonly port: number;
  /** With its codes made readable. */
  said(): string;
}

/** `vmcp serve` with a terminal of its own, which `script` makes. */
async function serve(
  t: TestContext,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<OnTerminal> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-terminal-'));
  const file = join(folder, 'vmcp.yaml');
  writeFileSync(file, JSON.stringify(config));
  const port = await freePort();
  const line = [process.execPath, cliFile, 'serve', file, '--port', String(port), ...args].join(' ');
  const child = spawn('script', ['-qfec', `stty cols 90 rows 30; exec ${line}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', ...env },
  });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { process: child, file, port, said: () => visibleCodes(text) };
}

describe('vmcp serve on a terminal', { skip: skipWithout('script') }, () => {
  test('shows its backends, one line when it is ready, and then what happens', { timeout }, async (t) => {
    const { process: child, file, port, said } = await serve(t, ['--verbose'], { NO_COLOR: '1' });
    const ready = `1 of 2 backends, 9 tools, code mode off, http://127.0.0.1:${port}/mcp`;
    await eventually(() => assert.ok(said().includes(ready), said()));
    assert.match(said(), /✓ memory {2}stdio {2} *9 tools {2}2025-11-25, /);
    assert.match(said(), /✗ gone {4}stdio {2}did not start: there is no program "\/nowhere\/server"/);
    assert.doesNotMatch(said(), /␛\[3\dm|"level"/);
    const client = await connectHttp(new URL(`http://127.0.0.1:${port}/mcp`), '2025-11-25');
    await client.callTool({ name: 'memory_read_graph', arguments: {} });
    await client.close();
    await eventually(() => assert.match(said(), /memory_read_graph ok in [\d.]+ m?s \(/));
    writeFileSync(
      file,
      JSON.stringify({ ...config, backends: [real.memory, real.everything], codeMode: { enabled: true } }),
    );
    await eventually(() =>
      assert.match(
        said(),
        /config reloaded: backends \+everything -gone, tools \+17, codeMode\.enabled\r?\n/,
      ),
    );
    child.stdin.write('\u0003');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 130);
    assert.match(said(), /ending; calls under way may finish/);
    assert.equal(said().match(/gone: connect failed/g), null, 'what the table says is not said again');
  });

  test('has colours, unless they are not wanted, and is quiet where that is', { timeout }, async (t) => {
    const loud = await serve(t, [], { NO_COLOR: '' });
    await eventually(() => assert.match(loud.said(), /␛\[33m1 of 2 backends/));
    const quiet = await serve(t, ['--quiet'], { NO_COLOR: '1' });
    await eventually(() => assert.match(quiet.said(), /^1 of 2 backends, .*\r?\n/));
    assert.doesNotMatch(quiet.said(), /✓/);
  });
});
