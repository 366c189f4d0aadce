import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startSilentHttp, type SilentHttp, type Silence } from '../fixtures/hostile/silent.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { call, modern, openSession, post } from '../support/raw-mcp.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

/** The environment of a server that loads a fixture first. */
function preloading(fixture: string): Record<string, string> {
  const url = pathToFileURL(join(import.meta.dirname, '../fixtures', fixture)).href;
  return { NODE_OPTIONS: `--import=${url}` };
}

const places = ['timer', 'immediate', 'microtask', 'promise', 'listener', 'abort'];
const values = ['Error', 'AssertionError', 'string', 'null', 'DOMException', 'reason'];
const unguarded = 'defect in an unguarded callback';

describe('a server in which faults are planted serves on', { timeout: 300_000 }, () => {
  let backend: ControlledBackend;
  let vmcp: Vmcp;

  before(async () => {
    backend = await startControlledBackend();
    vmcp = await startVmcp(
      {
        name: 'planted',
        backends: [{ name: 'fine', transport: 'streamable-http', url: backend.url }],
        codeMode: { enabled: true },
      },
      { env: preloading('planted-faults.ts') },
    );
    await vmcp.status(allHealthy);
  });
  after(async () => {
    await vmcp?.stop();
    await backend?.close();
  });

  const lines = (): string[] =>
    vmcp
      .log()
      .split('\n')
      .filter((line) => line.includes(unguarded));

  async function plant(place: string, value: string): Promise<void> {
    const headers = { 'x-planted': `${place}/${value}` };
    assert.equal((await fetch(`${vmcp.origin}/health`, { headers })).status, 200, `${place}/${value}`);
  }

  async function plantAll(): Promise<void> {
    for (const place of places) for (const value of values) await plant(place, value);
  }

  test('what nothing catches is logged as a defect, once for each kind', async () => {
    await plantAll();
    await eventually(() => {
      for (const found of [
        'Error: planted',
        'AssertionError',
        'string: planted',
        'null: null',
        'TimeoutError',
      ])
        assert.ok(
          lines().some((line) => line.includes(found)),
          `${found} is not in the log`,
        );
    });
    const before = lines();
    await plantAll();
    // A kind that is new, and thrown where it takes longest, comes after all of these.
    await plant('timer', 'number');
    await eventually(() => assert.match(vmcp.log(), /number: 42/));
    const added = lines().slice(before.length);
    assert.equal(added.length, 1, added.join('\n'));
    for (const line of lines()) assert.equal((JSON.parse(line) as { level: string }).level, 'error');
  });

  test('calls and scripts are served after it', async () => {
    const headers = await openSession(vmcp.mcpUrl);
    const [answer] = (await post(vmcp.mcpUrl, call('fine_ok'), headers)).messages;
    assert.ok(answer?.result !== undefined && answer.result['isError'] !== true, JSON.stringify(answer));
    const script = { name: 'execute_tool_script', arguments: { script: 'return fine_ok() != None' } };
    const [ran] = (await modern(vmcp.mcpUrl, 'tools/call', script)).messages;
    assert.ok(ran?.result !== undefined && ran.result['isError'] !== true, JSON.stringify(ran));
  });

  test('an AssertionError while serving ends that request alone, and is logged as a defect', async () => {
    const headers = await openSession(vmcp.mcpUrl);
    const [planted, fine] = await Promise.all([
      post(vmcp.mcpUrl, call('fine_ok', 1, { arguments: { planted: true } }), headers),
      post(vmcp.mcpUrl, call('fine_ok', 2), headers),
    ]);
    assert.deepEqual(planted.messages[0]?.error, { code: -32603, message: 'internal error' });
    assert.ok(fine.messages[0]?.result);
    await eventually(() => assert.match(vmcp.log(), /"error":"AssertionError.*"msg":"defect in a request"/));
  });

  test('an AssertionError in a call of a script ends that call alone, and is logged as a defect', async () => {
    const program = 'r = attempt(lambda: fine_ok(planted = True))\nreturn [r["ok"], fine_ok() != None]';
    const script = { name: 'execute_tool_script', arguments: { script: program } };
    const [ran] = (await modern(vmcp.mcpUrl, 'tools/call', script)).messages;
    assert.match(JSON.stringify(ran?.result), /\[false, ?true\]/i);
    await eventually(() => assert.match(vmcp.log(), /"msg":"defect in a call of a script"/));
  });

  test('a signal ends it as ever', async () => {
    assert.equal(await vmcp.stop(), 0);
  });
});

describe('a server with backends that fall silent serves on', { timeout: 300_000 }, () => {
  const silences: readonly Silence[] = [
    'everything',
    'server/discover',
    'initialize',
    'notifications/initialized',
    'tools/list',
    'prompts/list',
    'ping',
  ];
  let fine: ControlledBackend;
  let silent: SilentHttp[];
  let vmcp: Vmcp;

  before(async () => {
    fine = await startControlledBackend();
    silent = await Promise.all(silences.map(startSilentHttp));
    const backends = silent.map(({ url }, index) => ({
      name: `silent-${index}`,
      transport: 'streamable-http',
      url: url.href,
    }));
    vmcp = await startVmcp(
      {
        name: 'silent',
        backends: [...backends, { name: 'fine', transport: 'streamable-http', url: fine.url }],
        operational: { failureHandling: { healthCheckInterval: '1s', unhealthyThreshold: 1 } },
      },
      { env: preloading('short-limits.ts') },
    );
  });
  after(async () => {
    await vmcp?.stop();
    await Promise.all([fine, ...silent].map((each) => each.close()));
  });

  test('each of them is unhealthy, and the log says why', async () => {
    // Silence on a ping alone shows for a while, between a new connection and its next health check.
    const seen = new Set<string>();
    await vmcp.status(({ backends }) => {
      for (const { name, health } of backends) if (health === 'unhealthy') seen.add(name);
      return silences.every((_, index) => seen.has(`silent-${index}`));
    });
    await eventually(() => {
      for (const index of silences.keys())
        assert.match(vmcp.log(), new RegExp(`"backend":"silent-${index}".*did not answer`));
    });
    assert.doesNotMatch(vmcp.log(), /defect/);
  });

  test('the others are served', async () => {
    const [answer] = (await modern(vmcp.mcpUrl, 'tools/call', { name: 'fine_ok' })).messages;
    assert.ok(answer?.result !== undefined && answer.result['isError'] !== true, JSON.stringify(answer));
    assert.equal(await vmcp.stop(), 0);
  });
});
