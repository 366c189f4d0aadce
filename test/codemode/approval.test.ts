/** A person says yes before a script's call is made: what is asked, what an answer does, and who cannot be asked. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approveCalls } from '../../src/features/code-mode/approval/approve.ts';
import type { ApprovalOptions } from '../../src/features/code-mode/approval/options.ts';
import type { Caller, ClientPort, ToolCall } from '../../src/gateway/index.ts';
import type { JsonObject } from '../../src/protocol/index.ts';
import { declared, says, scriptBench, scriptPool } from './fixtures/bench.ts';
import { aCaller } from './fixtures/calls.ts';

const pool = scriptPool();

const tools = {
  read: says('"read"'),
  write: says('"written"'),
  erase: says('"erased"'),
};

interface Asked {
  readonly message: string;
  readonly choices: readonly (readonly string[])[];
}

type Reply = (asked: Asked) => Promise<JsonObject> | JsonObject;

/** Accepts a form with these answers, one for each call. */
function accept(...answers: string[]): Reply {
  return () => ({
    action: 'accept',
    content: Object.fromEntries(answers.map((answer, index) => [`call_${index + 1}`, answer])),
  });
}

function bench(
  approval: ApprovalOptions,
  reply: Reply = () => assert.fail('was asked'),
  limits: object = {},
) {
  const asked: Asked[] = [];
  const stage = approveCalls({
    approval,
    annotations: new Map(),
    redact: (text) => text.replaceAll('s3cret', '…'),
  });
  const made = scriptBench(tools, { pool, ...limits }, stage === undefined ? [] : [stage]);
  made.inner.listed = [
    declared('erase', {}),
    declared('read', {}, { annotations: { readOnlyHint: true } }),
    declared('write', {}),
  ];
  const client: ClientPort = {
    canAsk: true,
    notify: () => undefined,
    request: async (method, params) => {
      assert.equal(method, 'elicitation/create');
      const { message, requestedSchema } = params as never as {
        message: string;
        requestedSchema: { properties: Record<string, { enum: string[] }> };
      };
      const form = { message, choices: Object.values(requestedSchema.properties).map((each) => each.enum) };
      asked.push(form);
      return await reply(form);
    },
  };
  const parts = (caller: Partial<Caller> = {}): Partial<ToolCall> => ({
    client,
    caller: aCaller({ capabilities: { elicitation: {} }, ...caller }),
  });
  const called = (): string[] => made.inner.calls.map(({ name }) => name);
  return { ...made, asked, parts, called };
}

const rules = (more: Partial<Exclude<ApprovalOptions, string>> = {}): ApprovalOptions => ({
  default: 'allow',
  rules: [
    { tools: 'write', action: 'ask' },
    { tools: 'er*', action: 'deny' },
  ],
  directCalls: false,
  timeout: 300_000,
  ...more,
});

