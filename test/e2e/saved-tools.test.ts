/** Saved tools in a running server: listed, called, authorized, counted; their files watched and validated. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { runCli } from '../../src/cli/run.ts';
import { configReader, startApp } from '../../src/server/index.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { modernRequest, post } from '../support/raw-mcp.ts';
import { createTerminal } from '../support/terminal.ts';

let backend: ControlledBackend;
let folder: string;
before(async () => {
  backend = await startControlledBackend();
  folder = await mkdtemp(join(tmpdir(), 'vmcp-saved-'));
});
after(async () => {
  await backend?.close();
  await rm(folder, { recursive: true, force: true });
});

const number = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

/** The text of a configuration with one saved tool in a file. */
function textOf(more: object = {}, codeMode: object = {}): string {
  return JSON.stringify({
    name: 'demo',
    backends: [{ name: 'one', transport: 'streamable-http', url: backend.url }],
    codeMode: {
      enabled: true,
      tools: [{ name: 'double', description: 'Doubles.', inputSchema: number, file: 'double.star' }],
      ...codeMode,
    },
    ...more,
  });
}

async function serve(t: TestContext, more: object = {}, codeMode: object = {}) {
  const logged: string[] = [];
  const app = await startApp({
    loaded: configReader.parse(textOf(more, codeMode), { file: join(folder, 'vmcp.yaml'), environment: {} }),
    version: '1',
    environment: process.env,
    logSink: (line) => logged.push(line),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    sessionTtlMs: 60_000,
  });
  t.after(() => app.close(0));
  await app.open();
  const ask = async (method: string, params: object) => {
    const { body, headers } = modernRequest(method, params as never);
    return (await post(new URL(`${app.url}/mcp`), body, headers)).messages.at(-1) as never;
  };
  return {
    logged,
    list: async () => {
      const { result } = (await ask('tools/list', {})) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    },
    call: async (name: string, args: object) => {
      const answer = (await ask('tools/call', { name, arguments: args })) as {
        result?: { content: { text: string }[]; isError?: boolean };
        error?: { message: string };
      };
      return answer.result?.content[0]?.text ?? answer.error?.message ?? '';
    },
    metrics: async () => parseMetrics(await (await fetch(`${app.url}/metrics`)).text()),
  };
}

test('a saved tool is listed in code mode proper too, and counted as a tool call', async (t) => {
  await writeFile(join(folder, 'double.star'), 'one_ok()\nreturn 2 * n');
  const { list, call, metrics } = await serve(t, {}, { mode: 'enforced' });
  const runs = { tool_name: 'double', status: 'success' };
  assert.equal(sumOf(await metrics(), 'toolhive_vmcp_saved_script_executions_total', runs), 0);
  assert.deepEqual(await list(), ['double', 'execute_tool_script']);
  assert.equal(await call('double', { n: 4 }), '8');
  assert.equal(await call('execute_tool_script', { script: 'return double(n=5)' }), '10');
  const found = await metrics();
  assert.equal(sumOf(found, 'toolhive_vmcp_saved_script_executions_total', runs), 2);
  assert.equal(sumOf(found, 'toolhive_vmcp_script_executions_total', {}), 1);
  assert.equal(sumOf(found, 'toolhive_vmcp_script_tool_calls_sum', {}), 1);
  assert.equal(sumOf(found, 'toolhive_vmcp_tool_calls_total', { method: 'tool_call', status: 'success' }), 1);
  assert.equal(sumOf(found, 'toolhive_vmcp_tool_calls_total', { method: 'execute_tool_script' }), 1);
});

test('policies decide about a saved tool by its name, and about what its script calls', async (t) => {
  await writeFile(join(folder, 'double.star'), 'return one_ok()');
  const policies = (names: string[]) => ({
    incomingAuth: {
      type: 'anonymous',
      authz: {
        type: 'cedar',
        policies: names.map((name) => `permit(principal, action, resource == Tool::"${name}");`),
      },
    },
  });
  const permitted = await serve(t, policies(['double']));
  assert.match(await permitted.call('double', { n: 1 }), /one_ok/u);
  assert.match(await permitted.call('double', { n: 1 }), /undefined|denied|no tool/u);
  const denied = await serve(t, policies(['one_ok']));
  assert.match(await denied.call('double', { n: 1 }), /denied/u);
  assert.ok(!(await denied.list()).includes('double'));
});

test('a changed file takes effect, a broken one changes nothing', async (t) => {
  const file = join(folder, 'double.star');
  await writeFile(file, 'return 2 * n');
  const { call, logged } = await serve(t);
  await writeFile(file, 'return 20 * n');
  await eventually(async () => assert.equal(await call('double', { n: 1 }), '20'));
  await writeFile(file, 'return (');
  await eventually(async () => assert.ok(logged.some((line) => /codeMode\.tools\[0\]\.file/u.test(line))));
  assert.equal(await call('double', { n: 1 }), '20');
});

test('vmcp validate resolves the scripts; with --check-tools it holds them against live backends', async () => {
  const config = join(folder, 'check.yaml');
  await writeFile(config, textOf());
  const validate = async (script: string, ...options: string[]) => {
    await writeFile(join(folder, 'double.star'), script);
    const terminal = createTerminal();
    const code = await runCli(['validate', config, ...options], terminal);
    return { code, err: terminal.said.err };
  };
  const broken = await validate('return m');
  assert.equal(broken.code, 1);
  assert.match(broken.err, /codeMode\.tools\[0\]\.file: double\.star:1:8: undefined: m/u);
  assert.equal((await validate('return one_okay(x=n)')).code, 0);
  const unknown = await validate('return one_okay(x=n)', '--check-tools');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /double\.star:1:8: undefined: one_okay.*one_ok/u);
  assert.equal((await validate('return one_ok()', '--check-tools')).code, 0);
});
