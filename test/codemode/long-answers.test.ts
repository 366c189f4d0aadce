/** Long answers of tools, from a real backend over HTTP through the built command line into a script. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPlainBackend } from '../fixtures/plain-backend.ts';
import { connectHttp } from '../support/clients.ts';
import { allHealthy, startVmcp } from '../support/vmcp.ts';

const kinds = {
  'plain ASCII': 'x'.repeat(100_000),
  'quotes and line breaks': 'a "word"\n\\ '.repeat(20_000),
  'other scripts': 'é→🙂 '.repeat(20_000),
};

test('a script gets a long answer as it was, and a regular call too', { timeout: 120_000 }, async (t) => {
  const backend = await startPlainBackend();
  t.after(() => backend.close());
  const vmcp = await startVmcp({
    name: 'long',
    backends: [{ name: 'plain', url: backend.url, transport: 'streamable-http' }],
    codeMode: { enabled: true, maxResultBytes: 2 ** 21 },
  });
  t.after(() => vmcp.stop());
  await vmcp.status(allHealthy);
  const client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
  t.after(() => client.close());
  const script =
    'got = plain_echo(word = word, n = 12)\nreturn {"same": got == {"word": word, "n": 12}, "got": got}';
  for (const [kind, word] of Object.entries(kinds)) {
    const asked = { name: 'execute_tool_script', arguments: { script, data: { word } } };
    const { structuredContent } = await client.callTool(asked);
    assert.deepEqual(structuredContent, { same: true, got: { word, n: 12 } }, kind);
    const { content } = await client.callTool({ name: 'plain_echo', arguments: { word } });
    assert.deepEqual(content, [{ type: 'text', text: JSON.stringify({ word }) }], kind);
  }
});
