/** Policies, as clients meet them: a real gateway, real backends, API keys and OIDC tokens, both kinds of revisions. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { McpServer } from '@modelcontextprotocol/server';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';
import type { JsonObject } from '../../../src/protocol/index.ts';
import { bearer, startAuthApp, type AuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { eventually } from '../../support/eventually.ts';
import { audience, startFakeProvider, type FakeProvider } from '../../support/fake-provider.ts';
import { serveHttp, type HttpBackend } from '../../support/http-backend.ts';
import { modern, openSession, post, type Message, type RawAnswer } from '../../support/raw-mcp.ts';

let backend: ControlledBackend;
let docs: HttpBackend;
let provider: FakeProvider;
before(async () => {
  [backend, docs, provider] = await Promise.all([
    startControlledBackend(),
    serveHttp(createDocumentServer),
    startFakeProvider(),
  ]);
});
after(() => Promise.all([backend?.close(), docs?.close(), provider?.close()]));

/** Has prompts, resources, a template, and tools with hints. */
function createDocumentServer(): McpServer {
  const product = new McpServer(
    { name: 'docs', version: '1' },
    { capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} } },
  );
  const { server } = product;
  const tool = (name: string, readOnlyHint: boolean) => ({
    name,
    inputSchema: { type: 'object' as const },
    annotations: { readOnlyHint },
  });
  server.setRequestHandler('tools/list', () => ({ tools: [tool('look', true), tool('erase', false)] }));
  server.setRequestHandler('tools/call', ({ params }) => ({
    content: [{ type: 'text', text: `did ${params.name}` }],
  }));
  server.setRequestHandler('prompts/list', () => ({ prompts: [{ name: 'greet' }, { name: 'curse' }] }));
  server.setRequestHandler('prompts/get', () => ({ messages: [] }));
  server.setRequestHandler('resources/list', () => ({
    resources: ['doc://open', 'doc://closed'].map((uri) => ({ uri, name: uri })),
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: ['page://{n}', 'secret://{n}'].map((uriTemplate) => ({
      uriTemplate,
      name: uriTemplate,
    })),
  }));
  server.setRequestHandler('resources/read', ({ params }) => ({
    contents: [{ uri: params.uri, text: 'words' }],
  }));
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('completion/complete', () => ({ completion: { values: ['a'] } }));
  return product;
}

const alice = createApiKey();
const bob = createApiKey();
const apiKeys = [
  { name: 'alice', sha256: apiKeyDigest(alice).toString('hex'), groups: ['eng'] },
  { name: 'bob', sha256: apiKeyDigest(bob).toString('hex'), groups: ['guests'] },
];

/** `alice` may use nearly all, `bob` one tool, one prompt, one resource. */
const policies = [
  'permit(principal in THVGroup::"eng", action, resource);',
  'permit(principal in THVGroup::"guests", action == Action::"call_tool", resource == Tool::"one_ok") when { context.arg_path like "/tmp/*" };',
  'permit(principal in THVGroup::"guests", action == Action::"call_tool", resource in Backend::"docs") when { resource.readOnlyHint };',
  'permit(principal in THVGroup::"guests", action == Action::"get_prompt", resource == Prompt::"docs_greet");',
  'permit(principal in THVGroup::"guests", action == Action::"read_resource", resource) when { resource.uri like "doc://open*" || resource.uri like "page://*" };',
  '@id("no erasing") forbid(principal, action, resource == Tool::"docs_erase");',
];

const authz = (more: object = {}): object => ({ type: 'cedar', policies, ...more });

/** Once its backends are connected: a list that is complete does not change by itself. */
async function serve(
  t: Parameters<typeof startAuthApp>[0],
  block: object = { type: 'apiKeys', apiKeys, authz: authz() },
  more: object = {},
): Promise<AuthApp> {
  const backends = [
    { name: 'one', transport: 'streamable-http', url: backend.url },
    { name: 'docs', transport: 'streamable-http', url: docs.url },
  ];
  const served = await startAuthApp(t, block, { backendUrl: backend.url, blocks: { backends, ...more } });
  await served.app.status();
  return served;
}

/** Sends a request in a revision and gives the answer that belongs to it. */
type Send = (
  method: string,
  params?: JsonObject,
) => Promise<{ status: number; message: Message | undefined }>;

const last = ({ status, messages }: RawAnswer): Awaited<ReturnType<Send>> => ({
  status,
  message: messages.at(-1),
});

