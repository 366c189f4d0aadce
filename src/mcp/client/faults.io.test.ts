import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import type { HttpFault } from '../../../test/fixtures/hostile/http.ts';
import type { Fault } from '../../../test/fixtures/hostile/protocol.ts';
import { startHostileSse } from '../../../test/fixtures/hostile/sse.ts';
import { startHostileHttp } from '../../../test/fixtures/hostile/http.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { isAlive } from '../../../test/support/processes.ts';
import type { BackendClient, BackendErrorCode } from '../../gateway/index.ts';
import { BackendError } from '../../gateway/index.ts';
import type { ChildCommand } from './transport/stdio/child.ts';
import type { BackendTarget, ClientOptions } from './index.ts';
import { createBackendClient } from './index.ts';

const hostile = join(import.meta.dirname, '../../../test/fixtures/hostile-backend.ts');
const soon = AbortSignal.timeout(600_000);
/** Of one test, on however slow a machine. */
const timeout = 180_000;

function create(t: TestContext, target: BackendTarget, options: Partial<ClientOptions> = {}) {
  const logged: string[] = [];
  const client = createBackendClient(target, {
    clientInfo: { name: 'test', version: '1' },
    environment: process.env,
    onLog: ({ message }) => logged.push(message),
    maxMessageBytes: 4 * 1024 * 1024,
    closeGraceMs: 300,
    probeTimeoutMs: 60_000,
    ...options,
  });
  t.after(() => client.close());
  return { client, logged };
}

function stdio(t: TestContext, fault: string, options: Partial<ClientOptions> = {}) {
  const command = { command: process.execPath, args: [hostile, fault], env: {} };
  return create(t, { name: 'hostile', transport: 'stdio', ...command }, options);
}

async function http(t: TestContext, fault: HttpFault) {
  const server = await startHostileHttp(fault);
  t.after(() => server.close());
  return { server, ...create(t, { name: 'hostile', transport: 'streamable-http', url: server.url }) };
}

/**
 * A call that fails by a fault of the backend, as which it is then known; and no other call notices. What a backend does
 * within the limit of a call that times out it must have had the time to do: a slow one is given more.
 */
async function assertFails(client: BackendClient, code: BackendErrorCode, message: RegExp): Promise<void> {
  const limitsMs = code === 'timeout' ? [600, 6_000, 60_000] : [60_000];
  for (const [index, timeoutMs] of limitsMs.entries()) {
    const [failed, fine] = await Promise.allSettled([
      client.request(toolRequest('fault', {}, { timeoutMs })),
      client.request(toolRequest('ok')),
    ]);
    const tooEarly = failed.status === 'rejected' && !message.test(String(failed.reason));
    if (tooEarly && index < limitsMs.length - 1) continue;
    return assertFailed({ client, code, message }, failed, fine);
  }
}

interface Expected {
  readonly client: BackendClient;
  readonly code: BackendErrorCode;
  readonly message: RegExp;
}

function assertFailed(
  { client, code, message }: Expected,
  failed: PromiseSettledResult<unknown>,
  fine: PromiseSettledResult<unknown>,
): void {
  assert.ok(failed.status === 'rejected', `expected a failure, got ${JSON.stringify(failed).slice(0, 200)}`);
  assert.ok(failed.reason instanceof BackendError, String(failed.reason));
  assert.equal(failed.reason.code, code, failed.reason.message);
  assert.match(failed.reason.message, message);
  if (code !== 'disconnected' || client.transport !== 'stdio') {
    assert.equal(fine.status, 'fulfilled', `the other call: ${JSON.stringify(fine)}`);
  }
}