describe('approval', () => {
  test('asks for the call, its arguments and its line, with yes, yes to all, and no in this order', async () => {
    const { run, asked, parts } = bench(rules(), accept('yes'));
    assert.equal(
      (await run('x = 1\nreturn write(text="s3cret \\u202e")', undefined, parts())).value,
      'written',
    );
    assert.equal(
      asked[0]?.message,
      'A script wants to call:\n1. "write" (line 2 of the script) with the arguments {"text":"… \\u{202e}"}\nShall this call be made?',
    );
    assert.deepEqual(asked[0]?.choices, [['yes', 'yes to all calls of this tool in this script', 'no']]);
  });

  test('is remembered for a tool in one script, where it was given to all calls', async () => {
    const { run, asked, parts } = bench(rules(), accept('yes to all calls of this tool in this script'));
    const script = 'return [write(text=str(i)) for i in range(5)]';
    await run(script, undefined, parts());
    assert.equal(asked.length, 1);
    await run(script, undefined, parts());
    assert.equal(asked.length, 2);
  });

  test('that is refused is an error that the script can catch, and no call', async () => {
    for (const reply of [
      accept('no'),
      accept('maybe'),
      () => ({ action: 'decline' }),
      () => ({ action: 'cancel' }),
    ]) {
      const { run, parts, called } = bench(rules(), reply);
      const { value } = await run('return attempt(lambda: write(text="x"))["error"]', undefined, parts());
      assert.match(String(value), /write was not called: the user said no/u);
      assert.deepEqual(called(), []);
    }
  });

  test('asks about calls that wait together in one form, ten at most', async () => {
    const { run, asked, parts, called } = bench(rules(), ({ choices }) =>
      accept(...choices.map(() => 'yes'))({ message: '', choices }),
    );
    await run('return parallel([lambda i=i: write(text=str(i)) for i in range(12)])', undefined, parts());
    assert.ok(asked.every(({ choices }) => choices.length <= 10));
    assert.equal(
      asked.reduce((sum, { choices }) => sum + choices.length, 0),
      12,
    );
    assert.ok(asked.length <= 4, `${asked.length} forms`);
    assert.equal(called().length, 12);
  });

  test('stops the clocks of the call and of the script', async () => {
    const wait = (): Promise<JsonObject> =>
      new Promise((resolve) =>
        setTimeout(() => resolve({ action: 'accept', content: { call_1: 'yes' } }), 400),
      );
    const { run, runs, parts } = bench(rules(), wait, { toolCallTimeoutMs: 100, scriptTimeoutMs: 300 });
    assert.equal((await run('return write(text="x")', undefined, parts())).value, 'written');
    assert.ok((runs[0]?.durationMs ?? Infinity) < 300, `${runs[0]?.durationMs} ms`);
  });

  test('that is not given in time is a no', async () => {
    const { run, parts, called } = bench(rules({ timeout: 30 }), () => new Promise(() => undefined));
    assert.match((await run('return write(text="x")', undefined, parts())).text, /did not answer in time/u);
    assert.deepEqual(called(), []);
  });

  test('ends with the script when the client cancels', async () => {
    const stop = new AbortController();
    const { run, parts, called } = bench(rules(), () => {
      stop.abort();
      return new Promise(() => undefined);
    });
    await assert.rejects(run('return write(text="x")', undefined, { ...parts(), signal: stop.signal }));
    assert.deepEqual(called(), []);
  });

  test('cannot be asked of a client without elicitation, nor within a script in 2026-07-28', async () => {
    for (const caller of [{ capabilities: {} }, { revision: '2026-07-28' as const }]) {
      const { run, parts, called } = bench(rules());
      const { value } = await run(
        'return attempt(lambda: write(text="x"))["error"]',
        undefined,
        parts(caller),
      );
      assert.match(String(value), /needs the user's approval.*Call write directly, outside of a script/u);
      assert.deepEqual(called(), []);
    }
  });

  test('is not asked for what is denied', async () => {
    const { run, parts, called } = bench(rules());
    assert.match((await run('return erase()', undefined, parts())).text, /codeMode\.approval denies it/u);
    assert.deepEqual(called(), []);
  });

  test('is asked of direct calls only where directCalls says so, without a yes to all', async () => {
    const left = bench(rules());
    assert.equal((await left.call('write', { text: 'x' }, left.parts())).value, 'written');
    const held = bench(rules({ directCalls: true }), accept('yes'));
    assert.equal(
      (await held.call('write', { text: 'x' }, held.parts({ revision: '2026-07-28' }))).value,
      'written',
    );
    assert.deepEqual(held.asked[0]?.choices, [['yes', 'no']]);
  });

  test('"destructive" asks for tools that do not say that they only read, or destroy nothing', async () => {
    const { run, asked, parts } = bench('destructive', accept('yes'));
    await run('return [read(), write(text="x")]', undefined, parts());
    assert.deepEqual(
      asked.map(({ message }) => /"(\w+)" \(/u.exec(message)?.[1]),
      ['write'],
    );
  });

  test('is noted on the trail of the call', async () => {
    const trail = { id: '1' } as { id: string; approval?: { question: string; answer: string } };
    const { call, parts } = bench(rules({ directCalls: true }), accept('no'));
    await call('write', { text: 'x' }, { ...parts(), trail });
    assert.deepEqual(trail.approval, { question: '"write" with the arguments {"text":"x"}', answer: 'no' });
  });
});
