import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { listen } from '../fixtures/conformance/http.ts';
import { connectHttp, revisions, type ClientRevision } from '../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import type { HttpBackend } from '../support/http-backend.ts';
import { Ledger, type Method, type Status } from '../support/ledger.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

/** One thing a client can do, and what it must add to the counter. */
interface Outcome {
  readonly title: string;
  readonly tool: string;
  readonly arguments?: Record<string, unknown>;
  readonly method: Method;
  readonly status: Status;
}

const script = (title: string, source: unknown, status: Status): Outcome => ({
  title,
  tool: 'execute_tool_script',
  arguments: { script: source },
  method: 'execute_tool_script',
  status,
});
const call = (title: string, tool: string, status: Status, args: Record<string, unknown> = {}): Outcome => ({
  title,
  tool,
  arguments: args,
  method: 'tool_call',
  status,
});

const outcomes: readonly Outcome[] = [
  call('a result', 'one_ok', 'success'),
  call('an error result', 'one_fail', 'error'),
  call('a JSON-RPC error of the backend', 'one_refuse', 'error'),
  call('a tool that is not there', 'one_nothing', 'error'),
  call("a timeout of the backend's workload", 'hasty_hold', 'error', { key: 'never released' }),
  script('a script without calls', 'return 1', 'success'),
  script(
    'a script with three calls, none of which counts',
    'return [one_ok(n = n) for n in range(3)]',
    'success',
  ),
  script('a script whose tool fails', 'one_fail()', 'error'),
  script('a script that outlives a failing tool', 'return attempt(lambda: one_fail())["ok"]', 'success'),
  script('a script that does not parse', 'return (', 'error'),
  script('a script of the wrong type', 42, 'error'),
  script('a script over its step limit', 'for i in range(1000000):\n    pass', 'error'),
];

describe('each tool call of a client is counted once, by how it ended', { timeout: 300_000 }, () => {
  let backend: ControlledBackend;
  let asking: HttpBackend;
  let vmcp: Vmcp;
  const ledger = new Ledger();

  before(async () => {
    backend = await startControlledBackend();
    asking = await listen();
    vmcp = await startVmcp({
      name: 'counting',
      backends: [
        { name: 'one', url: backend.url, transport: 'streamable-http' },
        { name: 'hasty', url: backend.url, transport: 'streamable-http' },
        { name: 'ask', url: asking.url, transport: 'streamable-http' },
      ],
      codeMode: { enabled: true },
      operational: { timeouts: { default: '300s', perWorkload: { hasty: '1s' } } },
    });
    await vmcp.status(allHealthy);
  });
  after(() => Promise.all([vmcp?.stop(), backend?.close(), asking?.close()]));

  const assertCounted = (): Promise<void> => ledger.assertMatches(() => vmcp.metrics());

  test('the four series stand at 0 before the first call', assertCounted);

  for (const revision of revisions) {
    for (const { title, tool, arguments: args = {}, method, status } of outcomes) {
      test(`${revision}: ${title} is one ${method}, ${status}`, async () => {
        const client = await connectHttp(vmcp.mcpUrl, revision);
        const succeeded = await client.callTool({ name: tool, arguments: args }).then(
          ({ isError }) => isError !== true,
          () => false,
        );
        assert.equal(succeeded, status === 'success');
        ledger.record(method, status);
        await assertCounted();
        await client.close();
      });
    }

    test(`${revision}: a call that the client cancels is one error`, async () => {
      const client = await connectHttp(vmcp.mcpUrl, revision);
      const stop = new AbortController();
      const key = `cancelled-${revision}`;
      const running = client.callTool({ name: 'one_hold', arguments: { key } }, { signal: stop.signal });
      await backend.held(key);
      stop.abort();
      await assert.rejects(running);
      await backend.cancelled(key);
      ledger.record('tool_call', 'error');
      await assertCounted();
      await client.close();
    });

    test(`${revision}: a call that asks the user first is one call`, async () => {
      const client = await connectAnswering(vmcp.mcpUrl, revision, {
        action: 'accept',
        content: { name: 'Ada' },
      });
      const result = await client.callTool({
        name: 'ask_test_input_required_result_elicitation',
        arguments: {},
      });
      assert.match(JSON.stringify(result.content), /Hello, Ada!/);
      ledger.record('tool_call', 'success');
      await assertCounted();
      await client.close();
    });
  }

  test('a question to a 2026-07-28 client that is never answered is no call at all', async () => {
    const response = await post(
      vmcp,
      modernCall('ask_test_input_required_result_elicitation', { elicitation: {} }),
    );
    assert.match(await response.text(), /input_required/);
    await assertCounted();
  });

  test('a tools/call with invalid parameters is one tool_call, error', async () => {
    const response = await post(vmcp, { ...modernCall('', {}), params: { _meta: modernMeta({}) } });
    assert.match(await response.text(), /-326\d\d/);
    ledger.record('tool_call', 'error');
    await assertCounted();
  });

  test('what the transport refuses is no tool call', async () => {
    const whole = JSON.stringify(modernCall('one_ok', {}));
    const refused: [string, string, Record<string, string>][] = [
      ['no JSON', whole.slice(0, -3), {}],
      ['a batch', `[${whole}]`, {}],
      ['another method in the header', whole, { 'mcp-method': 'tools/list' }],
      ['a foreign origin', whole, { origin: 'http://evil.example' }],
      [
        'an unknown revision',
        whole.replace('2026-07-28', '1999-01-01'),
        { 'mcp-protocol-version': '1999-01-01' },
      ],
    ];
    for (const [title, body, headers] of refused) {
      const response = await postText(vmcp, body, headers);
      assert.ok(response.status >= 400 && response.status < 500, `${title}: ${response.status}`);
      await response.body?.cancel();
    }
    await assertCounted();
  });
});

async function connectAnswering(url: URL, revision: ClientRevision, answer: ElicitResult): Promise<Client> {
  return connectHttp(url, revision, {
    capabilities: { elicitation: {} },
    onConnecting: (client) => client.setRequestHandler('elicitation/create', () => answer),
  });
}

function modernMeta(capabilities: object): object {
  return {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
}

function modernCall(name: string, capabilities: object): { readonly [key: string]: unknown } {
  const params = { name, arguments: {}, _meta: modernMeta(capabilities) };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
}

function post(vmcp: Vmcp, message: { readonly [key: string]: unknown }): Promise<Response> {
  const { name } = message['params'] as { name?: string };
  return postText(vmcp, JSON.stringify(message), name === undefined ? {} : { 'mcp-name': name });
}

function postText(vmcp: Vmcp, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(vmcp.mcpUrl, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'one_ok',
      ...headers,
    },
  });
}
