/** Each mode of code mode, with each wish, over each transport and kind of revision: what is listed, may be called, is counted. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { configReader, startApp, type App } from '../../src/server/index.ts';
import type { JsonObject } from '../../src/protocol/index.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { Ledger } from '../support/ledger.ts';
import { parseMetrics, sumOf, type Sample } from '../support/metrics-text.ts';
import { modernMeta, modernRequest, openSession, post, type Message } from '../support/raw-mcp.ts';

const modes = ['alongside', 'optIn', 'default', 'enforced'] as const;
type Mode = (typeof modes)[number];
const wishes = [undefined, 'on', 'off'] as const;
type Wish = (typeof wishes)[number];
const revisions = ['2025-11-25', '2026-07-28'] as const;
type Revision = (typeof revisions)[number];
const ways = ['header', 'url', 'stdio'] as const;

const script = 'execute_tool_script';
const pinned = 'one_ok';
const others = ['one_big', 'one_fail', 'one_hold', 'one_refuse', 'one_slow'];
const plain = [...others, pinned].sort();
const alongside = [...plain, script].sort();
const proper = [script, pinned].sort();

/** What a client is listed; one row for each mode: no wish, on, off. */
const listed: Readonly<Record<Mode, readonly [none: string[], on: string[], off: string[]]>> = {
  alongside: [alongside, alongside, alongside],
  optIn: [plain, proper, plain],
  default: [proper, proper, plain],
  enforced: [proper, proper, proper],
};

interface Client {
  ask(method: string, params: JsonObject): Promise<Message>;
  close(): void;
}

async function overHttp(app: App, revision: Revision, way: 'header' | 'url', wish: Wish): Promise<Client> {
  const query = way === 'url' && wish !== undefined ? `?codeMode=${wish}` : '';
  const url = new URL(`${app.url}/mcp${query}`);
  const wished = way === 'header' && wish !== undefined ? { 'vmcp-code-mode': wish } : {};
  const plainUrl = new URL(`${app.url}/mcp`);
  if (revision === '2026-07-28') {
    return {
      ask: async (method, params) => {
        const { body, headers } = modernRequest(method, params, { headers: wished });
        return (await post(url, body, headers)).messages.at(-1)!;
      },
      close: () => undefined,
    };
  }
  const { 'vmcp-code-mode': _, ...session } = await openSession(url, { headers: wished });
  let id = 0;
  return {
    // The wish is fixed: what follows does not repeat it.
    ask: async (method, params) =>
      (await post(plainUrl, { jsonrpc: '2.0', id: ++id, method, params }, session)).messages.at(-1)!,
    close: () => undefined,
  };
}

