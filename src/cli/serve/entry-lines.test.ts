import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesGolden } from '../../../test/support/golden.ts';
import type { LogEntry } from '../../server/index.ts';
import { createPaint } from '../kit/color.ts';
import { EntryLines } from './entry-lines.ts';

const golden = new URL('../../../test/golden/cli/serve-lines.txt', import.meta.url);

function lines(options: { verbose?: boolean; quiet?: boolean } = {}): EntryLines {
  return new EntryLines({
    paint: createPaint(false),
    verbose: false,
    quiet: false,
    clock: (time) => time.slice(11, 19),
    ...options,
  });
}

function entry(
  message: string,
  fields: LogEntry['fields'] = {},
  level: LogEntry['level'] = 'info',
): LogEntry {
  return { level, time: '2026-11-30T12:34:56.789Z', message, fields };
}

const script = { scriptHash: 'd1fb1487a0b1c2d3', sessionId: 's', durationMs: 64.2, toolCalls: 2 };
const entries: LogEntry[] = [
  entry('is connected (revision 2025-11-25, 17 tools)', { backend: 'files' }),
  entry('connection lost: ended with exit code 1', { backend: 'files' }, 'warn'),
  entry('listening', { backend: 'files', source: 'stderr' }),
  entry('script started', script),
  entry('script ended', { ...script, status: 'success' }),
  entry(
    'script ended',
    { ...script, toolCalls: 1, status: 'error', errorCode: 'tool_error', line: 3 },
    'warn',
  ),
  entry('call ended', { tool: 'files_read', status: 'success', durationMs: 3.7, client: 'claude-code' }),
  entry('call ended', { tool: 'files_read', status: 'error', durationMs: 1234 }),
  entry('config reloaded', { name: 'x' }),
  entry('config reloaded', {
    name: 'x',
    backendsAdded: ['a', 'b'],
    backendsRemoved: ['c'],
    backendsChanged: ['d'],
    toolsAdded: ['a_1', 'a_2'],
    toolsRemoved: ['c_1'],
    keys: ['codeMode.enabled', 'operational.timeouts'],
  }),
  entry('config reloaded', { name: 'x', toolsAdded: Array.from({ length: 12 }, (_, index) => `t${index}`) }),
  entry('config not reloaded', { problems: ['vmcp.yaml:1:1: one', 'vmcp.yaml:2:1: two'] }, 'error'),
  entry('traces did not reach the OTLP endpoint: refused', {}, 'warn'),
  entry('a script thread was lost and is replaced', { thread: 't1', scripts: 2 }, 'error'),
  entry('bad \u001b[31mwords\u0007 of\na backend', { backend: 'evil\u001b[2J' }, 'warn'),
];

describe('the log on a terminal', () => {
  test('is a short line for each entry, and more of them with --verbose', () => {
    const [usual, verbose, quiet] = [lines(), lines({ verbose: true }), lines({ quiet: true })];
    const text = [usual, verbose, quiet]
      .map((each) => entries.map((one) => each.lineOf(one) ?? '').join(''))
      .join('\n');
    matchesGolden(golden, text);
  });

  test('tells a failure that goes on once, and then once an hour', () => {
    const log = lines();
    const at = (minutes: number, attempt: number): string | undefined =>
      log.lineOf({
        ...entry(`connect failed (attempt ${attempt}): refused`, { backend: 'a' }, 'warn'),
        time: new Date(Date.UTC(2026, 10, 30) + minutes * 60_000).toISOString(),
      });
    assert.ok(at(0, 1));
    assert.equal(at(1, 2), undefined);
    assert.equal(at(59, 40), undefined);
    assert.match(at(61, 41) ?? '', /attempt 41/);
    assert.equal(at(62, 42), undefined);
    assert.ok(
      log.lineOf(entry('connect failed (attempt 1): refused', { backend: 'b' }, 'warn')),
      'of another',
    );
    assert.ok(log.lineOf(entry('is connected', { backend: 'a' })), 'what is new is told');
    assert.ok(log.lineOf(entry('connect failed (attempt 1): refused', { backend: 'a' }, 'warn')));
  });
});
