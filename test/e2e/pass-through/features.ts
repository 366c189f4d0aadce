import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import type { ClientRevision, ConnectOptions } from '../../support/clients.ts';
import { eventually } from '../../support/eventually.ts';

/** What a client has heard and been asked, beside the answers to its own requests. */
export interface Heard {
  readonly notifications: { readonly method: string; readonly params: unknown }[];
  readonly questions: string[];
}

/** One thing that an MCP client can do, tried through vmcp. Throws when it does not work as it would directly. */
export interface Feature {
  readonly name: string;
  /** How it travels where the revisions differ, as the documentation says it; absent where nothing is translated. */
  readonly how?: string;
  run(client: Client, heard: Heard, revision: ClientRevision): Promise<void>;
}

const heardMethods = [
  'notifications/message',
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/updated',
] as const;

/** A client that answers every question and writes down what it hears. */
export function listening(heard: Heard): ConnectOptions {
  return {
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
    onConnecting(client) {
      for (const method of heardMethods) {
        client.setNotificationHandler(
          method,
          ({ params }) => void heard.notifications.push({ method, params }),
        );
      }
      client.setRequestHandler('elicitation/create', ({ params }) => {
        heard.questions.push(params.message);
        return {
          action: 'accept',
          ...(params.mode === 'url'
            ? {}
            : { content: { name: 'Ada', username: 'ada', email: 'a@b.c', context: 'this' } }),
        };
      });
      client.setRequestHandler('sampling/createMessage', () => {
        heard.questions.push('sampling');
        return { model: 'test', role: 'assistant', content: { type: 'text', text: 'Paris' } };
      });
      client.setRequestHandler('roots/list', () => {
        heard.questions.push('roots');
        return { roots: [{ uri: 'file:///home/ada', name: 'home' }] };
      });
    },
  };
}

async function textOf(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const result = await client.callTool({ name, arguments: args });
  return JSON.stringify(result.content);
}

/** Hears changes: over a listen stream in 2026-07-28, unasked for in sessions. */
async function whileListening(
  client: Client,
  revision: ClientRevision,
  act: () => Promise<unknown>,
): Promise<void> {
  if (revision === '2025-11-25') return void (await act());
  const filter = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourceSubscriptions: ['test://watched-resource'],
  };
  const subscription = await client.listen(filter);
  await act();
  await subscription.close();
}

/**
 * Does what a backend tells of, and again while nothing is heard of it: what it says before its stream stands is lost, by
 * the protocol.
 */
async function untilHeard(heard: Heard, method: string, act: () => Promise<unknown>): Promise<void> {
  for (let left = 5; ; left--) {
    await act();
    const found = eventually(() => {
      const methods = heard.notifications.map((notification) => notification.method);
      assert.ok(methods.includes(method), `heard ${methods.join(', ') || 'nothing'}, not ${method}`);
    }, 5_000);
    if (left === 0) return found;
    if (
      await found.then(
        () => true,
        () => false,
      )
    )
      return;
  }
}

const logLevel = { 'io.modelcontextprotocol/logLevel': 'debug' };

