/** vmcp as a library: what a program that embeds the server does with it (docs/embedding.md). */
import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import {
  AppError,
  ConfigError,
  onlyFor,
  ProtocolError,
  startServer,
  type LogEntry,
  type Server,
  type ServerOptions,
  type ToolProvider,
} from '../../src/index.ts';
import { connectHttp } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';

const echo: ToolProvider = {
  names: ['shout'],
  countAs: 'tool_call',
  isOpenTo: () => true,
  list: async (below) => [...below, { name: 'shout', inputSchema: { type: 'object' } }],
  call: async ({ params }) => {
    const { text } = params['arguments'] as { text: string };
    return { content: [{ type: 'text', text: text.toUpperCase() }] };
  },
};

describe('a server that a program starts itself', () => {
  let backend: ControlledBackend;
  before(async () => {
    backend = await startControlledBackend();
  });
  after(() => backend?.close());

  const config = (more: object = {}): object => ({
    name: 'embedded',
    backends: [{ name: 'lab', url: backend.url, transport: 'streamable-http' }],
    ...more,
  });

  async function start(t: TestContext, more: object = {}, options: ServerOptions = {}): Promise<Server> {
    const server = await startServer(config(more), options);
    t.after(() => server.close(0));
    return server;
  }

  const textOf = ({ content = [] }: { content?: unknown[] }): unknown =>
    (content[0] as { text: string }).text;

  test('lists and calls tools in process, and counts the calls', async (t) => {
    const server = await start(t);
    const names = (await server.listTools()).map(({ name }) => name);
    assert.ok(names.includes('lab_ok'));
    assert.equal(textOf(await server.callTool('lab_ok', { x: 1 })), '{"x":1}');
    assert.equal((await server.callTool('lab_fail')).isError, true);
    await assert.rejects(server.callTool('lab_absent'), AppError);
    const samples = parseMetrics(await (await fetch(`${server.url}/metrics`)).text());
    assert.equal(sumOf(samples, 'toolhive_vmcp_tool_calls_total', { status: 'success' }), 1);
    assert.equal(sumOf(samples, 'toolhive_vmcp_tool_calls_total', { status: 'error' }), 2);
  });

  test('serves clients, with a stage and a tool of the program', async (t) => {
    const guard = onlyFor(['tools/call'], (call, next) => {
      if (call.name === 'lab_big') throw new ProtocolError(-32000, 'not here');
      return next(call);
    });
    const server = await start(t, {}, { parts: [{ every: guard, provider: echo }] });
    const client = await connectHttp(new URL(server.mcpUrl), '2026-07-28');
    t.after(() => client.close());
    assert.deepEqual((await client.callTool({ name: 'shout', arguments: { text: 'hey' } })).content, [
      { type: 'text', text: 'HEY' },
    ]);
    await assert.rejects(client.callTool({ name: 'lab_big', arguments: { bytes: 1 } }), /not here/);
    assert.equal(textOf(await server.callTool('shout', { text: 'in process' })), 'IN PROCESS');
  });

  test('runs scripts, which call its own tools too', async (t) => {
    const server = await start(t, { codeMode: { enabled: true } }, { parts: [{ provider: echo }] });
    const script = 'return [shout(text = "a"), lab_ok(n = 2)]';
    assert.deepEqual(JSON.parse(textOf(await server.callTool('execute_tool_script', { script })) as string), [
      'A',
      { n: 2 },
    ]);
  });

  test('keeps its parts over a reload, and its configuration where the new one has faults', async (t) => {
    const server = await start(t, {}, { parts: [{ provider: echo }] });
    await assert.rejects(server.reload({ name: 'x', backend: [] }), ConfigError);
    assert.equal((await server.status()).name, 'embedded');
    await server.reload({ ...config(), name: 'renamed' });
    assert.equal((await server.status()).name, 'renamed');
    assert.equal(textOf(await server.callTool('shout', { text: 'still' })), 'STILL');
  });

  test('tells its log to the program alone', async (t) => {
    const entries: LogEntry[] = [];
    const server = await start(t, {}, { onLog: (entry) => entries.push(entry) });
    await server.reload(config({ operational: { logLevel: 'debug' } }));
    assert.ok(entries.some(({ message }) => message === 'config reloaded'));
  });

  test('refuses a configuration with faults, by file and position', async () => {
    await assert.rejects(startServer({ name: 'x', backends: [{ nam: 'y' }] }), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.ok(error.problems.length > 0);
      return true;
    });
  });
});
