/** Random operations against a real server, and whether its audit log and its counters tell the same of them. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { createApiKey } from '../../src/lib/api-key.ts';
import { auditFile, type AuditEvent } from './audit-lines.ts';
import { bearer, startAuthApp } from './auth-app.ts';
import { startControlledBackend } from './controlled-backend.ts';
import { eventually } from './eventually.ts';
import { sumOf, type Sample } from './metrics-text.ts';
import { Random } from './random.ts';
import { call, modern, openSession, post } from './raw-mcp.ts';

/** What the operations themselves know to have happened. */
interface Expected {
  tools: number;
  lists: number;
  pings: number;
  refusals: number;
  sessions: number;
  reloads: number;
}

type Tally = Map<string, number>;

const workers = 16;

/** @param count of operations */
export async function auditAgrees(t: TestContext, count: number, seed = 1): Promise<void> {
  const backend = await startControlledBackend();
  t.after(() => backend.close());
  const path = await auditFile(t);
  const key = createApiKey();
  const auth = { type: 'apiKeys', apiKeys: [{ name: 'alice', env: 'KEY' }] };
  const blocks = {
    audit: { logFile: path, maxSizeMB: 1, maxFiles: 100_000 },
    codeMode: { enabled: true },
    // A machine under load is not to have the backend taken for lost, since what is not sent there is not counted there.
    operational: { logLevel: 'error', failureHandling: { healthCheckInterval: '1h' } },
  };
  const server = await startAuthApp(t, auth, { backendUrl: backend.url, blocks, environment: { KEY: key } });
  const { url } = server;
  const random = new Random(seed);
  const headers = bearer(key);
  const expected: Expected = { tools: 0, lists: 0, pings: 0, refusals: 0, sessions: 0, reloads: 0 };

  const names = ['one_ok', 'one_fail', 'one_refuse', 'nothing', 'execute_tool_script'];
  const params = (): { name: string; arguments: Record<string, string | number> } => {
    const name = random.next() < 0.02 ? 'execute_tool_script' : (names[random.below(4)] ?? '');
    if (name !== 'execute_tool_script') return { name, arguments: { n: random.below(100) } };
    const calls = Array.from(
      { length: random.below(4) },
      () => `attempt(lambda: ${names[random.below(3)]}())`,
    );
    return {
      name,
      arguments: { script: [...calls, random.below(2) ? 'return 1' : 'fail("so")'].join('\n') },
    };
  };
  const open = async (): Promise<Record<string, string>> => {
    expected.sessions++;
    return openSession(url, { headers });
  };
  const cancelled = async (): Promise<void> => {
    const giveUp = new AbortController();
    const name = `cancel ${expected.tools++}`;
    const asked = modern(
      url,
      'tools/call',
      { name: 'one_hold', arguments: { key: name } },
      {
        headers,
        signal: giveUp.signal,
      },
    );
    // A call that ends before the backend has it is one like any other.
    const ended = asked.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([backend.held(name).catch(() => undefined), ended]);
    giveUp.abort();
    await ended;
  };
  const reload = async (): Promise<void> => {
    expected.reloads++;
    await server.reload(auth, { metadata: { n: String(expected.reloads) } });
    server.app.reopenFiles();
  };

  let left = count;
  const work = async (worker: number): Promise<void> => {
    let session = await open();
    while (left-- > 0) {
      const dice = random.next();
      if (dice < 0.4) {
        expected.tools++;
        await modern(url, 'tools/call', params(), { headers });
      } else if (dice < 0.8) {
        expected.tools++;
        const { name, ...rest } = params();
        await post(url, call(name, 1, rest), session);
      } else if (dice < 0.83) {
        expected.tools++;
        await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} }, session);
      } else if (dice < 0.89) {
        expected.lists++;
        await modern(url, 'tools/list', {}, { headers });
      } else if (dice < 0.93) {
        expected.pings++;
        await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, session);
      } else if (dice < 0.97) {
        expected.refusals++;
        await modern(url, 'tools/call', params(), { headers: bearer(`${key}x`) });
      } else if (dice < 0.985) {
        await fetch(url, { method: 'DELETE', headers: session });
        session = await open();
      } else if (dice < 0.999) await cancelled();
      // One reload at a time, as the watch of a file has them.
      else if (worker === 0) await reload();
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));

  const page = await eventually(async () => {
    const samples = await server.metrics();
    assert.equal(sumOf(samples, 'toolhive_vmcp_tool_calls_total'), expected.tools);
    return samples;
  });
  await server.app.close(0);
  const told = await tallyOf(path);
  assertAgree(told, page, expected);
  t.diagnostic(`${count} operations, ${told.get('events')} events, ${expected.tools} calls`);
}

