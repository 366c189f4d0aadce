/** What a feature is to the server: a declaration, and nothing of it where it is not in the list. */
import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createConfigReader } from '../../src/config/index.ts';
import { startApp, type App, type AppOptions, type Config } from '../../src/server/index.ts';
import { features, type AnyFeature } from '../../src/server/features.ts';
import { prepareSteps } from '../../src/server/reload.ts';
import { greeting } from '../fixtures/features/greeting.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { modernRequest, post } from '../support/raw-mcp.ts';

let controlled: ControlledBackend;
let backend: { readonly name: string; readonly transport: string; readonly url: string };
before(async () => {
  controlled = await startControlledBackend();
  backend = { name: 'one', transport: 'streamable-http', url: controlled.url };
});
after(() => controlled?.close());

interface Served {
  readonly app: App;
  readonly logged: string[];
  call(name: string, args?: object): Promise<{ result?: object; error?: { code: number; message: string } }>;
  toolNames(): Promise<string[]>;
  get(path: string): Promise<string>;
  reload(changes: object): Promise<void>;
}

async function serve(
  t: TestContext,
  list: readonly AnyFeature[],
  blocks: object,
  more: Partial<AppOptions> = {},
): Promise<Served> {
  const reader = createConfigReader<Config>(list);
  const read = (changes: object) => {
    const text = JSON.stringify({ name: 'demo', backends: [backend], ...blocks, ...changes });
    return reader.parse(text, { file: '/tmp/vmcp.yaml', environment: {} });
  };
  const logged: string[] = [];
  const app = await startApp({
    loaded: read({}),
    version: '1',
    environment: process.env,
    logSink: (line) => logged.push(line),
    features: list,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    sessionTtlMs: 60_000,
    ...more,
  });
  t.after(() => app.close(0));
  await app.open();
  const url = new URL(`${app.url}/mcp`);
  const ask = async (method: string, params: object) => {
    const { body, headers } = modernRequest(method, params as never);
    return (await post(url, body, headers)).messages.at(-1) as never;
  };
  return {
    app,
    logged,
    call: (name, args = {}) => ask('tools/call', { name, arguments: args }),
    toolNames: async () => {
      const { result } = (await ask('tools/list', {})) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    },
    get: async (path) => (await fetch(app.url + path)).text(),
    reload: (changes) => app.reload(read(changes)),
  };
}

describe('a feature of one file', () => {
  test('has its key, metric, stage, tool and part of /status in the running server', async (t) => {
    const served = await serve(t, [...features, greeting], { greeting: { enabled: true } });
    assert.ok((await served.toolNames()).includes('greet'));
    assert.match(await served.get('/metrics'), /toolhive_vmcp_test_greetings_total\{mood="sad"[^}]*\} 0/u);
    assert.deepEqual((await served.call('greet')).result, (await served.call('greet')).result);
    assert.match(await served.get('/metrics'), /toolhive_vmcp_test_greetings_total\{mood="glad"[^}]*\} 2/u);
    assert.equal((await served.call('forbidden')).error?.code, 403);
    assert.deepEqual(JSON.parse(await served.get('/status')).greeting, { enabled: true });
  });

  test('sees the inner calls of scripts', async (t) => {
    const blocks = { greeting: { enabled: true }, codeMode: { enabled: true } };
    const served = await serve(t, [...features, greeting], blocks);
    await served.call('execute_tool_script', { script: 'return greet()' });
    assert.match(await served.get('/metrics'), /toolhive_vmcp_test_greetings_total\{mood="glad"[^}]*\} 1/u);
  });

  test('that is off leaves its series at 0, and no tool', async (t) => {
    const served = await serve(t, [...features, greeting], {});
    assert.ok(!(await served.toolNames()).includes('greet'));
    assert.match(await served.get('/metrics'), /toolhive_vmcp_test_greetings_total\{mood="glad"[^}]*\} 0/u);
  });

  test('is unknown to a server without it', () => {
    const reader = createConfigReader<Config>(features);
    const text = JSON.stringify({ name: 'demo', backends: [backend], greeting: { enabled: true } });
    assert.throws(
      () => reader.parse(text, { file: 'vmcp.yaml', environment: {} }),
      /unknown key "greeting"/u,
    );
  });
});

test('without code mode in the list a server serves and knows nothing of scripts', async (t) => {
  const served = await serve(t, [], {});
  assert.ok((await served.toolNames()).length > 0);
  assert.match(
    (await served.call('execute_tool_script', { script: 'return 1' })).error?.message ?? '',
    /Unknown tool/u,
  );
  assert.doesNotMatch(await served.get('/metrics'), /code_mode|script_executions/u);
  assert.equal(JSON.parse(await served.get('/status')).codeMode, undefined);
});

describe('a reload that fails', () => {
  for (const failing of prepareSteps) {
    test(`at the step "${failing}" leaves the configuration in force whole`, async (t) => {
      const served = await serve(
        t,
        features,
        { codeMode: { enabled: true } },
        {
          onReloadStep: (step) => {
            if (step === failing) throw new Error(`fault at ${step}`);
          },
        },
      );
      const tools = await served.toolNames();
      const changes = { name: 'other', codeMode: { enabled: false } };
      await assert.rejects(served.reload(changes), new RegExp(`fault at ${failing}`, 'u'));
      assert.deepEqual(await served.toolNames(), tools);
      assert.equal(JSON.parse(await served.get('/status')).name, 'demo');
      assert.match(await served.get('/metrics'), /code_mode_enabled\{[^}]*vmcp_server_name="demo"[^}]*\} 1/u);
      assert.ok((await served.call('execute_tool_script', { script: 'return 1' })).result);
      assert.equal(JSON.parse(await served.get('/status')).backends[0].health, 'healthy');
    });
  }

  test('of a feature that cannot be prepared leaves the configuration in force whole', async (t) => {
    const broken: AnyFeature = {
      ...greeting,
      load: async () => ({
        keep: () => ({ close: async () => undefined }),
        prepare: () => {
          throw new Error('cannot be prepared');
        },
      }),
    };
    const served = await serve(t, [...features, broken], { codeMode: { enabled: true } });
    await assert.rejects(served.reload({ greeting: { enabled: true } }), /cannot be prepared/u);
    assert.ok((await served.toolNames()).includes('execute_tool_script'));
    await served.reload({ name: 'renamed' });
    assert.equal(JSON.parse(await served.get('/status')).name, 'renamed');
  });
});