describe('a backend over stdio', () => {
  const faults: [fault: string, code: BackendErrorCode, message: RegExp][] = [
    ['dies-in-mid-call', 'disconnected', /ended with exit code 5/],
    ['hangs', 'timeout', /did not answer tools\/call within \d+ ms/],
    ['answers-garbage', 'timeout', /did not answer .*; meanwhile it wrote a line .* no MCP message/],
    ['answers-wrong-id', 'timeout', /; meanwhile it answered a request that it was never sent \(id 987654\)/],
    ['huge-result', 'too-large', /over 4194304 bytes/],
    ['deep-result', 'bad-answer', /expected JSON nested at most 256 deep/],
  ];
  for (const [fault, code, message] of faults) {
    test(`that ${fault} fails the call as "${code}"`, { timeout }, async (t) => {
      const { client } = stdio(t, fault);
      await client.connect(soon);
      await assertFails(client, code, message);
    });
  }

  test('that answers a wrong id fails the only call under way at once', async (t) => {
    const { client, logged } = stdio(t, 'answers-wrong-id');
    await client.connect(soon);
    await assert.rejects(client.request(toolRequest('fault', {}, { timeoutMs: 120_000 })), {
      code: 'bad-answer',
      message: 'backend "hostile" answered a request that it was never sent (id 987654)',
    });
    assert.ok(logged.some((line) => line.includes('never sent')));
    assert.ok(await client.request(toolRequest('ok')));
  });

  test('that answers twice is heard once', async (t) => {
    const { client } = stdio(t, 'answers-twice');
    await client.connect(soon);
    const result = await client.request(toolRequest('fault'));
    assert.deepEqual(result, { content: [{ type: 'text', text: 'ok' }] });
    assert.equal((await client.request(toolRequest('ok')))['isError'], undefined);
  });

  test('that floods notifications still gets its answer through', async (t) => {
    const { client } = stdio(t, 'floods-notifications');
    await client.connect(soon);
    const port = fakeClient();
    await client.request(toolRequest('fault', {}, { client: port }));
    assert.equal(port.heard.length, 20_000);
  });

  test('that refuses the handshake is told of in its own words', async (t) => {
    const { client } = stdio(t, 'refuses-handshake');
    await assert.rejects(client.connect(soon), /refused the handshake: go away \(-32600\)/);
  });

  test('that answers with an unknown revision is not spoken to', async (t) => {
    const { client } = stdio(t, 'other-revision');
    await assert.rejects(
      client.connect(soon),
      /answered the handshake with protocol revision "1999-12-31"; the gateway speaks/,
    );
  });

  test('that ends at the first question is started again at once and greeted with initialize', async (t) => {
    const { client } = stdio(t, 'dies-at-the-probe');
    assert.equal((await client.connect(soon)).revision, '2025-11-25');
  });

  test('that ignores the first question is greeted with initialize on the same process', async (t) => {
    const { client } = stdio(t, 'ignores-the-probe', { probeTimeoutMs: 400 });
    assert.equal((await client.connect(soon)).revision, '2025-11-25');
  });

  test('that ends at start says with which code', async (t) => {
    const { client } = stdio(t, 'dies-at-start');
    await assert.rejects(client.connect(soon), /backend "hostile" ended with exit code 3/);
  });

  const missing: [what: string, command: ChildCommand, says: RegExp][] = [
    [
      'program',
      { command: '/no/such/program', args: [], env: {} },
      /there is no program "\/no\/such\/program"$/,
    ],
    [
      'command',
      { command: 'no-such', args: [], env: {} },
      /there is no program "no-such" in any folder of PATH$/,
    ],
    [
      'list of arguments',
      { command: 'npx -y server', args: [], env: {} },
      /no program "npx -y server" in any folder of PATH; put its arguments in "args"$/,
    ],
    [
      'working folder',
      { command: process.execPath, args: [], env: {}, cwd: '/no/such/folder' },
      /its working folder \/no\/such\/folder does not exist$/,
    ],
    [
      'right to be run',
      { command: import.meta.filename, args: [], env: {} },
      /faults\.io\.test\.ts" may not be run/,
    ],
  ];
  for (const [what, command, says] of missing) {
    test(`without its ${what} says so`, async (t) => {
      const { client } = create(t, { name: 'none', transport: 'stdio', ...command });
      await assert.rejects(client.connect(soon), (error: Error) => {
        assert.match(error.message, /^backend "none" did not start: /);
        assert.match(error.message, says);
        return true;
      });
    });
  }

  test('that lists without end is stopped', async (t) => {
    const { client } = stdio(t, 'lists-without-end');
    await client.connect(soon);
    await assert.rejects(client.list('tools', soon), /lists tools without end/);
  });

  test('that never answers is given up when the signal says so', async (t) => {
    const { client } = stdio(t, 'never-answers');
    await assert.rejects(client.connect(AbortSignal.timeout(900)));
  });

  test('that ignores SIGTERM is killed, and so is what it started', async (t) => {
    for (const fault of ['ignores-sigterm', 'leaves-a-grandchild']) {
      const { client, logged } = stdio(t, fault);
      await client.connect(soon);
      const pid = await eventually(() => {
        const told = logged.flatMap((line) => /^(?:process|grandchild) (\d+)$/.exec(line)?.[1] ?? []);
        return Number(told[0] ?? assert.fail(`no process is named in ${logged.join('; ')}`));
      });
      assert.equal(isAlive(pid), true);
      await client.close();
      await eventually(() => assert.equal(isAlive(pid), false));
    }
  });

  test('has its stderr in the log', async (t) => {
    const { client, logged } = stdio(t, 'none');
    await client.connect(soon);
    await eventually(() => assert.ok(logged.includes('hostile backend: none'), logged.join('\n')));
  });
});

