/** The client side of the gateway, driven by the official SDK client in both revisions, over HTTP and stdio. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';

const versions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
type Version = (typeof versions)[number];

/** What the tests look at of one connected client. */
interface Connected {
  readonly client: Client;
  readonly toolsChanged: () => number;
}

async function connect(
  version: Version,
  transport: StreamableHTTPClientTransport | StdioClientTransport,
): Promise<Connected> {
  let changes = 0;
  const options: ClientOptions = {
    capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
    listChanged: { tools: { debounceMs: 0, onChanged: () => void changes++ } },
    ...(version === '2026-07-28'
      ? { versionNegotiation: { mode: { pin: version } } }
      : { versionNegotiation: { mode: 'legacy' }, supportedProtocolVersions: [version] }),
  };
  const client = new Client({ name: 'edge-test', version: '1' }, options);
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ann' } }));
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'none',
    content: { type: 'text', text: 'Paris' },
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///here' }] }));
  await client.connect(transport);
  return { client, toolsChanged: () => changes };
}

/** Everything that must work the same for each revision and transport. */
function assertServed(connected: () => Connected, version: Version): void {
  test('negotiates the revision, and says who it is', () => {
    const { client } = connected();
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    assert.equal(client.getServerVersion()?.name, 'edge');
    assert.equal(client.getInstructions(), 'be kind');
    assert.deepEqual(client.getServerCapabilities()?.tools, { listChanged: true });
  });

  test('lists tools and calls one', async () => {
    const { client } = connected();
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'echo'));
    const result = await client.callTool({ name: 'echo', arguments: { a: [1, 'ü'] } });
    assert.deepEqual(result.content, [{ type: 'text', text: '{"a":[1,"ü"]}' }]);
  });

  test('passes fields on that nobody has heard of', async () => {
    const result = await connected().client.callTool({ name: 'strange' });
    assert.deepEqual((result as Record<string, unknown>)['futureField'], { x: 1 });
    assert.equal(result._meta?.['example.com/note'], 'kept');
  });

  test('reports progress before the answer', async () => {
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void seen.push(progress);
    const { client } = connected();
    const call = client.callTool({ name: 'progress' }, { onprogress });
    await eventually(() => assert.deepEqual(seen, [1, 2, 3]));
    await client.callTool({ name: 'release' });
    await call;
    assert.deepEqual(seen, [1, 2, 3]);
  });

  test('asks the client in mid-call: elicitation, sampling and roots', async () => {
    const { client } = connected();
    const result = await client.callTool({ name: 'ask' });
    const text = (result.content as { text: string }[])[0]?.text ?? '';
    assert.deepEqual(JSON.parse(text), ['Ann', 'Paris', 'file:///here']);
  });

  test('asks the client twice in one call', async () => {
    const result = await connected().client.callTool({ name: 'askTwice' });
    assert.deepEqual(result.content, [{ type: 'text', text: 'Ann Ann' }]);
  });

  test('serves resources, prompts and completions', async () => {
    const { client } = connected();
    assert.equal((await client.listResources()).resources[0]?.uri, 'test://a');
    assert.deepEqual((await client.readResource({ uri: 'test://a' })).contents, [
      { uri: 'test://a', text: 'A' },
    ]);
    assert.equal((await client.listPrompts()).prompts[0]?.name, 'greet');
    assert.equal((await client.getPrompt({ name: 'greet' })).messages.length, 1);
    const ref = { type: 'ref/prompt', name: 'greet' } as const;
    const { completion } = await client.complete({ ref, argument: { name: 'x', value: '' } });
    assert.deepEqual(completion.values, ['x']);
  });

  test('passes errors on with code and data', async () => {
    const { client } = connected();
    await assert.rejects(client.callTool({ name: 'nope' }), { code: -32602 });
    await assert.rejects(client.callTool({ name: 'fails' }), { code: -1234, data: { why: 'because' } });
    const missing = version === '2026-07-28' ? -32602 : -32002;
    await assert.rejects(client.readResource({ uri: 'test://gone' }), { code: missing });
  });
}

