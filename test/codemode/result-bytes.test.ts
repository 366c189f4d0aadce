/** What a run reports of bytes: those that its script received, and those that its client was answered, exactly. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CodeModeOptions } from '../../src/features/code-mode/index.ts';
import { leaveUnread } from '../../src/gateway/index.ts';
import type { JsonObject } from '../../src/protocol/index.ts';
import type { FakeTool } from '../fixtures/fake-gateway.ts';
import { says, scriptBench, scriptPool, waits } from './fixtures/bench.ts';

const odd = 'naïve “quotes”\n\t\\ 😀';
const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
const structured = { result: [1, 2.5, 'ü'], more: { deep: null } };

/** A text that came long, and is read by the script's thread alone. */
function unread(): JsonObject {
  const block: JsonObject = { type: 'text' };
  leaveUnread(block, JSON.stringify(odd.repeat(1000)));
  return block;
}

const tools: Record<string, FakeTool> = {
  plain: says(odd),
  long: () => ({ content: [unread()] }),
  mixed: () => ({ content: [{ type: 'text', text: 'ab' }, image] }),
  structured: () => ({ content: [{ type: 'text', text: 'not counted' }], structuredContent: structured }),
  failing: () => ({ content: [{ type: 'text', text: 'x'.repeat(500) }], isError: true }),
  nothing: () => ({ content: [] }),
  slow: waits(60_000),
};

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
const pool = scriptPool();

describe('a script receives', () => {
  const cases: readonly [script: string, toolBytes: number, options?: Partial<CodeModeOptions>][] = [
    ['return 1', 0],
    ['plain()', bytes(odd)],
    ['long()', 1000 * bytes(odd)],
    ['mixed()', 2 + bytes(JSON.stringify(image))],
    ['structured()', bytes(JSON.stringify(structured))],
    ['nothing()', 0],
    ['failing()', 0],
    ['attempt(failing)\nplain()', bytes(odd)],
    ['parallel([plain, plain, structured])', 2 * bytes(odd) + bytes(JSON.stringify(structured))],
    ['plain()\nslow()', bytes(odd), { toolCallTimeoutMs: 50 }],
    ['plain()\nfail("enough")', bytes(odd)],
    ['plain()\nfor i in range(1000000):\n  pass', bytes(odd), { stepLimit: 1000 }],
  ];
  for (const [script, toolBytes, options] of cases) {
    test(`${toolBytes} bytes by ${JSON.stringify(script)}`, async () => {
      const bench = scriptBench(tools, { ...options, pool });
      const { texts } = await bench.run(script);
      assert.equal(bench.runs[0]?.toolBytes, toolBytes);
      // Whatever the client is answered, a value, notes or an error.
      const answered = texts.reduce((sum, text) => sum + bytes(text), 0);
      assert.equal(bench.runs[0].clientBytes, answered);
    });
  }
});

test('the bytes of a large answer are those of its texts, not of its JSON', async () => {
  const bench = scriptBench(tools, { pool });
  const { texts } = await bench.run('print("p" * 10)\nreturn "\\n\\"ü" * 40000');
  assert.equal(
    bench.runs[0]?.clientBytes,
    texts.reduce((sum, text) => sum + bytes(text), 0),
  );
  assert.ok(bench.runs[0].clientBytes > 160_000);
});

test('bad arguments are answered in words that count, and a cancelled call is answered nothing', async () => {
  const bench = scriptBench(tools, { pool });
  const { texts } = await bench.run('');
  assert.equal(bench.runs[0]?.clientBytes, bytes(texts.join('')));
  const stop = new AbortController();
  const running = bench.run('plain()\nslow()', undefined, { signal: stop.signal });
  setImmediate(() => stop.abort());
  await assert.rejects(running);
  assert.equal(bench.runs[1]?.clientBytes, 0);
});

test('each inner call that was handed on is timed once', async () => {
  const took: number[] = [];
  const bench = scriptBench(tools, { pool, toolCallTimeoutMs: 50, onCallMade: (ms) => took.push(ms) });
  await bench.run('parallel([plain, plain])\nattempt(failing)\nattempt(slow)');
  assert.equal(took.length, 4);
  assert.equal(bench.runs[0]?.toolCalls, 4);
  assert.ok(Math.max(...took) >= 40, String(took));
});
