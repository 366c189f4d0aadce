import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedact } from '../lib/redact.ts';
import { createLog, type LogEntry } from './log.ts';

test('an entry is a line of JSON, or itself for whoever shows it in another way, without its secrets', () => {
  const lines: string[] = [];
  const entries: LogEntry[] = [];
  const toLines = createLog({ level: 'info', sink: (line) => void lines.push(line) });
  const toEntries = createLog({
    level: 'info',
    sink: () => assert.fail('a line was written'),
    onEntry: (entry) => void entries.push(entry),
  });
  for (const log of [toLines, toEntries]) {
    log.setRedact(createRedact(['hush']));
    log.write('warn', 'said hush', { backend: 'a' });
    log.write('debug', 'too little');
  }
  const [line = '', ...more] = lines;
  const { time, ...rest } = JSON.parse(line) as { time: string };
  assert.deepEqual([rest, more], [{ level: 'warn', backend: 'a', msg: 'said [redacted]' }, []]);
  assert.match(time, /^\d{4}-.*Z$/);
  assert.deepEqual(
    entries.map(({ time: _, ...entry }) => entry),
    [{ level: 'warn', message: 'said [redacted]', fields: { backend: 'a' } }],
  );
});

test('a line holds nothing that a terminal obeys or hides, and means the same', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', sink: (line) => void lines.push(line) });
  const said = 'a\u001b[2J\u009b2J\u0007\u202eb\u2028c\u200b';
  log.write('info', said);
  assert.match(lines.join(''), /^[ -~]+\n$/);
  assert.equal((JSON.parse(lines.join('')) as { msg: string }).msg, said);
});

test('what is less than the least level is never written, whatever level is set', () => {
  const messages: string[] = [];
  const log = createLog({
    level: 'debug',
    leastLevel: 'warn',
    sink: () => undefined,
    onEntry: ({ message }) => void messages.push(message),
  });
  const writeAll = (): void => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log.write(level, level);
  };
  writeAll();
  log.setLevel('info');
  writeAll();
  log.setLevel('error');
  writeAll();
  assert.deepEqual(messages, ['warn', 'error', 'warn', 'error', 'error']);
});
