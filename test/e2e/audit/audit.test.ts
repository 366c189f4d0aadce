/** The audit log of a running server: who asked what, from where, of which backend, with what outcome. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { chmod, rename, stat, writeFile } from 'node:fs/promises';
import { after, before, describe, test, type TestContext } from 'node:test';
import { onlyFor, type Stage } from '../../../src/gateway/index.ts';
import { ProtocolError } from '../../../src/protocol/index.ts';
import { startServer } from '../../../src/index.ts';
import { configReader, openConfig } from '../../../src/server/index.ts';
import { createApiKey } from '../../../src/lib/api-key.ts';
import { bearer, startAuthApp, type AuthApp, type AuthAppOptions } from '../../support/auth-app.ts';
import { auditFile, eventsIn, parseEvents, type AuditEvent } from '../../support/audit-lines.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { eventually } from '../../support/eventually.ts';
import { sumOf } from '../../support/metrics-text.ts';
import { call, modern, openSession, post } from '../../support/raw-mcp.ts';

let backend: ControlledBackend;
before(async () => {
  backend = await startControlledBackend();
});
after(() => backend?.close());

const key = createApiKey();

interface Audited extends AuthApp {
  readonly path: string;
  /** The events of a type, once there are so many. */
  events(type: string, count: number): Promise<AuditEvent[]>;
}

async function serve(
  t: TestContext,
  audit: object = {},
  { auth, ...options }: Partial<AuthAppOptions> & { auth?: object } = {},
): Promise<Audited> {
  const path = await auditFile(t);
  const blocks = { audit: { logFile: path, ...audit }, codeMode: { enabled: true }, ...options.blocks };
  const app = await startAuthApp(t, auth, { backendUrl: backend.url, ...options, blocks });
  return {
    ...app,
    path,
    events: (type, count) =>
      eventually(async () => {
        const found = (await eventsIn(path)).filter((event) => event.type === type);
        assert.equal(found.length, count, `${found.length} events ${type}`);
        return found;
      }),
  };
}

const apiKeys = { type: 'apiKeys', apiKeys: [{ name: 'alice', env: 'ALICE_KEY' }] };
const environment = { ALICE_KEY: key };

describe('a call', () => {
  for (const revision of ['2025-11-25', '2026-07-28'])
    test(`of revision ${revision} is one event that says who, what, where and how it ended`, async (t) => {
      const { url, events } = await serve(t, {}, { auth: apiKeys, environment });
      const headers = { ...bearer(key), 'user-agent': 'tester/1', 'x-request-id': 'r-1' };
      if (revision === '2026-07-28') {
        for (const name of ['one_ok', 'one_fail', 'one_refuse', 'nothing'])
          await modern(url, 'tools/call', { name, arguments: {} }, { headers });
      } else {
        const session = await openSession(url, { headers });
        for (const name of ['one_ok', 'one_fail', 'one_refuse', 'nothing'])
          await post(url, call(name), session);
      }
      const [ok, fail, refuse, unknown] = await events('mcp_tool_call', 4);
      assert.equal(ok?.outcome, 'success');
      assert.deepEqual(ok?.target, { endpoint: '/mcp', method: 'tools/call', name: 'one_ok', type: 'tool' });
      assert.equal(ok?.subjects['user_id'], 'alice');
      assert.equal(ok?.subjects['issuer'], 'vmcp:apiKeys');
      assert.equal(ok?.source.value, '127.0.0.1');
      assert.equal(ok?.source.extra?.['user_agent'], 'tester/1');
      assert.equal(ok?.source.extra?.['request_id'], 'r-1');
      assert.equal(ok?.component, 'vmcp-server');
      const { backend_name, transport, mcp_version, duration_ms } = ok?.metadata.extra ?? {};
      assert.deepEqual([backend_name, transport, mcp_version], ['one', 'streamable-http', revision]);
      assert.ok(Number(duration_ms) > 0);
      assert.equal(fail?.outcome, 'application_error');
      assert.equal(refuse?.outcome, 'application_error');
      assert.equal(refuse?.metadata.extra['error_code'], -32050);
      assert.equal(unknown?.outcome, 'application_error');
      assert.equal(unknown?.metadata.extra['backend_name'], undefined);
    });

  test('that is answered by a stream is judged by what the stream brings', async (t) => {
    const { url, events } = await serve(t);
    const session = await openSession(url);
    const answer = await post(url, call('one_slow', 1, { arguments: { ms: 200 } }), session);
    assert.match(answer.headers.get('content-type') ?? '', /event-stream/u);
    const [slow] = await events('mcp_tool_call', 1);
    assert.equal(slow?.outcome, 'success');
    assert.ok(Number(slow?.metadata.extra['duration_ms']) >= 190);
  });

  test('that its client cancels is a failure', async (t) => {
    const { url, events } = await serve(t);
    const giveUp = new AbortController();
    const params = { name: 'one_hold', arguments: { key: 'cancelled' } };
    const asked = modern(url, 'tools/call', params, { signal: giveUp.signal });
    await backend.held('cancelled');
    giveUp.abort();
    await assert.rejects(asked);
    const [event] = await events('mcp_tool_call', 1);
    assert.deepEqual([event?.outcome, event?.metadata.extra['ended']], ['failure', 'cancelled']);
  });

  test('with detectApplicationErrors off is a success whatever its tool says', async (t) => {
    const { url, events } = await serve(t, { detectApplicationErrors: false });
    await modern(url, 'tools/call', { name: 'one_fail', arguments: {} });
    assert.equal((await events('mcp_tool_call', 1))[0]?.outcome, 'success');
  });
});

