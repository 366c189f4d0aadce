/** What the console is told, and what its calls and scripts do: through the funnel, counted, and asked about. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { serveConsole, type ServedConsole } from '../support/console.ts';
import { modern } from '../support/raw-mcp.ts';
import { refreshConsole } from '../../scripts/console.ts';
import {
  tokenHeader,
  type ActivityEntry,
  type Overview,
  type RunEvent,
} from '../../src/console/wire/index.ts';

let backend: ControlledBackend;
let served: ServedConsole;
const closing: (() => unknown)[] = [];
const later = { after: (close: () => unknown): void => void closing.push(close) };
const harmless = { ok: { annotations: { readOnlyHint: true } } };

before(async () => {
  await refreshConsole();
  backend = await startControlledBackend();
  served = await serveConsole(later, {
    backends: [{ name: 'one', transport: 'streamable-http', url: backend.url }],
    codeMode: { enabled: true },
    aggregation: {
      tools: [{ workload: 'one', overrides: harmless, filter: ['ok', 'fail', 'slow', 'hold'] }],
    },
  });
});
after(async () => {
  for (const close of closing) await close();
  await backend?.close();
});

async function asked<Answer>(name: string, body: object = {}): Promise<Answer> {
  const { status, text } = await served.ask(name, body);
  assert.equal(status, 200, text);
  return JSON.parse(text) as Answer;
}

async function counted(): Promise<string[]> {
  const { text } = await served.get('/metrics');
  return text
    .split('\n')
    .filter((line) => /^toolhive_vmcp_tool_calls_total|^toolhive_vmcp_script_exec/.test(line));
}

/** Runs a script, and answers what it is asked. */
async function run(script: string, allowed?: boolean, signal?: AbortSignal): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const response = await fetch(`${served.app.url}/console/api/run`, {
    method: 'POST',
    headers: { origin: served.app.url, 'content-type': 'application/json', [tokenHeader]: served.token },
    body: JSON.stringify({ script, data: {} }),
    ...(signal && { signal }),
  });
  let rest = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as RunEvent;
      events.push(event);
      if (event.type === 'question') await served.ask('allow', { question: event.question, allowed });
    }
  }
  return events;
}

function endOf(events: readonly RunEvent[]): Extract<RunEvent, { type: 'end' }> {
  const end = events.at(-1);
  assert.equal(end?.type, 'end');
  return end;
}

test('the overview tells of backends, code mode, the configuration and what the list costs', async () => {
  const overview = await asked<Overview>('overview');
  assert.equal(overview.mcpUrl, `${served.app.url}/mcp`);
  assert.equal(overview.codeMode, true);
  assert.equal(overview.toolCount, 5);
  assert.deepEqual(
    overview.backends.map(({ name, health, transport }) => ({ name, health, transport })),
    [{ name: 'one', health: 'healthy', transport: 'streamable-http' }],
  );
  assert.equal(overview.limits?.maxToolCalls, 1000);
  assert.ok(overview.tokens.all > 0 && (overview.tokens.codeMode ?? 0) > 0);
  assert.equal(overview.person, undefined);
});

test('a configuration that was refused is told with its problems, until another one is in force', async () => {
  served.app.configRefused(['vmcp.yaml:8:3: unknown key "transprot"']);
  const { config } = await asked<Overview>('overview');
  assert.deepEqual(config.refused?.problems, ['vmcp.yaml:8:3: unknown key "transprot"']);
  await served.reload({});
  const later = await asked<Overview>('overview');
  assert.equal(later.config.refused, undefined);
  assert.equal(later.config.reloads, config.reloads + 1);
});

