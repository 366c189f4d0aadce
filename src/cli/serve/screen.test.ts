import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { matchesGolden } from '../../../test/support/golden.ts';
import { createTerminal, visibleCodes, type TestTerminal } from '../../../test/support/terminal.ts';
import type { BackendStatus, LogEntry } from '../../server/index.ts';
import type { Terminal } from '../kit/terminal.ts';
import { Screen, type ScreenOptions } from './screen.ts';

const golden = (name: string): URL => new URL(`../../../test/golden/cli/serve-${name}.txt`, import.meta.url);

const waiting: readonly BackendStatus[] = [
  { name: 'files', transport: 'stdio', health: 'unknown', tools: 0 },
  { name: 'github', transport: 'streamable-http', health: 'unknown', tools: 0 },
  { name: 'later', transport: 'stdio', health: 'asleep', tools: 0 },
  { name: 'mail', transport: 'sse', health: 'unknown', tools: 0 },
];

const settled: readonly BackendStatus[] = [
  { name: 'files', transport: 'stdio', health: 'healthy', tools: 14, revision: '2025-11-25' },
  {
    name: 'github',
    transport: 'streamable-http',
    health: 'unauthenticated',
    tools: 0,
    error: 'backend "github" refused the credentials (401)',
  },
  { name: 'later', transport: 'stdio', health: 'asleep', tools: 0 },
  {
    name: 'mail',
    transport: 'sse',
    health: 'degraded',
    tools: 0,
    error: 'backend "mail" cannot be reached: connect ECONNREFUSED 127.0.0.1:9',
  },
];

function entry(
  message: string,
  fields: LogEntry['fields'] = {},
  level: LogEntry['level'] = 'info',
): LogEntry {
  return { level, time: '2026-11-30T12:34:56.000Z', message, fields };
}

interface Shown {
  readonly screen: Screen;
  readonly terminal: TestTerminal;
  /** Sets what the backends are, and lets that many milliseconds pass. */
  pass(statuses: readonly BackendStatus[], ms: number): void;
  readonly settling: Promise<void>;
}

/** A screen that has begun to settle, on a terminal of 80 columns. */
function show(
  t: TestContext,
  overrides: Partial<Terminal> = {},
  options: Partial<ScreenOptions> = {},
): Shown {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const terminal = createTerminal({
    stderrIsTerminal: true,
    stderrColumns: 80,
    stderrRows: 30,
    environment: { NO_COLOR: '1' },
    ...overrides,
  });
  let now = 0;
  let statuses = waiting;
  const screen = new Screen(terminal, {
    verbose: false,
    quiet: false,
    title: 'vmcp 1.2.3, vmcp.yaml',
    now: () => now,
    clock: (time) => time.slice(11, 19),
    ...options,
  });
  const settling = screen.settle({
    url: 'http://127.0.0.1:4483',
    backends: () => statuses,
    status: async () => ({
      name: 'x',
      version: '1',
      backends: statuses,
      codeMode: { enabled: true },
      toolCount: 15,
      load: { sessions: 0, running: 0, parked: 0, listens: 0 },
    }),
  });
  return {
    screen,
    terminal,
    settling,
    pass(next, ms) {
      statuses = next;
      now += ms;
      t.mock.timers.tick(ms);
    },
  };
}

describe('the start of a server on a terminal', () => {
  test('is a table that settles in place, and one line when it is ready', async (t) => {
    const { terminal, screen, pass, settling } = show(t);
    screen.onEntry(entry('starting', { backend: 'github', source: 'stderr' }));
    screen.onEntry(entry('token is missing', { backend: 'mail', source: 'stderr' }));
    screen.onEntry(entry('connect failed (attempt 1): cannot be reached', { backend: 'mail' }, 'warn'));
    screen.onEntry(entry('vmcp.yaml:3:1: warning: no backend is called "x"', {}, 'warn'));
    pass([settled[0]!, ...waiting.slice(1)], 100);
    pass(settled, 1200);
    await settling;
    screen.onEntry(entry('connect failed (attempt 2): cannot be reached', { backend: 'mail' }, 'warn'));
    matchesGolden(golden('start'), visibleCodes(terminal.said.err));
  });

  test('has colours where the terminal takes them', async (t) => {
    const { terminal, pass, settling } = show(t, { environment: { FORCE_COLOR: '1' } });
    pass(settled, 300);
    await settling;
    matchesGolden(golden('start-colour'), visibleCodes(terminal.said.err));
  });

  test('is written once where the cursor cannot be moved, or the table is taller than the screen', async (t) => {
    for (const overrides of [{ environment: { TERM: 'dumb' } }, { stderrRows: 7 }]) {
      const { terminal, pass, settling } = show(t, overrides);
      pass(settled, 300);
      await settling;
      assert.doesNotMatch(visibleCodes(terminal.said.err), /␛\[\d*[AK]/);
      assert.equal(terminal.said.err.match(/✓ files/g)?.length, 1);
      t.mock.timers.reset();
    }
  });

  test('keeps to the width of the terminal', async (t) => {
    const { terminal, pass, settling } = show(t, { stderrColumns: 50, environment: { TERM: 'dumb' } });
    pass(settled, 300);
    await settling;
    const rows = terminal.said.err.split('\n').slice(0, -4);
    for (const row of rows) assert.ok(row.length <= 50, row);
    assert.match(terminal.said.err, /ECONNREFUSED/);
  });

  test('waits for no backend longer than a while', async (t) => {
    const { terminal, pass, settling } = show(t);
    pass([...settled.slice(0, 3), waiting[3]!], 20_000);
    await settling;
    assert.match(
      visibleCodes(terminal.said.err),
      /… mail {4}sse {14}connecting␛\[K\n\n2 of 4 backends, 15 tools/,
    );
  });

  test('is the ready line alone with --quiet, and what is wrong', async (t) => {
    const { terminal, screen, pass, settling } = show(t, {}, { quiet: true });
    screen.onEntry(entry('is connected', { backend: 'files' }));
    screen.onEntry(entry('connect failed (attempt 1): no', { backend: 'mail' }, 'warn'));
    pass(settled, 300);
    await settling;
    assert.equal(
      terminal.said.err,
      '2 of 4 backends, 15 tools, code mode on, http://127.0.0.1:4483/mcp\n' +
        '12:34:56 ! mail: connect failed (attempt 1): no\n',
    );
  });

  test('says nothing more of itself when the server ends meanwhile', async (t) => {
    const { terminal, screen, pass } = show(t);
    screen.onEntry(entry('something went wrong', {}, 'error'));
    screen.close();
    pass(settled, 300);
    assert.doesNotMatch(terminal.said.err, /of 4 backends/);
    assert.match(terminal.said.err, /✗ something went wrong\n$/);
  });
});