async function clientOf(url: URL, revision: string, token: string): Promise<Send> {
  if (revision === '2026-07-28') {
    return async (method, params = {}) => last(await modern(url, method, params, { headers: bearer(token) }));
  }
  const session = await openSession(url, { headers: bearer(token) });
  return async (method, params = {}) =>
    last(await post(url, { jsonrpc: '2.0', id: 1, method, params }, session));
}

const namesIn = (message: Message | undefined, field: string, key = 'name'): string[] =>
  ((message?.result?.[field] ?? []) as JsonObject[]).map((entry) => String(entry[key]));

const denied = (what: string): JsonObject => ({
  code: 403,
  message: `${what} denied by authorization policy`,
});

for (const revision of ['2025-11-25', '2026-07-28']) {
  describe(`${revision}:`, () => {
    test('a call that no policy permits gets 403 in the words for a name that leads nowhere', async (t) => {
      const { url } = await serve(t);
      const send = await clientOf(url, revision, bob);
      for (const name of ['one_fail', 'docs_erase', 'one_none', 'one_okk']) {
        const { status, message } = await send('tools/call', { name, arguments: {} });
        assert.deepEqual([status, message?.error], [403, denied('call')], name);
      }
      for (const name of ['docs_curse', 'docs_none']) {
        const { status, message } = await send('prompts/get', { name });
        assert.deepEqual([status, message?.error], [403, denied('prompt')], name);
      }
      for (const uri of ['doc://closed', 'doc://none', 'secret://1']) {
        const { status, message } = await send('resources/read', { uri });
        assert.deepEqual([status, message?.error], [403, denied('read')], uri);
      }
    });

    test('what a policy permits passes, by arguments, hints, backend and URI', async (t) => {
      const { url } = await serve(t);
      const send = await clientOf(url, revision, bob);
      const permitted: [string, JsonObject][] = [
        ['tools/call', { name: 'one_ok', arguments: { path: '/tmp/a' } }],
        ['tools/call', { name: 'docs_look', arguments: {} }],
        ['prompts/get', { name: 'docs_greet' }],
        ['resources/read', { uri: 'doc://open' }],
        ['resources/read', { uri: 'page://7' }],
        [
          'completion/complete',
          { ref: { type: 'ref/prompt', name: 'docs_greet' }, argument: { name: 'a', value: '' } },
        ],
        [
          'completion/complete',
          { ref: { type: 'ref/resource', uri: 'page://{n}' }, argument: { name: 'n', value: '' } },
        ],
      ];
      for (const [method, params] of permitted) {
        const { status, message } = await send(method, params);
        assert.equal(status, 200, JSON.stringify([method, params, message]));
        assert.equal(message?.error, undefined, JSON.stringify(message));
      }
      const { status } = await send('tools/call', { name: 'one_ok', arguments: { path: '/etc/a' } });
      assert.equal(status, 403);
    });

    test('lists show what their caller may use', async (t) => {
      const { url } = await serve(t);
      const send = await clientOf(url, revision, bob);
      assert.deepEqual(namesIn((await send('tools/list')).message, 'tools'), ['docs_look', 'one_ok']);
      assert.deepEqual(namesIn((await send('prompts/list')).message, 'prompts'), ['docs_greet']);
      assert.deepEqual(namesIn((await send('resources/list')).message, 'resources', 'uri'), ['doc://open']);
      const templates = await send('resources/templates/list');
      assert.deepEqual(namesIn(templates.message, 'resourceTemplates', 'uriTemplate'), ['page://{n}']);
      const all = await clientOf(url, revision, alice);
      const names = namesIn((await all('tools/list')).message, 'tools');
      assert.deepEqual([names.length, names.includes('docs_erase')], [7, false]);
      for (const [ref, what] of [
        [{ type: 'ref/prompt', name: 'docs_curse' }, 'prompt'],
        [{ type: 'ref/prompt', name: 'docs_none' }, 'prompt'],
        [{ type: 'ref/resource', uri: 'secret://{n}' }, 'read'],
      ] as const) {
        const answer = await send('completion/complete', {
          ref: { ...ref },
          argument: { name: 'n', value: '' },
        });
        assert.deepEqual([answer.status, answer.message?.error], [403, denied(what)]);
      }
    });

    test('a method that is not known is denied', async (t) => {
      const { url } = await serve(t);
      const { status, message } = await (await clientOf(url, revision, alice))('acme/do', {});
      assert.deepEqual([status, message?.error], [403, denied('request')]);
    });

    test('the holder of a token is judged by its claims', async (t) => {
      const oidc = { issuer: provider.issuer, audience, jwksAllowPrivateIp: true };
      const rules = [
        'permit(principal, action, resource in Backend::"one") when { principal.claim_level_long > 2 };',
        'permit(principal in THVGroup::"lead", action, resource in Backend::"docs");',
      ];
      const block = {
        type: 'oidc',
        oidc,
        authz: authz({ policies: rules, roleClaimName: 'realm_access.roles' }),
      };
      const { url } = await serve(t, block);
      const senior = await provider.token({ claims: { level: 3, realm_access: { roles: ['lead'] } } });
      const junior = await provider.token({ claims: { level: 1 } });
      const escaped = await provider.token({
        claims: {
          level: 1,
          boss: { __entity: { type: 'THVGroup', id: 'lead' } },
          realm_access: { __entity: { type: 'THVGroup', id: 'lead' } },
        },
      });
      const status = async (token: string, name: string): Promise<number> =>
        (await (await clientOf(url, revision, token))('tools/call', { name, arguments: {} })).status;
      assert.deepEqual([await status(senior, 'one_ok'), await status(senior, 'docs_look')], [200, 200]);
      assert.deepEqual([await status(junior, 'one_ok'), await status(junior, 'docs_look')], [403, 403]);
      assert.deepEqual([await status(escaped, 'one_ok'), await status(escaped, 'docs_look')], [403, 403]);
    });

    describe('a script', () => {
      const run = (send: Send, script: string): ReturnType<Send> =>
        send('tools/call', { name: 'execute_tool_script', arguments: { script } });
      const codeMode = { enabled: true };
      const textOf = (message: Message | undefined): string =>
        JSON.stringify(message?.result ?? message?.error);

      test('makes each inner call as its caller, and can catch a denial', async (t) => {
        const { url } = await serve(t, undefined, { codeMode });
        const send = await clientOf(url, revision, bob);
        assert.match(textOf((await run(send, 'return one_ok(path="/tmp/a")')).message), /\/tmp\/a/u);
        const reached = backend.calls.get('ok') ?? 0;
        assert.match(
          textOf((await run(send, 'return one_ok(path="/etc/a")')).message),
          /call denied by authorization policy/u,
        );
        assert.equal(backend.calls.get('ok') ?? 0, reached);
        assert.equal(textOf((await run(send, 'return one_fail()')).message).includes('always fails'), false);
      });

      test('is described with the tools that its caller may use, and finds no others', async (t) => {
        const { url } = await serve(t, undefined, { codeMode });
        const send = await clientOf(url, revision, bob);
        const tools = (await send('tools/list')).message?.result?.['tools'] as JsonObject[];
        const description = String(tools.find(({ name }) => name === 'execute_tool_script')?.['description']);
        assert.ok(description.includes('one_ok') && description.includes('docs_look'));
        assert.ok(!description.includes('one_fail') && !description.includes('docs_erase'));
        const found = textOf((await run(send, 'return search_tools("the tool")')).message);
        assert.ok(!found.includes('one_fail'), found);
      });

      test('needs a permit of its own with codeMode: policy, and a denied one ran nothing', async (t) => {
        const block = { type: 'apiKeys', apiKeys, authz: authz({ codeMode: 'policy' }) };
        const { url, metrics } = await serve(t, block, { codeMode });
        const guest = await clientOf(url, revision, bob);
        const { status, message } = await run(guest, 'return 1');
        assert.deepEqual([status, message?.error], [403, denied('call')]);
        assert.ok(!namesIn((await guest('tools/list')).message, 'tools').includes('execute_tool_script'));
        const counted = new Map<string, number>();
        for (const { name, labels, value } of await metrics()) {
          if (/tool_calls_total$|script_executions_total$/u.test(name) && value > 0)
            counted.set(`${name} ${labels['method'] ?? ''} ${labels['status']}`, value);
        }
        assert.deepEqual([...counted], [['toolhive_vmcp_tool_calls_total tool_call error', 1]]);
        assert.equal((await run(await clientOf(url, revision, alice), 'return 1')).status, 200);
      });
    });
  });
}