describe('a backend over HTTP+SSE', () => {
  const faults: [fault: Fault, code: BackendErrorCode, message: RegExp][] = [
    ['hangs', 'timeout', /did not answer tools\/call within \d+ ms$/],
    ['answers-garbage', 'timeout', /; meanwhile it sent something on its stream that is no MCP message/],
    ['answers-wrong-id', 'timeout', /; meanwhile it answered a request that it was never sent/],
    ['deep-result', 'bad-answer', /expected JSON nested at most 256 deep/],
  ];
  for (const [fault, code, message] of faults) {
    test(`that ${fault} fails the call as "${code}"`, { timeout }, async (t) => {
      const server = await startHostileSse(fault);
      t.after(() => server.close());
      const { client } = create(t, { name: 'hostile', transport: 'sse', url: server.url });
      await client.connect(soon);
      await assertFails(client, code, message);
    });
  }
});

describe('a backend over HTTP', () => {
  const faults: [fault: HttpFault, code: BackendErrorCode, message: RegExp][] = [
    ['dies-in-mid-call', 'disconnected', /broke the connection before its answer/],
    ['hangs', 'timeout', /did not answer tools\/call within \d+ ms/],
    ['answers-garbage', 'bad-answer', /no MCP message/],
    ['answers-wrong-id', 'bad-answer', /answered another request/],
    ['huge-result', 'too-large', /over 4194304 bytes/],
    ['deep-result', 'bad-answer', /no MCP message/],
    ['closes-after-headers', 'disconnected', /broke the connection/],
    ['closes-in-mid-body', 'disconnected', /broke the connection/],
    ['streams-without-end', 'timeout', /did not answer/],
    ['answers-401', 'unauthorized', /refused the gateway's credentials \(HTTP 401\)/],
    ['answers-429', 'http-status', /is rate limited \(HTTP 429, retry after 7\)/],
    ['answers-500', 'http-status', /answered HTTP 500/],
    ['answers-202', 'http-status', /answered HTTP 202/],
    ['answers-html', 'bad-answer', /content type "text\/html"/],
    ['redirects-elsewhere', 'http-status', /redirects elsewhere \(HTTP 307\), which is not followed/],
    ['redirects-in-circles', 'http-status', /redirects elsewhere/],
  ];
  for (const [fault, code, message] of faults) {
    test(`that ${fault} fails the call as "${code}"`, { timeout }, async (t) => {
      const { client, server } = await http(t, fault);
      await client.connect(soon);
      await assertFails(client, code, message);
      await eventually(async () => assert.ok((await server.openConnections()) <= 3));
    });
  }

  test('that answers twice is heard once', async (t) => {
    const { client } = await http(t, 'answers-twice');
    await client.connect(soon);
    assert.deepEqual(await client.request(toolRequest('fault')), { content: [{ type: 'text', text: 'ok' }] });
  });

  test('that floods notifications still gets its answer through', async (t) => {
    const { client } = await http(t, 'floods-notifications');
    await client.connect(soon);
    const port = fakeClient();
    await client.request(toolRequest('fault', {}, { client: port }));
    assert.equal(port.heard.length, 20_000);
  });

  test('that keeps the stream open after its answer has it cut', async (t) => {
    const { client, server } = await http(t, 'keeps-the-stream-open');
    await client.connect(soon);
    for (let count = 0; count < 5; count++) await client.request(toolRequest('fault'));
    await eventually(async () => assert.ok((await server.openConnections()) <= 1));
  });

  test('that redirects within its origin is followed, and asked there from then on', async (t) => {
    const { client, server } = await http(t, 'redirects-within');
    await client.connect(soon);
    await client.request(toolRequest('fault'));
    const before = server.asked.length;
    await client.request(toolRequest('fault'));
    assert.deepEqual(
      server.asked.slice(before).filter((line) => line.startsWith('POST')),
      ['POST /mcp/'],
    );
  });

  test('that forgets the session is greeted anew, and the call goes through', async (t) => {
    const { client, server } = await http(t, 'forgets-the-session');
    await client.connect(soon);
    assert.deepEqual(await client.request(toolRequest('fault')), { content: [{ type: 'text', text: 'ok' }] });
    assert.ok(server.asked.length > 4);
  });

  test('that refuses the handshake, or answers with an unknown revision, is told of', async (t) => {
    const refusing = await http(t, 'refuses-handshake');
    await assert.rejects(refusing.client.connect(soon), /refused the handshake: go away/);
    const strange = await http(t, 'other-revision');
    await assert.rejects(strange.client.connect(soon), /protocol revision "1999-12-31"/);
  });

  test('that is not there is unreachable, and the call certainly did not run', async (t) => {
    const { client } = create(t, {
      name: 'none',
      transport: 'streamable-http',
      url: new URL('http://127.0.0.1:1/mcp'),
    });
    await assert.rejects(client.connect(soon), (error) => {
      assert.ok(error instanceof BackendError);
      assert.equal(error.code, 'unreachable');
      assert.equal(error.mayHaveRun, false);
      return true;
    });
  });
});