test('tools are told with where they come from, and those that clients do not see with the reason', async () => {
  const { tools, hidden } = await asked<{ tools: Record<string, unknown>[]; hidden: object[] }>('tools');
  const ok = tools.find(({ name }) => name === 'one_ok');
  assert.equal(ok?.['backend'], 'one');
  assert.equal(ok?.['ownName'], 'ok');
  assert.equal(ok?.['readOnly'], true);
  assert.match(String(ok?.['signature']), /^one_ok\(/);
  assert.ok(tools.some(({ name, signature }) => name === 'execute_tool_script' && signature === undefined));
  assert.deepEqual(hidden, [
    { backend: 'one', name: 'refuse', why: 'filtered' },
    { backend: 'one', name: 'big', why: 'filtered' },
  ]);
});

test('a call goes the way of any client and is counted', async () => {
  const before = await counted();
  const { result } = await asked<{ result: object }>('call', { name: 'one_ok', arguments: { a: 1 } });
  assert.deepEqual((result as { structuredContent: object }).structuredContent, { a: 1 });
  const { error } = await asked<{ error: { message: string } }>('call', { name: 'no_such', arguments: {} });
  assert.match(error.message, /Unknown tool/);
  const find = (lines: string[], status: string): number =>
    Number(
      lines
        .find((line) => line.includes('"tool_call"') && line.includes(`"${status}"`))
        ?.split(' ')
        .at(-1),
    );
  const now = await counted();
  assert.equal(find(now, 'success'), find(before, 'success') + 1);
  assert.equal(find(now, 'error'), find(before, 'error') + 1);
});

describe('a script', () => {
  test('is run with each of its calls told, and counted as one', async () => {
    const before = await counted();
    const events = await run(
      'xs = parallel([lambda n=n: one_ok(n=n) for n in range(3)])\nprint("hi")\nreturn len(xs)',
    );
    assert.deepEqual(
      events.filter(({ type }) => type === 'call').map((event) => 'tool' in event && event.tool),
      ['one_ok', 'one_ok', 'one_ok'],
    );
    assert.equal(events.filter((event) => event.type === 'answer' && event.ok).length, 3);
    const { result } = endOf(events);
    assert.match(JSON.stringify(result), /"text":"3"/);
    const now = await counted();
    assert.equal(now.filter((line, at) => line !== before[at]).length, 2, now.join('\n'));
  });

  test('waits at a call that may change something, and makes it when it is allowed', async () => {
    const calls = backend.calls.get('slow') ?? 0;
    const events = await run('return [one_slow(ms=1), one_slow(ms=1)]', true);
    assert.equal(events.filter(({ type }) => type === 'question').length, 1);
    assert.equal(endOf(events).result?.['isError'], undefined);
    assert.equal(backend.calls.get('slow'), calls + 2);
  });

  test('is told no where its call is refused, and the tool is not called', async () => {
    const calls = backend.calls.get('slow') ?? 0;
    const events = await run('return call_tool("one_" + "slow", ms=1)', false);
    const { result } = endOf(events);
    assert.equal(result?.['isError'], true);
    assert.match(JSON.stringify(result), /was not allowed in the console/);
    assert.equal(backend.calls.get('slow') ?? 0, calls);
  });

  test('of another client is asked about nothing', async () => {
    const asking = modern(new URL(`${served.app.url}/mcp`), 'tools/call', {
      name: 'execute_tool_script',
      arguments: { script: 'return one_slow(ms=1)' },
    });
    assert.match(JSON.stringify(await asking), /late/);
  });

  test('is stopped when the page stops to wait', async () => {
    const stop = new AbortController();
    const running = run('return one_hold(key="stopped")', true, stop.signal);
    await backend.held('stopped');
    stop.abort();
    await assert.rejects(running);
    await backend.cancelled('stopped');
  });

  test('is checked on the server without a call', async () => {
    const calls = backend.calls.get('ok') ?? 0;
    const found = await asked('check', { script: 'one_ok(a=1)\none_slow()\nreturn nothing', data: {} });
    assert.match(JSON.stringify(found), /undefined: nothing/);
    const sound = await asked<{ calls: object[] }>('check', { script: 'one_ok(a=1)\nreturn one_slow(ms=1)' });
    assert.deepEqual(sound.calls, [
      { tool: 'one_ok', line: 1, column: 1, readOnly: true },
      { tool: 'one_slow', line: 2, column: 8, readOnly: false },
    ]);
    assert.equal(backend.calls.get('ok') ?? 0, calls);
  });
});

describe('activity', () => {
  async function entries(atLeast: number): Promise<ActivityEntry[]> {
    const stop = new AbortController();
    const response = await fetch(`${served.app.url}/console/api/activity`, {
      method: 'POST',
      headers: { origin: served.app.url, 'content-type': 'application/json', [tokenHeader]: served.token },
      body: '{}',
      signal: stop.signal,
    });
    let text = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.split('\n').length > atLeast) break;
    }
    stop.abort();
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ActivityEntry);
  }

  test('tells what ended and when, and no arguments and no results', async () => {
    await asked('call', { name: 'one_ok', arguments: { secret: 'do-not-tell' } });
    const script = 'return one_ok(secret="do-not-tell")';
    await run(script);
    const told = await entries(2);
    assert.doesNotMatch(JSON.stringify(told), /do-not-tell/);
    const last = told.at(-1);
    assert.equal(last?.kind, 'script');
    assert.match(last?.subject ?? '', /^[0-9a-f]{12}$/);
    assert.equal(last?.client, 'vmcp-console');
    assert.deepEqual(
      last?.calls.map(({ tool, ok }) => ({ tool, ok })),
      [{ tool: 'one_ok', ok: true }],
    );
  });

  test('does not keep the server from ending', async () => {
    const other = await serveConsole(later, {
      backends: [{ name: 'one', transport: 'streamable-http', url: backend.url }],
    });
    const response = await fetch(`${other.app.url}/console/api/activity`, {
      method: 'POST',
      headers: { origin: other.app.url, 'content-type': 'application/json', [tokenHeader]: other.token },
      body: '{}',
    });
    await other.app.close(60_000);
    assert.equal(await response.text(), '');
  });
});

test('adoption counts what clients did since the start', async () => {
  const counts = await asked<Record<string, { ok: number; failed: number } & number>>('adoption');
  assert.ok((counts['scripts']?.ok ?? 0) >= 3);
  assert.ok((counts['directCalls']?.failed ?? 0) >= 1);
  assert.ok(Number(counts['innerCalls']) >= 5);
});