function assertAgree(told: Tally, page: Sample[], expected: Expected): void {
  const counted = (name: string, labels: Record<string, string> = {}): number =>
    sumOf(page, name, labels) ?? 0;
  const calls = 'toolhive_vmcp_tool_calls_total';
  const rows: [what: string, log: number | undefined, known: number][] = [
    ['dropped', counted('toolhive_vmcp_audit_dropped_total'), 0],
    [
      'scripts, success',
      told.get('script success'),
      counted(calls, { method: 'execute_tool_script', status: 'success' }),
    ],
    [
      'scripts, error',
      told.get('script error'),
      counted(calls, { method: 'execute_tool_script', status: 'error' }),
    ],
    ['calls, success', told.get('call success'), counted(calls, { method: 'tool_call', status: 'success' })],
    ['calls, error', told.get('call error'), counted(calls, { method: 'tool_call', status: 'error' })],
    [
      'scripts',
      (told.get('script success') ?? 0) + (told.get('script error') ?? 0),
      counted('toolhive_vmcp_script_executions_total'),
    ],
    ['inner calls', told.get('inner'), counted('toolhive_vmcp_script_tool_calls_sum')],
    [
      'calls of backends',
      told.get('backend'),
      counted('toolhive_vmcp_backend_requests_total', { mcp_method_name: 'tools/call' }),
    ],
    ['lists', told.get('mcp_tools_list'), expected.lists],
    ['pings', told.get('mcp_ping'), expected.pings],
    ['refusals', told.get('http_request denied'), expected.refusals],
    ['sessions', told.get('mcp_initialize'), expected.sessions],
    ['ends of sessions', told.get('mcp_session_ended'), expected.sessions],
    ['reloads', told.get('config_reload'), expected.reloads],
    ['inner calls without a parent', told.get('orphan'), 0],
  ];
  for (const [what, log, known] of rows)
    assert.equal(log ?? 0, known, `${what}: log ${log}, counted ${known}`);
}

/** Counts the events of the file and of those it was rotated into. */
async function tallyOf(path: string): Promise<Tally> {
  const tally: Tally = new Map();
  const add = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
  const ids = new Set<string>();
  const parents = new Set<string>();
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(basename(path))) continue;
    for await (const line of createInterface({ input: createReadStream(join(dirname(path), name)) })) {
      const event = JSON.parse(line) as AuditEvent;
      assert.ok(!ids.has(event.audit_id), `two events have the id ${event.audit_id}`);
      ids.add(event.audit_id);
      add('events');
      countEvent(event, add);
      if (event.parent !== undefined) parents.add(event.parent);
    }
  }
  for (const parent of parents) if (!ids.has(parent)) add('orphan');
  return tally;
}

function countEvent(
  { type, outcome, parent, target, metadata }: AuditEvent,
  add: (what: string) => void,
): void {
  if (type !== 'mcp_tool_call') {
    add(type);
    add(`${type} ${outcome}`);
    return;
  }
  const isScript = target['name'] === 'execute_tool_script';
  const status = outcome === 'success' ? 'success' : 'error';
  add(parent === undefined ? `${isScript ? 'script' : 'call'} ${status}` : 'inner');
  if (metadata.extra['backend_name'] !== undefined) add('backend');
}
