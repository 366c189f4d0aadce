import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectDirectly, connectHttp, connectStdio, revisions } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const real = realBackends();
const config = {
  name: 'first-light',
  backends: [real.everything, real.memory, real.filesystem],
  codeMode: { enabled: true },
};

/** Reads three files side by side with a sum from another backend, then counts words in a loop and a comprehension. */
const script = `
texts = parallel([
    lambda: filesystem_read_text_file(path = folder + "/one.txt"),
    lambda: filesystem_read_text_file(path = folder + "/two.txt"),
    lambda: everything_get_sum(a = 2, b = 40),
])
longest = ""
for text in texts:
    text = text["content"] if type(text) == "dict" else text
    if len(text) > len(longest):
        longest = text
print("read", len(texts))
return {"longest": longest, "squares": [n * n for n in range(5) if n % 2 == 0]}
`;

/** What every client must be able to do, however it is connected. */
async function assertFirstLight(client: Client): Promise<void> {
  // Over stdio the client is there before the backends are: each joins the list when it has started.
  await eventually(async () => {
    const names = (await client.listTools()).tools.map(({ name }) => name);
    for (const name of [
      'everything_echo',
      'memory_read_graph',
      'filesystem_read_text_file',
      'execute_tool_script',
    ])
      assert.ok(names.includes(name), `${name} is missing from ${names.join(', ')}`);
  });

  const result = await client.callTool({
    name: 'execute_tool_script',
    arguments: { script, data: { folder: real.folder } },
  });
  assert.equal(result.isError ?? false, false, JSON.stringify(result.content));
  const { longest, squares } = result.structuredContent as { longest: string; squares: number[] };
  assert.deepEqual(squares, [0, 4, 16]);
  assert.match(longest, /42|this is one/);
  const texts = (result.content as { type: string; text?: string }[]).map(({ text }) => text);
  assert.deepEqual(JSON.parse(String(texts[0])), { longest, squares });
  assert.match(String(texts[1]), /read 3/);

  // Large enough to go out as the bytes that the script's thread wrote: as a success, as a failure, and after a wait,
  // when the answer has become a stream.
  const large = { script: 'return {"text": "é" * 50000}' };
  const { structuredContent } = await client.callTool({ name: 'execute_tool_script', arguments: large });
  assert.deepEqual(structuredContent, { text: 'é'.repeat(50_000) });
  const late = {
    script:
      'everything_trigger_long_running_operation(duration = 1, steps = 1)\nprint("é" * 50000)\nfail("late")',
  };
  const failure = await client.callTool({ name: 'execute_tool_script', arguments: late });
  assert.equal(failure.isError, true);
  const [why, printed] = failure.content as { text: string }[];
  assert.match(String(why?.text), /late/);
  assert.equal(printed?.text, 'é'.repeat(50_000));
}

describe('first light: real servers behind the built command line', { timeout: 600_000 }, () => {
  let vmcp: Vmcp;

  before(async () => {
    vmcp = await startVmcp(config);
    await vmcp.status(allHealthy);
  });
  after(() => vmcp?.stop());

  for (const revision of revisions) {
    test(`a ${revision} client over HTTP sees every tool and runs a script across backends`, async () => {
      const client = await connectHttp(vmcp.mcpUrl, revision);
      await assertFirstLight(client);
      await client.close();
    });

    test(`a ${revision} client over stdio sees every tool and runs a script across backends`, async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'vmcp-stdio-')), 'vmcp.yaml');
      writeFileSync(file, JSON.stringify(config));
      const { client, origin } = await connectStdio(file, revision);
      await assertFirstLight(client);
      const metrics = await fetch(`${await origin()}/metrics`);
      assert.match(await metrics.text(), /^toolhive_vmcp_code_mode_enabled\{.*\} 1$/m);
      await client.close();
    });

    test(`a ${revision} client gets each result as the backend gave it`, async () => {
      const direct = await connectDirectly(real.everything);
      const through = await connectHttp(vmcp.mcpUrl, revision);
      const calls: [string, Record<string, unknown>][] = [
        ['echo', { message: 'hello' }],
        ['get-tiny-image', {}],
        ['get-structured-content', { location: 'New York' }],
        ['get-resource-links', { count: 3 }],
        ['get-annotated-message', { messageType: 'error', includeImage: true }],
        ['echo', {}], // an error result
      ];
      for (const [name, args] of calls) {
        const expected = await direct.callTool({ name, arguments: args });
        const found = await through.callTool({ name: `everything_${name}`, arguments: args });
        assert.deepEqual(withoutIdentity(found), withoutIdentity(expected), name);
      }
      await Promise.all([direct.close(), through.close()]);
    });
  }

  test('the probes and the status page say how it stands', async () => {
    assert.equal((await vmcp.get('/health')).status, 200);
    assert.equal((await vmcp.get('/readyz')).status, 200);
    const status = await vmcp.status();
    assert.deepEqual(status.backends.map(({ name }) => name).sort(), ['everything', 'filesystem', 'memory']);
  });
});

test('without code mode, execute_tool_script is nowhere to be seen', { timeout: 300_000 }, async (t) => {
  const vmcp = await startVmcp({ name: 'plain', backends: [real.memory] });
  t.after(() => vmcp.stop());
  await vmcp.status(allHealthy);
  for (const revision of revisions) {
    const client = await connectHttp(vmcp.mcpUrl, revision);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(names.includes('memory_read_graph'));
    assert.ok(!names.includes('execute_tool_script'));
    await assert.rejects(client.callTool({ name: 'execute_tool_script', arguments: { script: 'return 1' } }));
    await client.close();
  }
  assert.equal(await vmcp.stop(), 0);
});

/** A 2026-07-28 result names the server that gave it, which is another one by right; the rest must be the same. */
function withoutIdentity(result: { [key: string]: unknown }): object {
  const { _meta, resultType: _, ...rest } = result;
  const meta = Object.entries(_meta ?? {}).filter(([key]) => key !== 'io.modelcontextprotocol/serverInfo');
  return meta.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(meta) };
}
