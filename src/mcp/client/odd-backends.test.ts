/** Backends that are odd in one respect, and work with the official client all the same. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { askable, fakeCaller, fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import {
  type Asked,
  startScriptedBackend,
  type Step,
  stream,
} from '../../../test/fixtures/scripted-backend.ts';
import type { Listing } from '../../gateway/index.ts';
import type { JsonObject } from '../../protocol/index.ts';
import { createBackendClient } from './index.ts';

const soon = AbortSignal.timeout(600_000);

function create(t: TestContext, url: URL) {
  const logged: string[] = [];
  const client = createBackendClient(
    { name: 'b', transport: 'streamable-http', url },
    {
      clientInfo: { name: 'vmcp', version: '1' },
      environment: process.env,
      onLog: ({ message }) => void logged.push(message),
    },
  );
  t.after(() => client.close());
  return { client, logged };
}

async function scripted(t: TestContext, steps: Readonly<Record<string, Step>>, capabilities?: JsonObject) {
  const declared = capabilities ?? { tools: {}, prompts: {}, resources: {}, logging: {} };
  const options = { revision: '2025-11-25', sessions: true, capabilities: declared } as const;
  const backend = await startScriptedBackend(steps, options);
  t.after(() => backend.close());
  const { client, logged } = create(t, backend.url);
  const count = (method: string): number => backend.asked.filter((asked) => asked.method === method).length;
  return { backend, client, logged, count };
}

const listMethods: Readonly<Record<Listing, string>> = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
};

describe('a list that is none', () => {
  for (const [listing, method] of Object.entries(listMethods) as [Listing, string][]) {
    for (const found of [null, 'none', { a: {} }, undefined]) {
      test(`${method} with ${JSON.stringify(found)} is empty, and said`, async (t) => {
        const step = (): JsonObject => ({ result: { [listing]: found } });
        const { client, logged } = await scripted(t, { [method]: step });
        await client.connect(soon);
        assert.deepEqual(await client.list(listing, soon), []);
        await client.list(listing, soon);
        assert.equal(
          logged.filter((line) => line.includes(`answered ${method} with "${listing}"`)).length,
          1,
        );
      });
    }

    for (const status of [404, 500]) {
      test(`${method} with HTTP ${status} says something of that list alone`, async (t) => {
        const { client, count } = await scripted(t, {
          [method]: (_asked, response) => void response.writeHead(status).end(),
          ping: () => ({ result: {} }),
        });
        await client.connect(soon);
        for (let time = 0; time < 3; time++) {
          await assert.rejects(client.list(listing, soon), { code: 'http-status' });
          await client.ping(soon);
        }
        assert.ok(count('initialize') <= 2, 'no session is opened for it again and again');
      });
    }
  }

  test('ends where the cursor is no cursor, which is said', async (t) => {
    const { client, logged } = await scripted(t, {
      'prompts/list': () => ({ result: { prompts: [{ name: 'a' }], nextCursor: 7 } }),
    });
    await client.connect(soon);
    assert.deepEqual(await client.list('prompts', soon), [{ name: 'a' }]);
    assert.match(logged.join('\n'), /"nextCursor": expected a string, found a number; the list ends there/);
  });
});

describe('a server with one session', () => {
  async function start(t: TestContext): Promise<URL> {
    const mcp = new McpServer({ name: 'single', version: '1' });
    mcp.registerTool('who', {}, () => ({ content: [{ type: 'text', text: 'me' }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
    await mcp.connect(transport);
    const server = createServer((request, response) => {
      transport.handleRequest(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(async () => {
      await mcp.close();
      server.closeAllConnections();
      server.close();
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  }

  test('is called over that session, by one principal', async (t) => {
    const { client, logged } = create(t, await start(t));
    await client.connect(soon);
    for (const sessionId of ['one', 'two']) {
      for (const capabilities of [{}, askable]) {
        const caller = fakeCaller({ sessionId, capabilities });
        const result = await client.request(toolRequest('who', {}, { caller }));
        assert.deepEqual(result['content'], [{ type: 'text', text: 'me' }]);
      }
    }
    const principal = { ...fakeCaller().principal, issuer: 'https://id.example', subject: 'somebody else' };
    const caller = fakeCaller({ sessionId: 'three', principal });
    await assert.rejects(client.request(toolRequest('who', {}, { caller })), {
      code: 'busy',
      message: /keeps one session, which calls of another principal use/,
    });
    assert.equal(logged.filter((line) => line.includes('refused a second')).length, 1);
  });
});

describe('a lost session', () => {
  const lost: [string, number, JsonObject | string][] = [
    ['as the official server says it', 400, rpcError(null, -32000, 'Bad Request: Server not initialized')],
    ['without the id of a request', 404, rpcError(null, -32001, 'Session not found')],
    ['in words of its own', 400, 'invalid sessionId'],
    ['as gone', 410, 'session expired'],
  ];
  for (const [how, status, body] of lost) {
    test(`that is told ${how} is opened anew, once, and the call is sent again`, async (t) => {
      let restarted = false;
      const { client, count } = await scripted(t, {
        'tools/call': ({ headers }, response) => {
          if (headers['mcp-session-id'] === `session-${count('initialize')}` && restarted)
            return { result: { content: [] } };
          restarted = true;
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(typeof body === 'string' ? body : JSON.stringify(body));
          return undefined;
        },
      });
      await client.connect(soon);
      await client.request(toolRequest('do'));
      assert.ok(count('tools/call') <= 3);
    });
  }

  test('is not what an error means that names its request: the tool may have run, and runs once', async (t) => {
    for (const status of [400, 404, 410]) {
      const { client, count } = await scripted(t, {
        'tools/call': ({ id }: Asked, response) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(rpcError(id, -32602, 'no such session in the database')));
        },
      });
      await client.connect(soon);
      await assert.rejects(client.request(toolRequest('do')), { code: -32602 });
      assert.equal(count('tools/call'), 1);
    }
  });
});

describe('the question for the newest revision', () => {
  const refusals: Readonly<Record<string, Step>> = {
    'HTTP 500': (_asked, response) => void response.writeHead(500).end('no'),
    'HTTP 502': (_asked, response) => void response.writeHead(502).end('no'),
    'HTTP 403': (_asked, response) => void response.writeHead(403).end('no'),
    'HTTP 204': (_asked, response) => void response.writeHead(204).end(),
    'a page': (_asked, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    'a reset': (_asked, response) => void response.destroy(),
    'an empty result': () => ({ result: {} }),
    'a null for the versions': () => ({ result: { supportedVersions: null } }),
  };
  for (const [how, step] of Object.entries(refusals)) {
    test(`is followed by initialize where it is answered by ${how}`, async (t) => {
      const { client } = await scripted(t, { 'server/discover': step });
      assert.equal((await client.connect(soon)).revision, '2025-11-25');
    });
  }
});

describe('the handshake', () => {
  test('is understood with odd capabilities and names', async (t) => {
    const capabilities = { tools: true, prompts: null, resources: { subscribe: 'true' }, logging: false };
    const { client, logged } = await scripted(t, {
      initialize: () => ({
        result: {
          protocolVersion: '2025-11-25',
          capabilities,
          serverInfo: { name: 'odd', version: 1.5 },
          instructions: 7,
          _meta: null,
        },
      }),
    });
    const info = await client.connect(soon);
    assert.deepEqual(info.capabilities, { tools: {}, resources: { subscribe: true } });
    assert.deepEqual(info.serverInfo, { name: 'odd', version: '1.5' });
    assert.equal(info.instructions, undefined);
    for (const field of ['capabilities.tools', 'serverInfo.version', 'instructions'])
      assert.ok(
        logged.some((line) => line.startsWith(`answered the handshake with "${field}"`)),
        field,
      );
  });
});

describe('what comes with a call', () => {
  test('has its odd fields repaired, each said once however often it comes', async (t) => {
    const content = [
      { type: 'text', text: 7 },
      { type: 'text' },
      { type: 'text', text: 'kept', _meta: null },
    ];
    const structuredContent = { a: null, content: [{ type: 'text' }] };
    const { client, logged } = await scripted(t, {
      'tools/call': () => ({ result: { content, structuredContent, isError: 'false', unheard: 1 } }),
    });
    await client.connect(soon);
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(await client.request(toolRequest('do')), {
        content: [
          { type: 'text', text: '7' },
          { type: 'text', text: 'kept' },
        ],
        structuredContent,
        isError: false,
        unheard: 1,
      });
    }
    assert.deepEqual(
      logged.filter((line) => line.startsWith('answered tools/call of "do"')),
      [
        'answered tools/call of "do" with "content[0].text": expected a string, found a number; it is read as a string',
        'answered tools/call of "do" with "content[1].text": expected a string, found nothing; what holds it is left out',
        'answered tools/call of "do" with "isError": expected a boolean, found a string; it is read as a boolean',
      ],
    );
  });

  test('is told to the client as it can take it, and what is of no use is not', async (t) => {
    const { client, logged } = await scripted(t, {
      'tools/call': ({ id, params }, response) => {
        const { progressToken } = params['_meta'] as JsonObject;
        const progress = (more: JsonObject): JsonObject => ({
          method: 'notifications/progress',
          params: { progressToken, ...more },
        });
        stream(
          response,
          { method: 'notifications/message', params: { level: 'WARN', logger: null, data: 1 } },
          progress({ progress: '1', total: null }),
          progress({ progress: null }),
          { id, result: { content: [] } },
        );
      },
    });
    await client.connect(soon);
    const heard = fakeClient({});
    const request = toolRequest('do', {}, { client: heard });
    const params = { ...request.params, _meta: { progressToken: 'mine' } };
    await client.request({ ...request, params });
    assert.deepEqual(heard.heard, [
      { method: 'notifications/message', params: { level: 'warning', data: 1 } },
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
    ]);
    assert.match(logged.join('\n'), /sends notifications\/message with "level"/);
    assert.match(
      logged.join('\n'),
      /sends notifications\/progress with "progress": expected a number, found null/,
    );
  });

  test('is asked, and answered, in fields that the other side can take', async (t) => {
    const { backend, client, logged } = await scripted(t, {
      'tools/call': async ({ id }, response) => {
        const ask = (askId: string, params: JsonObject): string =>
          `data: ${JSON.stringify({ jsonrpc: '2.0', id: askId, method: 'elicitation/create', params })}\n\n`;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const properties = { a: { type: 'string', title: null }, b: 7 };
        response.write(ask('good', { message: 'm', requestedSchema: { properties, required: 'a' } }));
        response.write(ask('useless', { message: 'm', requestedSchema: 'none' }));
        while (backend.answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
        response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
      },
    });
    await client.connect(soon);
    const asked = fakeClient({ 'elicitation/create': { action: 'ACCEPT', content: { a: 'x', b: null } } });
    const caller = fakeCaller({ capabilities: askable });
    await client.request(toolRequest('do', {}, { client: asked, caller }));
    assert.deepEqual(asked.asked, [
      {
        method: 'elicitation/create',
        params: {
          message: 'm',
          requestedSchema: { properties: { a: { type: 'string' } }, required: ['a'], type: 'object' },
        },
      },
    ]);
    const answerTo = (id: string): JsonObject | undefined =>
      backend.answers.find((each) => each['id'] === id);
    assert.deepEqual(answerTo('good')?.['result'], { action: 'accept', content: { a: 'x' } });
    assert.equal((answerTo('useless')?.['error'] as JsonObject | undefined)?.['code'], -32602);
    assert.match(logged.join('\n'), /is answered elicitation\/create by a client with "content.b"/);
  });
});

function rpcError(id: number | string | null | undefined, code: number, message: string): JsonObject {
  return { jsonrpc: '2.0', id: id ?? null, error: { code, message } };
}