describe('a script', () => {
  test('is an event with its hash, and each of its calls another that names it', async (t) => {
    const { url, events } = await serve(t);
    const script = 'one_ok(a=1)\nattempt(lambda: one_fail())\nreturn 1';
    await modern(url, 'tools/call', { name: 'execute_tool_script', arguments: { script } });
    const [ok, fail, whole] = await events('mcp_tool_call', 3);
    assert.equal(whole?.target['name'], 'execute_tool_script');
    assert.match(String(whole?.metadata.extra['script_hash']), /^[0-9a-f]{16}$/u);
    assert.equal(whole?.parent, undefined);
    assert.deepEqual([ok?.target['name'], ok?.outcome, ok?.parent], ['one_ok', 'success', whole?.audit_id]);
    assert.deepEqual([fail?.outcome, fail?.parent], ['application_error', whole?.audit_id]);
    assert.equal(ok?.metadata.extra['backend_name'], 'one');
    assert.equal(ok?.source.value, '127.0.0.1');
  });

  test('whose text holds large results records them without taking them from the script', async (t) => {
    const { url, events } = await serve(t, { includeResponseData: true });
    const script = 'return len(one_big(bytes=300000))';
    const answer = await modern(url, 'tools/call', { name: 'execute_tool_script', arguments: { script } });
    assert.match(JSON.stringify(answer.messages), /300000/u);
    assert.match(JSON.stringify((await events('mcp_tool_call', 2))[0]?.data), /cut, 300\d{3} bytes/u);
  });
});

test('a denial by a stage is an event, of a call and of a call in a script', async (t) => {
  const deny: Stage = onlyFor(['tools/call'], (asked, next) => {
    if (asked.name === 'one_ok') throw new ProtocolError(403, 'call denied by authorization policy');
    return next(asked);
  });
  const { url, events } = await serve(t, {}, { parts: [{ every: deny }] });
  await modern(url, 'tools/call', { name: 'one_ok', arguments: {} });
  const script = 'return attempt(lambda: one_ok())';
  await modern(url, 'tools/call', { name: 'execute_tool_script', arguments: { script } });
  const [direct, inner, whole] = await events('mcp_tool_call', 3);
  assert.deepEqual([direct?.outcome, direct?.metadata.extra['error_code']], ['denied', 403]);
  assert.deepEqual([inner?.outcome, inner?.parent], ['denied', whole?.audit_id]);
  assert.equal(inner?.metadata.extra['backend_name'], undefined);
  assert.equal(whole?.outcome, 'success');
});

