/** The audit log of a `vmcp serve` of its own process: what its streams hold, and SIGHUP. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { auditFile, eventsIn, parseEvents } from '../../support/audit-lines.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { eventually } from '../../support/eventually.ts';
import { parseMetrics, sumOf } from '../../support/metrics-text.ts';
import { modern } from '../../support/raw-mcp.ts';
import { cliFile, startVmcp } from '../../support/vmcp.ts';

let backend: ControlledBackend;
before(async () => {
  backend = await startControlledBackend();
});
after(() => backend?.close());

function configuration(audit: object): object {
  return { name: 'demo', audit, backends: [{ name: 'one', transport: 'streamable-http', url: backend.url }] };
}

test('SIGHUP opens the file again after it was moved away', async (t) => {
  const path = await auditFile(t);
  const server = await startVmcp(configuration({ logFile: path }));
  t.after(() => server.stop());
  await modern(server.mcpUrl, 'tools/list');
  await eventually(async () => assert.equal((await eventsIn(path)).length, 1));
  await rename(path, `${path}.moved`);
  process.kill(server.pid, 'SIGHUP');
  await eventually(() => stat(path));
  await modern(server.mcpUrl, 'tools/list');
  await eventually(async () => {
    const types = (await eventsIn(path)).map(({ type }) => type);
    assert.ok(types.includes('mcp_tools_list'), types.join());
  });
});

interface Spawned {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
}

/** `vmcp serve` with an audit log that names no file. */
async function spawnServe(t: TestContext, args: readonly string[]): Promise<Spawned> {
  const file = join(dirname(await auditFile(t)), 'vmcp.json');
  await writeFile(file, JSON.stringify(configuration({})));
  const child = spawn(process.execPath, [cliFile, 'serve', '--config', file, '--port', '0', ...args]);
  t.after(() => child.kill());
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => void (text[stream] += chunk.toString()));
  return { child, stdout: () => text.stdout, stderr: () => text.stderr };
}

test('without a file, stdout holds events and nothing else', async (t) => {
  const { child, stdout, stderr } = await spawnServe(t, []);
  const url = await eventually(() => /http:\S+\/mcp/.exec(stderr())?.[0] ?? assert.fail('no line yet'));
  await modern(new URL(url), 'tools/list');
  await eventually(() => assert.match(stdout(), /\n/));
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.deepEqual(
    parseEvents(stdout()).map(({ type }) => type),
    ['mcp_tools_list'],
  );
});

test('a reader of stdout that goes away ends no server, and its events are counted as lost', async (t) => {
  const { child, stderr } = await spawnServe(t, []);
  const url = await eventually(() => /http:\S+\/mcp/.exec(stderr())?.[0] ?? assert.fail('no line yet'));
  child.stdout?.destroy();
  for (let n = 0; n < 5; n++) assert.equal((await modern(new URL(url), 'tools/list')).status, 200);
  await eventually(async () => {
    const page = parseMetrics(await (await fetch(new URL('/metrics', url))).text());
    assert.ok((sumOf(page, 'toolhive_vmcp_audit_dropped_total') ?? 0) > 0);
  });
  assert.equal(child.exitCode, null);
});

test('with --stdio, stdout holds MCP and nothing else, and events go to stderr', async (t) => {
  const { child, stdout, stderr } = await spawnServe(t, ['--stdio']);
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  };
  child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })}\n`);
  await eventually(() => assert.match(stdout(), /\n/));
  child.stdin?.end();
  await once(child, 'exit');
  for (const line of stdout().trim().split('\n'))
    assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, '2.0');
  const events = stderr()
    .split('\n')
    .filter((line) => line.includes('"audit_event"'));
  assert.deepEqual(
    parseEvents(`${events.join('\n')}\n`).map(({ type }) => type),
    ['mcp_initialize', 'mcp_session_ended'],
  );
  assert.match(stderr(), /events go to stderr/);
});