test('a denial says the same over stdio', async (t) => {
  const block = { type: 'apiKeys', apiKeys, authz: authz() };
  const { app } = await startAuthApp(t, block, { backendUrl: backend.url, environment: { VMCP_TOKEN: bob } });
  const [input, output] = [new PassThrough(), new PassThrough()];
  void app.serveStdio(input, output);
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  };
  for (const message of [
    { id: 1, method: 'initialize', params },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'one_fail', arguments: {} } },
  ]) {
    input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
  await eventually(() => assert.ok(text.includes('"id":2')));
  const answer = text.split('\n').find((line) => line.includes('"id":2')) ?? '';
  assert.deepEqual((JSON.parse(answer) as Message).error, denied('call'));
  input.end();
});

test('the log of a denial names policies, and nothing that the caller sent', async (t) => {
  const { url, logged } = await serve(t);
  const send = await clientOf(url, '2026-07-28', bob);
  await send('tools/call', { name: 'docs_erase', arguments: { password: 'hunter2' } });
  await send('tools/call', { name: 'made_up_name', arguments: {} });
  const lines = logged.filter((line) => line.includes('denied by authorization policy'));
  assert.equal(lines.length, 2);
  assert.ok(lines[0]?.includes('no erasing'), lines[0]);
  assert.ok(lines.every((line) => !/hunter2|made_up_name/u.test(line)));
});