describe('beside calls', () => {
  test('lists, pings, notifications, refusals, sessions and reloads are events', async (t) => {
    const { url, events, reload } = await serve(t, {}, { auth: apiKeys, environment });
    const headers = bearer(key);
    const session = await openSession(url, { headers });
    await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, session);
    await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
    await post(url, { jsonrpc: '2.0', id: 3, method: 'no/such' }, session);
    await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    await modern(url, 'server/discover', {}, { headers });
    await modern(url, 'tools/list', {}, { headers: bearer(`${key}x`) });
    await fetch(url, { method: 'DELETE', headers: session });
    await reload(apiKeys);
    const [initialize] = await events('mcp_initialize', 1);
    assert.equal(initialize?.outcome, 'success');
    assert.equal(initialize?.subjects['client_name'], 'raw');
    const [ended] = await events('mcp_session_ended', 1);
    assert.match(ended?.source.extra?.['session_hash'] ?? '', /^[0-9a-f]{16}$/u);
    await events('mcp_ping', 1);
    await events('mcp_tools_list', 1);
    await events('mcp_notification', 1);
    const [unknown, discover] = await events('mcp_request', 2);
    assert.deepEqual([unknown?.target['method'], discover?.target['method']], ['no/such', 'server/discover']);
    const http = await events('http_request', 2);
    assert.deepEqual(
      http.map(({ outcome, target, metadata }) => [outcome, target['method'], metadata.extra['http_status']]),
      [
        ['denied', 'POST', 401],
        ['success', 'DELETE', 204],
      ],
    );
    assert.deepEqual(http[0]?.subjects, {});
    assert.equal((await events('config_reload', 1))[0]?.outcome, 'success');
  });

  test('a reload does not record the subscriptions that it carries over', async (t) => {
    const { url, events, reload } = await serve(t);
    const session = await openSession(url);
    const params = { level: 'info' };
    await post(url, { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params }, session);
    await reload(undefined, { name: 'other' });
    await events('config_reload', 1);
    await events('mcp_logging', 1);
  });

  test('a request that is refused at the edge is one event', async (t) => {
    const { url, events } = await serve(t);
    const params = { level: 'loud' };
    await post(url, { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params }, await openSession(url));
    assert.equal((await events('mcp_logging', 1))[0]?.outcome, 'application_error');
  });

  test('eventTypes says what is recorded, and excludeEventTypes what is not all the same', async (t) => {
    const types = ['mcp_tool_call', 'mcp_tools_list', 'mcp_initialize'];
    const { url, events, path } = await serve(t, {
      eventTypes: types,
      excludeEventTypes: ['mcp_initialize'],
    });
    await post(url, call('one_ok'), await openSession(url));
    await modern(url, 'server/discover');
    await modern(url, 'tools/list');
    await events('mcp_tools_list', 1);
    assert.deepEqual(
      (await eventsIn(path)).map(({ type }) => type),
      ['mcp_tool_call', 'mcp_tools_list'],
    );
  });
});

describe('the address of a client', () => {
  const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7' };

  test('is that of the connection, whatever a header says', async (t) => {
    const { url, events } = await serve(t);
    await modern(url, 'tools/list', {}, { headers });
    assert.equal((await events('mcp_tools_list', 1))[0]?.source.value, '127.0.0.1');
  });

  test('is what a trusted proxy says', async (t) => {
    const { url, events } = await serve(t, {}, { blocks: { trustedProxies: ['127.0.0.0/8'] } });
    await modern(url, 'tools/list', {}, { headers });
    assert.equal((await events('mcp_tools_list', 1))[0]?.source.value, '198.51.100.7');
  });
});

