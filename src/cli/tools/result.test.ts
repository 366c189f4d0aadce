import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolResult } from '../../server/index.ts';
import { createTerminal } from '../../../test/support/terminal.ts';
import { printJson, textsOf, valueOf } from './result.ts';

const text = (value: string): { type: string; text: string } => ({ type: 'text', text: value });

test('a result is its structured content, or the value of its blocks', () => {
  const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };
  const cases: [result: ToolResult, value: unknown][] = [
    [{ content: [text('x')], structuredContent: { a: 1 } }, { a: 1 }],
    [{ content: [text('hello')] }, 'hello'],
    [{ content: [text('{"a": [1, 2]}')] }, { a: [1, 2] }],
    [{ content: [text('12345678901234567890')] }, 12345678901234567890n],
    [{ content: [text('a'), text('2'), image] }, ['a', 2, image]],
    [{ content: [] }, null],
    [{}, null],
  ];
  for (const [result, value] of cases) assert.deepEqual(valueOf(result), value);
  assert.deepEqual(textsOf({ content: [text('a'), image, text('b')] }), ['a', 'b']);
});

test('a value is one line for a program, and indented for a person', () => {
  const [program, person] = [createTerminal(), createTerminal({ stdoutIsTerminal: true })];
  for (const terminal of [program, person]) printJson(terminal, { a: [10n ** 20n] });
  assert.equal(program.said.out, '{"a":[100000000000000000000]}\n');
  assert.equal(person.said.out, '{\n  "a": [\n    100000000000000000000\n  ]\n}\n');
});