export const features: readonly Feature[] = [
  {
    name: 'tools: list and call, every kind of content',
    async run(client) {
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'test_simple_text'));
      assert.match(await textOf(client, 'test_multiple_content_types'), /image\/png.*mixed-content-resource/);
      assert.match(await textOf(client, 'test_audio_content'), /audio\/wav/);
    },
  },
  {
    name: 'errors: of a tool, and of the protocol',
    async run(client) {
      assert.equal((await client.callTool({ name: 'test_error_handling', arguments: {} })).isError, true);
      await assert.rejects(client.getPrompt({ name: 'no_such_prompt' }), { code: -32602 });
    },
  },
  {
    name: 'progress',
    how: 'each request has a token of its own towards the backend; the client sees its own',
    async run(client) {
      // The official client forgets a progress that it reads in one piece with the answer, as it does when it was kept
      // waiting for the processor.
      await eventually(async () => {
        const seen: number[] = [];
        const onprogress = ({ progress }: { progress: number }): void => void seen.push(progress);
        await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
        assert.deepEqual(seen, [0, 50, 100]);
      });
    },
  },
  {
    name: 'log messages of a call',
    how: '`logging/setLevel` of a session, and `_meta` `logLevel` of a 2026-07-28 request, each become the other',
    async run(client, heard, revision) {
      if (revision === '2025-11-25') await client.setLoggingLevel('debug');
      const meta = revision === '2025-11-25' ? {} : { _meta: logLevel };
      await untilHeard(heard, 'notifications/message', () =>
        client.callTool({ name: 'test_tool_with_logging', arguments: {}, ...meta }),
      );
    },
  },
  {
    name: 'elicitation by form',
    how: 'a request in mid-call before 2026-07-28, an input-required result and its retry since: each becomes the other',
    async run(client, heard) {
      assert.match(await textOf(client, 'test_input_required_result_elicitation'), /Hello, Ada!/);
      assert.deepEqual(heard.questions, ['What is your name?']);
    },
  },
  {
    name: 'elicitation by URL',
    how: 'as by form; the error −32042 of 2025-11-25 becomes an input-required result',
    async run(client, heard) {
      assert.match(await textOf(client, 'test_url_elicitation'), /visited: accept/);
      assert.deepEqual(heard.questions, ['Please sign in']);
    },
  },
  {
    name: 'sampling',
    how: 'as elicitation',
    async run(client) {
      assert.match(await textOf(client, 'test_sampling', { prompt: 'Where?' }), /LLM response: Paris/);
    },
  },
  {
    name: 'roots',
    how: 'as elicitation',
    async run(client) {
      assert.match(await textOf(client, 'test_input_required_result_list_roots'), /file:\/\/\/home\/ada/);
    },
  },
  {
    name: 'three questions at once, two one after the other',
    how: 'the questions of one moment travel together',
    async run(client) {
      assert.match(await textOf(client, 'test_input_required_result_multiple_inputs'), /got user_name/);
    },
  },
  {
    name: 'cancellation',
    how: 'a closed response or stream since 2026-07-28 over HTTP, `notifications/cancelled` elsewhere',
    async run(client) {
      const stop = new AbortController();
      const running = client.callTool(
        { name: 'test_slow', arguments: { ms: 60_000 } },
        { signal: stop.signal },
      );
      setTimeout(() => stop.abort(), 100);
      await assert.rejects(running);
      assert.match(await textOf(client, 'test_simple_text'), /simple text/);
    },
  },
  {
    name: 'resources: list, templates, read text and binary',
    async run(client) {
      assert.equal((await client.listResources()).resources.length, 3);
      assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 1);
      const read = async (uri: string): Promise<string> => JSON.stringify(await client.readResource({ uri }));
      assert.match(await read('test://static-text'), /static text resource/);
      assert.match(await read('test://static-binary'), /"blob"/);
      assert.match(await read('test://template/7/data'), /Data for ID: 7/);
      await assert.rejects(read('test://not-there'));
    },
  },
  {
    name: 'resources: subscription',
    how: '`resources/subscribe` of a session and `subscriptions/listen` of 2026-07-28: each becomes the other',
    async run(client, heard, revision) {
      if (revision === '2025-11-25') await client.subscribeResource({ uri: 'test://watched-resource' });
      await whileListening(client, revision, async () => {
        await untilHeard(heard, 'notifications/resources/updated', () =>
          textOf(client, 'test_touch_resource'),
        );
      });
    },
  },
  {
    name: 'prompts: list, get with arguments, images and resources',
    async run(client) {
      assert.ok((await client.listPrompts()).prompts.length >= 5);
      const args = { arg1: 'hello', arg2: 'world' };
      const prompt = await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: args });
      assert.match(JSON.stringify(prompt), /arg1='hello', arg2='world'/);
      assert.match(JSON.stringify(await client.getPrompt({ name: 'test_prompt_with_image' })), /image\/png/);
    },
  },
  {
    name: 'prompts: one that asks first',
    how: 'as elicitation',
    async run(client) {
      const name = 'test_input_required_result_prompt';
      const prompt = await client.getPrompt({ name });
      assert.match(JSON.stringify(prompt), /Context: /);
    },
  },
  {
    name: 'completion',
    async run(client) {
      const ref = { type: 'ref/prompt' as const, name: 'test_prompt_with_arguments' };
      const { completion } = await client.complete({ ref, argument: { name: 'arg1', value: 'par' } });
      assert.deepEqual(completion.values, ['paris', 'park', 'party']);
    },
  },
  {
    name: 'list changes of tools and prompts',
    how: 'unasked for in a session, on a `subscriptions/listen` stream in 2026-07-28',
    async run(client, heard, revision) {
      await whileListening(client, revision, async () => {
        for (const what of ['tool', 'prompt'])
          await untilHeard(heard, `notifications/${what}s/list_changed`, () =>
            textOf(client, `test_trigger_${what}_change`),
          );
      });
      const { tools } = await client.listTools(undefined, { cacheMode: 'refresh' });
      const added = tools.find(({ name }) => name.startsWith('added_tool_'))?.name ?? '';
      assert.match(await textOf(client, added), /this is added_tool_/);
    },
  },
];
