/** Scripts against the built command line: the hostile corpus among regular calls, exact metrics, and a log without secrets. */
import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectHttp, revisions } from '../support/clients.ts';
import { startControlledBackend } from '../support/controlled-backend.ts';
import type { ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { sumOf } from '../support/metrics-text.ts';
import { allHealthy, startVmcp } from '../support/vmcp.ts';
import type { Vmcp } from '../support/vmcp.ts';
import { assertOutcome, hostileLimits, hostileScripts, type HostileScript } from './fixtures/hostile.ts';

const statuses = ['success', 'error', 'timeout', 'step_limit', 'memory_limit', 'cancelled'] as const;

/** Where a real connection has a bound of its own: its largest message, 32 MiB, is less than a script may hold. */
const overConnection: Record<string, Partial<HostileScript>> = {
  'tools-big-result': { outcomes: ['error tool_error'], says: /an answer over 33554432 bytes/u },
};

interface ScriptFigures {
  readonly executions: Record<string, number>;
  readonly durations: number;
  readonly toolCalls: number;
  readonly records: number;
  readonly branches: number;
}

async function figuresOf(vmcp: Vmcp): Promise<ScriptFigures> {
  const samples = await vmcp.metrics();
  const of = (name: string, labels: Record<string, string> = {}): number =>
    sumOf(samples, `toolhive_vmcp_script_${name}`, labels) ?? Number.NaN;
  return {
    executions: Object.fromEntries(statuses.map((status) => [status, of('executions_total', { status })])),
    durations: of('duration_seconds_count'),
    toolCalls: of('tool_calls_sum'),
    records: of('tool_calls_count'),
    branches: of('parallel_goroutines_total'),
  };
}

/** The `script ended` entries of the log. */
function endedIn(log: string): Record<string, unknown>[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"script ended"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function runScript(
  client: Client,
  script: string,
  data?: object,
  signal?: AbortSignal,
): Promise<{ isError: boolean; texts: string[] }> {
  const args = { script, ...(data === undefined ? {} : { data: { ...data } }) };
  const request = { name: 'execute_tool_script', arguments: args };
  const result = await client.callTool(request, { timeout: 600_000, ...(signal && { signal }) });
  const texts = (result.content as { text?: string }[]).map(({ text }) => text ?? '');
  return { isError: result.isError ?? false, texts };
}

/** Runs a script and holds every script metric against what it must have added. */
async function assertExact(
  { vmcp, client, script }: { vmcp: Vmcp; client: Client; script: string },
  { status, calls, branches }: { status: string; calls: number; branches: number },
): Promise<void> {
  const before = await figuresOf(vmcp);
  await runScript(client, script);
  const after = await figuresOf(vmcp);
  const added = statuses.filter((each) => after.executions[each] !== before.executions[each]);
  assert.deepEqual(added, [status]);
  assert.equal((after.executions[status] ?? 0) - (before.executions[status] ?? 0), 1);
  assert.equal(after.toolCalls - before.toolCalls, calls);
  assert.equal(after.branches - before.branches, branches);
  assert.equal(after.durations - before.durations, 1);
}

function backendCalls(backend: ControlledBackend): number {
  return [...backend.calls.values()].reduce((sum, count) => sum + count, 0);
}

describe('scripts on a served gateway', { timeout: 900_000 }, () => {
  let backend: ControlledBackend;
  let vmcp: Vmcp;
  const clients: Client[] = [];

  before(async () => {
    backend = await startControlledBackend();
    vmcp = await startVmcp({
      name: 'served',
      backends: [{ name: 'lab', url: backend.url, transport: 'streamable-http' }],
      codeMode: {
        enabled: true,
        toolCallTimeout: `${hostileLimits.toolCallTimeoutMs}ms`,
        scriptTimeout: `${hostileLimits.scriptTimeoutMs}ms`,
        maxToolCalls: hostileLimits.maxToolCalls,
      },
      operational: { logLevel: 'debug' },
    });
    await vmcp.status(allHealthy);
    for (const revision of revisions) clients.push(await connectHttp(vmcp.mcpUrl, revision));
    await runScript(clientOf(0), 'return 1');
  });
  after(async () => {
    for (const client of clients) await client.close();
    await vmcp?.stop();
    await backend?.close();
  });

  function clientOf(index: number): Client {
    const client = clients[index % clients.length];
    assert.ok(client);
    return client;
  }

  test('the whole hostile corpus has its outcomes, and no regular call fails meanwhile', async () => {
    const before = await figuresOf(vmcp);
    const callsBefore = backendCalls(backend);
    const done = new AbortController();
    const regular = makeRegularCalls(clientOf(1), done.signal);
    const pending = hostileScripts();
    const ran = pending.length;
    const answers = new Map<string, string[]>();
    await Promise.all(
      [0, 1, 2, 3].map(async (lane) => {
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
          const { texts } = await runScript(clientOf(lane), next.script);
          answers.set(next.name, texts);
        }
      }),
    );
    done.abort();
    const regularCalls = await regular;

    const ended = await eventually(() => {
      const entries = new Map(endedIn(vmcp.log()).map((entry) => [entry['scriptHash'], entry]));
      for (const { name, script } of hostileScripts()) assert.ok(entries.has(hashOf(script)), name);
      return entries;
    });
    for (const hostile of hostileScripts()) {
      const entry = ended.get(hashOf(hostile.script));
      assert.ok(entry, `the log tells of ${hostile.name}`);
      const run = { status: String(entry['status']), errorCode: entry['errorCode'] as string | undefined };
      assertOutcome({ ...hostile, ...overConnection[hostile.name] }, run, answers.get(hostile.name) ?? []);
    }
    assert.doesNotMatch(vmcp.log(), /thread was lost/u);

    const after = await eventually(async () => {
      const now = await figuresOf(vmcp);
      const counted = statuses.reduce(
        (sum, status) => sum + (now.executions[status] ?? 0) - (before.executions[status] ?? 0),
        0,
      );
      assert.deepEqual(
        [counted, now.durations - before.durations, now.records - before.records],
        [ran, ran, ran],
      );
      return now;
    });
    // A call that is given up at once may not have reached the backend, but none reaches it uncounted.
    const reached = backendCalls(backend) - callsBefore - regularCalls;
    assert.ok(after.toolCalls - before.toolCalls >= reached);
  });

  const exact: [string, string, string, number, number][] = [
    ['success', 'success', 'return [lab_ok() for i in range(3)]', 3, 0],
    ['parallel', 'success', 'parallel([lambda: lab_ok() for i in range(7)])', 7, 7],
    ['a tool that fails', 'error', 'lab_ok()\nlab_fail()\nlab_ok()', 2, 0],
    ['a program that does not parse', 'error', 'def f(', 0, 0],
    ['bad arguments of a tool', 'error', 'lab_ok()\ncall_tool("absent")', 1, 0],
    ['the step limit', 'step_limit', 'lab_ok()\nfor i in range(1 << 40): pass', 1, 0],
    ['the memory limit', 'memory_limit', 'lab_ok()\nx = "x" * (1 << 40)', 1, 0],
  ];
  for (const [title, status, script, calls, branches] of exact) {
    test(`every script metric is exact: ${title}`, () =>
      assertExact({ vmcp, client: clientOf(0), script }, { status, calls, branches }));
  }

  test('every script metric is exact: scriptTimeout', async (t) => {
    const hasty = await startVmcp({
      name: 'hasty',
      backends: [{ name: 'lab', url: backend.url, transport: 'streamable-http' }],
      codeMode: { enabled: true, scriptTimeout: '15s' },
    });
    t.after(() => hasty.stop());
    await hasty.status(allHealthy);
    const client = await connectHttp(hasty.mcpUrl, '2026-07-28');
    t.after(() => client.close());
    const script = 'lab_ok()\nlab_hold(key = "hasty")';
    await assertExact({ vmcp: hasty, client, script }, { status: 'timeout', calls: 2, branches: 0 });
    await backend.cancelled('hasty');
  });

  for (const [index, revision] of revisions.entries()) {
    test(`a ${revision} client that cancels stops the script and its calls at the backend, and counts as cancelled`, async () => {
      const before = await figuresOf(vmcp);
      const key = `cancel-${revision}`;
      const stop = new AbortController();
      const running = runScript(
        clientOf(index),
        `lab_ok()\nlab_hold(key = "${key}")`,
        undefined,
        stop.signal,
      );
      await backend.held(key);
      stop.abort();
      await assert.rejects(running);
      await backend.cancelled(key);
      await eventually(async () => {
        const after = await figuresOf(vmcp);
        assert.equal((after.executions['cancelled'] ?? 0) - (before.executions['cancelled'] ?? 0), 1);
        assert.equal(after.toolCalls - before.toolCalls, 2);
      });
    });
  }

  test('nothing of a script, its data, arguments, results, prints or errors is in the log, the metrics or the status', async () => {
    const secret = (where: string): string => `planted-${where}-8f3a`;
    const scripts = [
      `# ${secret('comment')}\nprint("${secret('print')}")\nreturn lab_ok(token = "${secret('argument')}" + token)`,
      `fail("${secret('message')}")`,
      `call_tool("${secret('toolname')}")`,
      `lab_ok("${secret('positional')}", 1, 2)`,
      `return ${secret('syntax').replaceAll('-', '_')}`,
      `return {"${secret('key')}": len}`,
      `lab_refuse(x = "${secret('refused')}")`,
      `lab_slow(ms = 60000, x = "${secret('slow')}")`,
      `json.decode("${secret('decode')}")`,
      `def ${secret('function').replaceAll('-', '_')}(`,
    ];
    for (const script of scripts) await runScript(clientOf(0), script, { token: secret('data') });
    await runScript(clientOf(0), 'return 1', { [secret('datakey')]: 1 });
    const seen = [
      vmcp.log(),
      await (await vmcp.get('/metrics')).text(),
      await (await vmcp.get('/status')).text(),
    ];
    for (const text of seen) assert.doesNotMatch(text, /planted.|8f3a/u);
    assert.ok(endedIn(vmcp.log()).length > scripts.length);
  });
});

function hashOf(script: string): string {
  return createHash('sha256').update(script).digest('hex').slice(0, 16);
}

/** Calls a tool again and again until told to stop, 20 times at least; how often. Every call must succeed. */
async function makeRegularCalls(client: Client, done: AbortSignal): Promise<number> {
  let made = 0;
  while (!done.aborted || made < 20) {
    const { isError } = await client.callTool({ name: 'lab_ok', arguments: { made } });
    assert.equal(isError ?? false, false);
    made++;
    await delay(20);
  }
  return made;
}