test('without a policy that could deny, nothing changes and no engine is loaded', async (t) => {
  const everything = authz({ policies: ['permit(principal, action, resource); // all'] });
  const { url } = await serve(t, { type: 'apiKeys', apiKeys, authz: everything });
  const send = await clientOf(url, '2026-07-28', bob);
  const { message } = await send('tools/call', { name: 'one_okk', arguments: {} });
  assert.match(message?.error?.message ?? '', /Unknown tool: one_okk\. Did you mean "one_ok"\?/u);
});

describe('a change of policies', () => {
  test('takes effect on the next call, and is told to the sessions whose list changed', async (t) => {
    const { url, reload } = await serve(t);
    // Lists that are still being read would be told to everyone when they are there.
    const first = await clientOf(url, '2026-07-28', alice);
    for (const list of ['tools', 'prompts', 'resources', 'resources/templates']) await first(`${list}/list`);
    const heard = async (token: string): Promise<{ readonly text: () => string }> => {
      const session = await openSession(url, { headers: bearer(token) });
      const stop = new AbortController();
      t.after(() => stop.abort());
      const headers = { ...session, accept: 'text/event-stream' };
      const response = await fetch(url, { headers, signal: stop.signal });
      let text = '';
      const read = async (): Promise<void> => {
        for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
      };
      read().catch(() => undefined);
      return { text: () => text };
    };
    const [ofAlice, ofBob] = [await heard(alice), await heard(bob)];
    const send = await clientOf(url, '2026-07-28', bob);
    assert.equal((await send('tools/call', { name: 'one_fail', arguments: {} })).status, 403);
    const more = [
      ...policies,
      'permit(principal in THVGroup::"guests", action, resource == Tool::"one_fail");',
    ];
    await reload({ type: 'apiKeys', apiKeys, authz: authz({ policies: more }) });
    assert.equal((await send('tools/call', { name: 'one_fail', arguments: {} })).status, 200);
    await eventually(() => assert.match(ofBob.text(), /tools\/list_changed/u));
    assert.doesNotMatch(ofAlice.text(), /list_changed/u);
    assert.doesNotMatch(ofBob.text(), /prompts\/list_changed|resources\/list_changed/u);
  });

  test('in a file takes effect by itself, and one that is not sound changes nothing', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'vmcp-policies-'));
    t.after(() => rm(folder, { recursive: true }));
    const write = async (name: string, text: string): Promise<void> => {
      await writeFile(join(folder, 'new'), text);
      await rename(join(folder, 'new'), join(folder, name));
    };
    await write('a.cedar', `// ours\n${policies.join('\n')}`);
    const files = authz({ policies: [], policyFiles: [join(folder, '*.cedar')] });
    const { url, logged } = await serve(t, { type: 'apiKeys', apiKeys, authz: files });
    const send = await clientOf(url, '2026-07-28', bob);
    const status = async (): Promise<number> =>
      (await send('tools/call', { name: 'one_fail', arguments: {} })).status;
    assert.equal(await status(), 403);
    await write('b.cedar', 'permit(principal, action == Action::"tools/call", resource);');
    await eventually(() => assert.ok(logged.some((line) => line.includes('config not reloaded'))));
    assert.ok(logged.some((line) => line.includes('b.cedar') && line.includes('call_tool')));
    assert.equal(await status(), 403);
    await write('b.cedar', 'permit(principal, action == Action::"call_tool", resource);');
    await eventually(async () => assert.equal(await status(), 200));
  });
});

test('the start fails for policies that are not sound, with the corrected policy', async (t) => {
  const wrong = 'permit(principal, action == Action::"tools/call", resource == Tool::"one_ok");';
  await assert.rejects(
    serve(t, { type: 'apiKeys', apiKeys, authz: authz({ policies: [wrong] }) }),
    (error: Error) =>
      error.message.includes('incomingAuth.authz.policies[0]') &&
      error.message.includes('permit(principal, action == Action::"call_tool", resource == Tool::"one_ok");'),
  );
});