describe('over Streamable HTTP', () => {
  for (const version of versions) {
    describe(version, () => {
      let edge: Edge;
      let connected: Connected;
      before(async () => {
        edge = await startEdge({ tools: edgeTools });
        connected = await connect(version, new StreamableHTTPClientTransport(edge.url));
      });
      after(async () => {
        await connected.client.close();
        await edge.close();
        assert.deepEqual(edge.faults, []);
      });

      assertServed(() => connected, version);

      test('tells that tools changed', async () => {
        await eventually(() => assert.ok(edge.endpoint.load.listens + edge.endpoint.load.sessions > 0));
        const changesBefore = connected.toolsChanged();
        await eventually(() => {
          edge.gateway.emit({ type: 'toolsChanged' });
          assert.ok(connected.toolsChanged() > changesBefore);
        });
      });

      test('a call that the client gives up is cancelled', async () => {
        const controller = new AbortController();
        const call = connected.client.callTool({ name: 'hang' }, { signal: controller.signal });
        await eventually(() => assert.equal(edge.gateway.calls.at(-1)?.name, 'hang'));
        controller.abort(new Error('enough'));
        await assert.rejects(call);
        const signal = edge.gateway.calls.at(-1)?.signal;
        await eventually(() => assert.equal((signal?.reason as Error | undefined)?.name, 'CancelledError'));
        await eventually(() => assert.equal(edge.endpoint.load.running, 0));
      });
    });
  }
});

describe('over stdio', () => {
  for (const version of versions) {
    describe(version, () => {
      let connected: Connected;
      before(async () => {
        const server = fileURLToPath(new URL('../fixtures/edge-stdio.ts', import.meta.url));
        const transport = new StdioClientTransport({
          command: process.execPath,
          args: [server],
          stderr: 'inherit',
        });
        connected = await connect(version, transport);
      });
      after(() => connected.client.close());

      assertServed(() => connected, version);

      test('tells that tools changed', async () => {
        await eventually(async () => {
          await connected.client.callTool({ name: 'changeTools' });
          assert.ok(connected.toolsChanged() > 0);
        });
      });
    });
  }
});

describe('a tool whose results are no objects, which only 2026-07-28 knows,', () => {
  const numbers = { type: 'array', items: { type: 'integer' } };
  let edge: Edge;
  before(async () => {
    edge = await startEdge({ tools: { numbers: () => ({ content: [], structuredContent: [1, 2] }) } });
    const inputSchema = { type: 'object' };
    edge.gateway.listed = [
      { name: 'echo', inputSchema, outputSchema: inputSchema },
      { name: 'numbers', inputSchema, outputSchema: numbers },
    ];
  });
  after(() => edge.close());

  test('is shown whole to a client of that revision', async (t) => {
    const { client } = await connect('2026-07-28', new StreamableHTTPClientTransport(edge.url));
    t.after(() => client.close());
    const { tools } = await client.listTools();
    assert.deepEqual(tools[1]?.outputSchema, numbers);
    assert.deepEqual((await client.callTool({ name: 'numbers' })).structuredContent, [1, 2]);
  });

  for (const version of ['2025-06-18', '2025-11-25'] as const) {
    test(`does not keep a client of ${version} from the list, and is called as that revision can`, async (t) => {
      const { client } = await connect(version, new StreamableHTTPClientTransport(edge.url));
      t.after(() => client.close());
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name, outputSchema }) => [name, outputSchema?.type]),
        [
          ['echo', 'object'],
          ['numbers', undefined],
        ],
      );
      const result = await client.callTool({ name: 'numbers' });
      assert.deepEqual(result.structuredContent, { result: [1, 2] });
      assert.deepEqual(result.content, [{ type: 'text', text: '[1,2]' }]);
    });
  }
});
