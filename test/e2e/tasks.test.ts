/**
 * Tasks of 2025-11-25, where both sides declare them: a real backend of the official SDK, and a client by hand, since the
 * SDK's second version has no client for them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '../../src/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { sumOf } from '../support/metrics-text.ts';
import { openSession, post, type Message } from '../support/raw-mcp.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, startVmcp, type Vmcp } from '../support/vmcp.ts';

const tool = 'everything_simulate-research-query';

describe('tasks', { timeout: 300_000 }, () => {
  let vmcp: Vmcp;

  before(async () => {
    vmcp = await startVmcp({ name: 'tasks', backends: [realBackends().everything, realBackends().memory] });
    await vmcp.status(allHealthy);
  });
  after(() => vmcp?.stop());

  async function open(
    capabilities: JsonObject,
  ): Promise<(method: string, params?: JsonObject) => Promise<Message>> {
    const headers = await openSession(vmcp.mcpUrl, { capabilities });
    let id = 0;
    return async (method, params = {}) => {
      const { messages } = await post(vmcp.mcpUrl, { jsonrpc: '2.0', id: ++id, method, params }, headers);
      return messages.at(-1) ?? {};
    };
  }

  const clients: [title: string, capabilities: JsonObject][] = [
    ['whose calls share the backend’s process', { tasks: { list: {}, cancel: {} } }],
    ['that has a process of its own', { tasks: { list: {}, cancel: {} }, elicitation: {}, sampling: {} }],
  ];
  for (const [title, capabilities] of clients) {
    test(`of a client ${title} are made, followed, listed and brought home`, async () => {
      const ask = await open(capabilities);
      const tools = (await ask('tools/list')).result?.['tools'] as JsonObject[];
      assert.deepEqual(tools.find(({ name }) => name === tool)?.['execution'], { taskSupport: 'required' });

      const made = await ask('tools/call', {
        name: tool,
        arguments: { topic: 'gateways' },
        task: { ttl: 60_000 },
      });
      const taskId = taskIdOf(made);
      // It works for four seconds, which are over soon where the processor is busy.
      const status = String((await ask('tasks/get', { taskId })).result?.['status']);
      assert.ok(['working', 'completed'].includes(status), status);
      const listed = (await ask('tasks/list')).result?.['tasks'] as JsonObject[];
      assert.ok(listed.some((task) => task['taskId'] === taskId));

      const { result } = await ask('tasks/result', { taskId });
      assert.match(JSON.stringify(result?.['content']), /Research Report: gateways/);
      assert.equal((await ask('tasks/get', { taskId })).result?.['status'], 'completed');
    });
  }

  test('are cancelled, unknown to no reload, and listed to no other client', async () => {
    const ask = await open({ tasks: { list: {}, cancel: {} } });
    const made = await ask('tools/call', { name: tool, arguments: { topic: 'x' }, task: {} });
    const taskId = taskIdOf(made);

    const other = await open({ tasks: { list: {} } });
    const listed = (await other('tasks/list')).result?.['tasks'] as JsonObject[];
    assert.ok(!listed.some((task) => task['taskId'] === taskId));

    const { everything, memory } = realBackends();
    let enabled = false;
    const reload = async (): Promise<void> => {
      enabled = !enabled;
      vmcp.writeConfig({ name: 'tasks', codeMode: { enabled }, backends: [everything, memory] });
      await eventually(async () =>
        assert.equal(sumOf(await vmcp.metrics(), 'toolhive_vmcp_code_mode_enabled'), Number(enabled)),
      );
    };
    // Again with another where the reload took longer than the four seconds that the task does.
    await eventually(async () => {
      const { result } = await ask('tools/call', { name: tool, arguments: { topic: 'x' }, task: {} });
      const cancelled = taskIdOf({ result: result ?? {} });
      await reload();
      assert.equal((await ask('tasks/cancel', { taskId: cancelled })).result?.['status'], 'cancelled');
    });
    assert.equal((await ask('tasks/get', { taskId })).result?.['taskId'], taskId);
    assert.equal((await ask('tasks/get', { taskId: 'nowhere' })).error?.code, -32602);
  });

  test('are one call each, and a success as soon as the task is made', async () => {
    const count = async (): Promise<number> =>
      sumOf(await vmcp.metrics(), 'toolhive_vmcp_tool_calls_total', { status: 'success' }) ?? 0;
    const ask = await open({ tasks: {} });
    const before = await count();
    const made = await ask('tools/call', { name: tool, arguments: { topic: 'y' }, task: {} });
    const taskId = taskIdOf(made);
    await eventually(async () => assert.equal(await count(), before + 1));
    await ask('tasks/get', { taskId });
    await ask('tasks/result', { taskId });
    assert.equal(await count(), before + 1);
  });
});

function taskIdOf({ result }: Message): string {
  const { task } = result as { task: { taskId: string } };
  return task.taskId;
}
