/**
 * Scripts of the kind that agents write, against real MCP servers behind the built command line: the three of the demo
 * and a clock.
 */
import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectHttp, revisions } from '../support/clients.ts';
import { sumOf } from '../support/metrics-text.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, repositoryRoot, startVmcp } from '../support/vmcp.ts';
import type { Vmcp } from '../support/vmcp.ts';

/** What each script returns, and how many calls it makes. */
const expected: Record<
  string,
  { readonly value: unknown; readonly calls: number; readonly printed?: RegExp }
> = {
  'incident-triage': {
    value: {
      findings: [
        { service: 'checkout', errors: 3, most_common: 'payment refused', owner: 'ada' },
        { service: 'search', errors: 1, most_common: 'index is stale', owner: null },
      ],
      notice: 'Echo: checkout: 3 errors, page ada',
      has_time: true,
    },
    calls: 7,
    printed: /^checked 3 services$/u,
  },
  pagination: { value: { pages: 4, rows: 40, sum: 780 }, calls: 4 },
  join: {
    value: [
      { team: 'blue', members: 2, total: 30 },
      { team: 'green', members: 0, total: 5 },
    ],
    calls: 2,
  },
  retries: { value: { tries: [false, true], text: 'written on try 1' }, calls: 4 },
  'fan-out': { value: { first: 0, last: 2450, right: true }, calls: 50 },
  'write-and-verify': { value: { files: 20, verified: true }, calls: 22 },
  graph: { value: { services: 4, most_called: ['db', 3] }, calls: 4 },
  'search-and-group': {
    value: { INFO: 4, ERROR: 4 },
    calls: 4,
    printed: /\| ERROR \| 4 \|\n\| INFO \| 4 \|/u,
  },
  discovery: { value: { tool: 'everything_get-sum', answer: 'The sum of 20 and 21 is 41.' }, calls: 1 },
  'partial-failure': {
    value: {
      good: { one: 'this is one', two: 'this is two', three: 'this is three' },
      bad: ['absent', 'missing'],
    },
    calls: 5,
  },
  cities: {
    value: { known: 2, unknown: ['Atlantis'], fields: ['conditions', 'humidity', 'temperature'] },
    calls: 2,
  },
  'exact-numbers': { value: '[9007199254740993,12345678901234567891]', calls: 1 },
};

const folder = new URL('agents/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace('.star', ''));

describe('an agent’s script against real servers', { timeout: 120_000 }, () => {
  const real = realBackends();
  let vmcp: Vmcp;
  const clients = new Map<string, Client>();

  before(async () => {
    fillFolder(real.folder);
    const clock = resolve(repositoryRoot, 'node_modules/time-mcp/dist/index.js');
    vmcp = await startVmcp({
      name: 'agents',
      backends: [
        real.everything,
        real.memory,
        { ...real.filesystem, name: 'files' },
        { name: 'clock', transport: 'stdio', command: process.execPath, args: [clock] },
      ],
      codeMode: { enabled: true },
    });
    await vmcp.status(allHealthy);
    for (const revision of revisions) clients.set(revision, await connectHttp(vmcp.mcpUrl, revision));
    await fillMemory(clientOf('2025-11-25'));
  });
  after(async () => {
    for (const client of clients.values()) await client.close();
    await vmcp?.stop();
  });

  function clientOf(revision: string): Client {
    const client = clients.get(revision);
    assert.ok(client);
    return client;
  }

  test('is one of at least ten', () => {
    assert.ok(names.length >= 10);
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
  });

  for (const [index, name] of names.entries()) {
    test(`${name} returns what it should, in as many calls as it should`, async () => {
      const script = readFileSync(new URL(`${name}.star`, folder), 'utf8');
      const data = { folder: real.folder, services: ['checkout', 'search', 'login'] };
      const before = await innerCalls();
      const client = clientOf(revisions[index % 2] ?? '2025-11-25');
      const result = await client.callTool({ name: 'execute_tool_script', arguments: { script, data } });
      const texts = (result.content as { text?: string }[]).map(({ text }) => text ?? '');
      assert.equal(result.isError ?? false, false, texts.join('\n'));
      const { value, calls, printed } = expected[name] ?? { value: undefined, calls: 0 };
      if (typeof value === 'string') assert.equal(texts[0], value);
      else assert.deepEqual(JSON.parse(texts[0] ?? ''), value);
      if (printed !== undefined) assert.match(texts[1] ?? '', printed);
      assert.equal((await innerCalls()) - before, calls);
    });
  }

  async function innerCalls(): Promise<number> {
    return sumOf(await vmcp.metrics(), 'toolhive_vmcp_script_tool_calls_sum') ?? Number.NaN;
  }

  for (const revision of revisions) {
    test(`whose tool asks the user: ${revision} passes it on or says to call the tool directly`, async () => {
      let asked = 0;
      const client = await connectHttp(vmcp.mcpUrl, revision, {
        capabilities: { elicitation: { form: {} } },
        onConnecting: (connecting) => {
          connecting.setRequestHandler('elicitation/create', () => {
            asked++;
            return { action: 'decline' };
          });
        },
      });
      const name = 'everything_trigger-elicitation-request';
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      assert.ok(names.includes(name));
      const script = `return call_tool("${name}")`;
      const result = await client.callTool({ name: 'execute_tool_script', arguments: { script } });
      const text = JSON.stringify(result.content);
      await client.close();
      if (revision === '2025-11-25') {
        assert.deepEqual([asked, result.isError ?? false], [1, false], text);
      } else {
        assert.deepEqual([asked, result.isError], [0, true], text);
        assert.match(text, /Call everything_trigger-elicitation-request directly, outside of a script/u);
      }
    });
  }
});

async function fillMemory(client: Client): Promise<void> {
  await client.callTool({
    name: 'memory_create_entities',
    arguments: {
      entities: [
        { name: 'checkout', entityType: 'system', observations: ['takes money', 'owned by ada'] },
        { name: 'search', entityType: 'system', observations: ['finds things'] },
        { name: 'blue', entityType: 'team', observations: ['ada', 'grace'] },
      ],
    },
  });
}

function fillFolder(path: string): void {
  mkdirSync(`${path}/logs`);
  mkdirSync(`${path}/pages`);
  const logs = {
    checkout: ['INFO start', 'ERROR payment refused', 'ERROR timeout', 'ERROR payment refused'],
    search: ['INFO start', 'ERROR index is stale'],
    login: ['INFO start', 'INFO idle'],
  };
  for (const [name, lines] of Object.entries(logs)) {
    writeFileSync(`${path}/logs/${name}.log`, lines.map((line) => `12:00 ${line}`).join('\n'));
  }
  for (let page = 1; page <= 4; page++) {
    const items = Array.from({ length: 10 }, (_, index) => ({ amount: (page - 1) * 10 + index }));
    const next = page < 4 ? { next: `page-${page + 1}` } : {};
    writeFileSync(`${path}/pages/page-${page}.json`, JSON.stringify({ items, ...next }));
  }
  writeFileSync(
    `${path}/orders.json`,
    JSON.stringify([
      { team: 'blue', total: 10 },
      { team: 'green', total: 5 },
      { team: 'blue', total: 20 },
    ]),
  );
  writeFileSync(`${path}/services.txt`, 'web -> api\nweb -> db\napi -> db\njobs -> db\n');
  writeFileSync(
    `${path}/ids.json`,
    '[{"id":9007199254740993},{"id":9007199254740992},{"id":12345678901234567891}]',
  );
}