async function overStdio(app: App, revision: Revision, wish: Wish): Promise<Client> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = app.serveStdio(input, output, wish === undefined ? {} : { codeMode: wish });
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  const ask = async (method: string, params: JsonObject): Promise<Message> => {
    const meta = revision === '2026-07-28' ? { _meta: modernMeta } : {};
    input.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: method, method, params: { ...params, ...meta } })}\n`,
    );
    for (;;) {
      const { value } = await lines.next();
      const message = JSON.parse(String(value)) as Message;
      if (message.id === method) return message;
    }
  };
  if (revision === '2025-11-25')
    await ask('initialize', {
      protocolVersion: revision,
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    });
  return { ask, close: () => void (input.end(), served) };
}

for (const mode of modes) {
  describe(`codeMode.mode ${mode}`, () => {
    let backend: ControlledBackend;
    let app: App;
    const ledger = new Ledger();
    let refusals = 0;

    before(async () => {
      backend = await startControlledBackend();
      const config = {
        name: 'modes',
        backends: [{ name: 'one', transport: 'streamable-http', url: backend.url }],
        codeMode: { enabled: true, mode, listed: ['one_o*'] },
      };
      const text = JSON.stringify(config);
      app = await startApp({
        loaded: configReader.parse(text, { file: '/tmp/vmcp.yaml', environment: {} }),
        version: '1',
        environment: process.env,
        logSink: () => undefined,
        host: '127.0.0.1',
        port: 0,
        allowedHosts: [],
        sessionTtlMs: 60_000,
      });
      await app.open();
      await app.status();
    });
    after(() => Promise.all([app?.close(0), backend?.close()]));

    const metrics = async (): Promise<Sample[]> =>
      parseMetrics(await (await fetch(`${app.url}/metrics`)).text());

    for (const revision of revisions)
      for (const way of ways)
        for (const [index, wish] of wishes.entries())
          test(`${revision}, ${way}, wish ${wish ?? 'none'}: lists, calls and counts`, async () => {
            const client =
              way === 'stdio'
                ? await overStdio(app, revision, wish)
                : await overHttp(app, revision, way, wish);
            const { result } = await client.ask('tools/list', {});
            const names = (result!['tools'] as { name: string }[]).map(({ name }) => name);
            assert.deepEqual(names, listed[mode][index]);

            const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
              (await client.ask('tools/call', { name, arguments: args })).result!;
            // A wish changes what is listed, never what may be called.
            assert.equal((await call(script, { script: 'return one_big(bytes=2)' }))['isError'], undefined);
            ledger.record('execute_tool_script', 'success');
            assert.equal((await call(pinned, { a: 1 }))['isError'], undefined);
            ledger.record('tool_call', 'success');
            const unlisted = await call('one_big', { bytes: 2 });
            if (mode === 'enforced') {
              refusals++;
              ledger.record('tool_call', 'error');
              assert.equal(unlisted['isError'], true);
              assert.match(JSON.stringify(unlisted['content']), /return one_big\(bytes=2\)/u);
            } else {
              ledger.record('tool_call', 'success');
              assert.deepEqual(unlisted['content'], [{ type: 'text', text: 'xx' }]);
            }
            // A name that does not exist is unknown, not refused.
            const unknown = await client.ask('tools/call', { name: 'one_bigger', arguments: {} });
            ledger.record('tool_call', 'error');
            assert.match(unknown.error?.message ?? '', /^Unknown tool: one_bigger/u);
            await ledger.assertMatches(metrics);
            assert.equal(sumOf(await metrics(), 'toolhive_vmcp_code_mode_refusals_total', {}), refusals);
            client.close();
          });

    test('is told in one series, and a refused call reached no backend', async () => {
      const info = (await metrics()).filter(({ name }) => name === 'toolhive_vmcp_code_mode_info');
      assert.deepEqual(
        info.map(({ labels, value }) => [labels['mode'], value]),
        [[mode, 1]],
      );
      const combinations = revisions.length * ways.length * wishes.length;
      assert.equal(backend.calls.get('big'), mode === 'enforced' ? combinations : 2 * combinations);
    });

    test('measures both lists', async () => {
      const sizeOf = async (view: string): Promise<number | undefined> =>
        sumOf(await metrics(), 'toolhive_vmcp_tool_list_bytes', { view });
      const bytesOf = async (wish: 'on' | 'off'): Promise<number> => {
        const { body, headers } = modernRequest('tools/list', {}, { headers: { 'vmcp-code-mode': wish } });
        const { result } = (await post(new URL(`${app.url}/mcp`), body, headers)).messages.at(-1)!;
        return Buffer.byteLength(JSON.stringify({ tools: result!['tools'] }));
      };
      assert.equal(await sizeOf('code_mode'), await bytesOf('on'));
      if (mode === 'optIn' || mode === 'default') assert.equal(await sizeOf('all'), await bytesOf('off'));
      assert.ok((await sizeOf('all'))! > 0);
    });

    test('a wish that cannot be read is refused with 400, and is no tool call', async () => {
      for (const [query, headers] of [
        ['', { 'vmcp-code-mode': 'maybe' }],
        ['?codeMode=', {}],
      ] as const) {
        const url = new URL(`${app.url}/mcp${query}`);
        for (const revision of revisions) {
          const { body, headers: own } =
            revision === '2026-07-28'
              ? modernRequest('tools/call', { name: pinned, arguments: {} })
              : { body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }, headers: {} };
          const answer = await post(url, body, { ...own, ...headers });
          assert.equal(answer.status, 400);
          assert.match(answer.messages[0]?.error?.message ?? '', /expected .* to be "on" or "off"/u);
        }
      }
      await ledger.assertMatches(metrics);
    });
  });
}