test('recorded data is masked and cut', async (t) => {
  const { url, events } = await serve(
    t,
    { includeRequestData: true, includeResponseData: true, maxDataSize: 200 },
    { auth: apiKeys, environment },
  );
  const args = { password: 'hunter2hunter2', note: `Bearer abc.def.ghi and ${key}`, long: 'x'.repeat(5000) };
  const params = { name: 'one_ok', arguments: args };
  await modern(url, 'tools/call', params, { headers: bearer(key) });
  const [event] = await events('mcp_tool_call', 1);
  const text = JSON.stringify(event);
  for (const secret of ['hunter2', 'abc.def', key]) assert.ok(!text.includes(secret), secret);
  assert.match(String(event?.data?.request), /^\{"name":"one_ok".*…\[cut, 5\d{3} bytes\]$/u);
  assert.ok(text.length < 2500);
});

describe('the file', () => {
  test('belongs to its owner alone, also where it was open to others', async (t) => {
    const path = await auditFile(t);
    await writeFile(path, '');
    await chmod(path, 0o644);
    await startAuthApp(t, undefined, { backendUrl: backend.url, blocks: { audit: { logFile: path } } });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test('that was moved away is made again when files are opened again', async (t) => {
    const { url, events, path, app } = await serve(t);
    await modern(url, 'tools/list');
    await events('mcp_tools_list', 1);
    await rename(path, `${path}.old`);
    app.reopenFiles();
    await eventually(() => stat(path));
    await modern(url, 'tools/list');
    await events('mcp_tools_list', 1);
    assert.equal((await eventsIn(`${path}.old`)).length, 1);
  });

  test('another one takes over at a reload, and one that cannot be opened changes nothing', async (t) => {
    const { url, events, path, reload } = await serve(t);
    const other = await auditFile(t);
    await assert.rejects(
      reload(undefined, { audit: { logFile: '/no/such/folder/audit.log' } }),
      /audit\.logFile/u,
    );
    await modern(url, 'tools/list');
    await events('mcp_tools_list', 1);
    await reload(undefined, { audit: { logFile: other } });
    await modern(url, 'tools/list');
    await eventually(async () =>
      assert.equal((await eventsIn(other)).filter(({ type }) => type === 'mcp_tools_list').length, 1),
    );
    await reload(undefined, { audit: { logFile: path, enabled: false } });
    await modern(url, 'tools/list');
    await events('mcp_tools_list', 1);
  });

  test('that cannot be opened is an error of the start', async (t) => {
    const blocks = { audit: { logFile: '/no/such/folder/audit.log' } };
    const starting = startAuthApp(t, undefined, { backendUrl: backend.url, blocks });
    await assert.rejects(
      starting,
      /audit\.logFile: \/no\/such\/folder\/audit\.log: .*folder does not exist/u,
    );
  });
});

describe('a disk that is full', () => {
  const blocks = { audit: { logFile: '/dev/full' } };

  test('costs events, which are counted, and no request', async (t) => {
    const { url, metrics, logged } = await startAuthApp(t, undefined, { backendUrl: backend.url, blocks });
    for (let n = 0; n < 3; n++) assert.equal((await modern(url, 'tools/list')).status, 200);
    await eventually(async () =>
      assert.equal(sumOf(await metrics(), 'toolhive_vmcp_audit_dropped_total'), 3),
    );
    const warnings = logged.filter((line) => line.includes('audit events were lost'));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /disk is full/u);
  });

  for (const script of [false, true])
    test(`refuses ${script ? 'scripts' : 'calls'} with onFailure: refuse, which reach no backend`, async (t) => {
      const before = backend.calls.get('ok') ?? 0;
      const refusing = { audit: { ...blocks.audit, onFailure: 'refuse' }, codeMode: { enabled: true } };
      const { url, metrics } = await startAuthApp(t, undefined, {
        backendUrl: backend.url,
        blocks: refusing,
      });
      const params = script
        ? { name: 'execute_tool_script', arguments: { script: 'return one_ok()' } }
        : { name: 'one_ok', arguments: {} };
      const { messages } = await modern(url, 'tools/call', params);
      assert.match(JSON.stringify(messages), /runs nothing unrecorded/u);
      assert.equal(backend.calls.get('ok') ?? 0, before);
      assert.equal(sumOf(await metrics(), 'toolhive_vmcp_tool_calls_total', { status: 'error' }), 1);
    });
});

test('with onFailure: refuse an event "started" stands before the call runs, under the same id', async (t) => {
  const { url, events } = await serve(t, { onFailure: 'refuse' });
  const asked = modern(url, 'tools/call', { name: 'one_hold', arguments: { key: 'begun' } });
  const held = await backend.held('begun');
  const [started] = await events('mcp_tool_call', 1);
  assert.equal(started?.outcome, 'started');
  held.release();
  await asked;
  const [, ended] = await events('mcp_tool_call', 2);
  assert.deepEqual([ended?.outcome, ended?.audit_id], ['success', started?.audit_id]);
});

describe('without logFile', () => {
  test('events go to stdout', async (t) => {
    const stdout = new PassThrough();
    const streams = { stdout, stderr: new PassThrough() };
    const { url } = await startAuthApp(t, undefined, {
      backendUrl: backend.url,
      blocks: { audit: {} },
      streams,
    });
    await modern(url, 'tools/list');
    const text = await eventually(() => String(stdout.read() ?? assert.fail('nothing yet')));
    assert.equal(parseEvents(text)[0]?.type, 'mcp_tools_list');
  });

  test('events go to stderr where stdout speaks MCP', async (t) => {
    const stderr = new PassThrough();
    const { url, logged } = await startAuthApp(t, undefined, {
      backendUrl: backend.url,
      blocks: { audit: {} },
      streams: { stderr },
    });
    await modern(url, 'tools/list');
    const text = await eventually(() => String(stderr.read() ?? assert.fail('nothing yet')));
    assert.equal(parseEvents(text)[0]?.type, 'mcp_tools_list');
    assert.ok(logged.some((line) => line.includes('events go to stderr')));
  });
});

test('a call of the program that embeds the server is an event with the source process', async (t) => {
  const path = await auditFile(t);
  const backends = [{ name: 'one', transport: 'streamable-http', url: backend.url }];
  const server = await startServer({ name: 'demo', backends, audit: { logFile: path } });
  t.after(() => server.close(0));
  await server.callTool('one_ok');
  const [event] = await eventually(async () => {
    const events = await eventsIn(path);
    assert.equal(events.length, 1);
    return events;
  });
  assert.deepEqual(event?.source, { type: 'local', value: 'process', extra: {} });
});

test('a command that opens tools for one use keeps no audit log', async (t) => {
  const backends = [{ name: 'one', transport: 'streamable-http', url: backend.url }];
  const text = JSON.stringify({ name: 'demo', backends, audit: { logFile: '/no/such/folder/audit.log' } });
  const loaded = configReader.parse(text, { file: '/tmp/vmcp.yaml', environment: {} });
  const source = await openConfig({ loaded, version: '1', environment: {}, logSink: () => undefined });
  t.after(() => source.close());
  const { signal } = new AbortController();
  assert.equal((await source.callTool('one_ok', {}, { signal })).isError, undefined);
});

test('the client on stdin and stdout is an event with the source stdio', async (t) => {
  const { app, events } = await serve(t);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const served = app.serveStdio(input, output);
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  };
  input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })}\n`);
  await eventually(() => String(output.read() ?? assert.fail('nothing yet')));
  input.write(`${JSON.stringify(call('one_ok'))}\n`);
  await eventually(() => String(output.read() ?? assert.fail('nothing yet')));
  input.end();
  await served;
  const [event] = await events('mcp_tool_call', 1);
  assert.equal(event?.source.type, 'local');
  assert.equal(event?.source.value, 'stdio');
  assert.equal(event?.metadata.extra['transport'], 'stdio');
  await events('mcp_initialize', 1);
  await events('mcp_session_ended', 1);
});
