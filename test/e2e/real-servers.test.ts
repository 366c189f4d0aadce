/** Eight public MCP servers behind one vmcp, each called directly, and all of them from one script. */
import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '../../src/protocol/index.ts';
import { connectHttp } from '../support/clients.ts';
import { skipWithoutPeers } from '../support/counterpart.ts';
import { peerBackends, realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

/** One call of each server, in order, and what its answer must say. */
function callsIn(folder: string): readonly [tool: string, args: JsonObject, says: RegExp][] {
  return [
    ['everything_echo', { message: 'hello' }, /hello/],
    ['memory_read_graph', {}, /entities/],
    ['filesystem_read_text_file', { path: `${folder}/one.txt` }, /this is one/],
    ['time_days_in_month', { date: '2024-02-01' }, /29/],
    [
      'thinking_sequentialthinking',
      { thought: 'one', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
      /thoughtHistoryLength/,
    ],
    ['sqlite_list_tables', {}, /\[\]|tables/],
    ['tasks_list_requests', {}, /request/i],
    ['git_git_init', { path: folder }, /init|success/i],
  ];
}

describe('public servers behind one vmcp', { timeout: 600_000, skip: skipWithoutPeers() }, () => {
  const real = realBackends();
  const calls = callsIn(real.folder);
  let vmcp: Vmcp;
  let client: Client;

  before(async () => {
    const backends = [real.everything, real.memory, real.filesystem, ...peerBackends()];
    vmcp = await startVmcp({ name: 'real-servers', backends, codeMode: { enabled: true } });
    await vmcp.status(allHealthy);
    client = await connectHttp(vmcp.mcpUrl, '2025-11-25');
  });

  after(async () => {
    await client?.close();
    await vmcp?.stop();
  });

  test('are all listed', async () => {
    const names = new Set((await client.listTools()).tools.map(({ name }) => name));
    for (const [name] of calls) assert.ok(names.has(name), `${name} is missing`);
  });

  for (const [name, args, says] of calls) {
    test(`answer a direct call of ${name}`, async () => {
      const result = await client.callTool({ name, arguments: args });
      const said = JSON.stringify(result);
      assert.equal(result.isError ?? false, false, said);
      assert.match(said, says);
    });
  }

  test('answer one script that calls each of them, side by side', async () => {
    const script = `
results = parallel([lambda call=call: call_tool(call["name"], **call["args"]) for call in calls])
return [json.encode(result) for result in results]
`;
    const data = { calls: calls.map(([name, args]) => ({ name, args })) };
    const result = await client.callTool({ name: 'execute_tool_script', arguments: { script, data } });
    assert.equal(result.isError ?? false, false, JSON.stringify(result.content));
    const [text] = result.content as { text: string }[];
    const answers = JSON.parse(text?.text ?? '[]') as string[];
    assert.equal(answers.length, calls.length);
    for (const [index, [name, , says]] of calls.entries()) assert.match(answers[index] ?? '', says, name);
  });
});
