import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, run, scriptOptions, Thread } from '../index.ts';

test('a program may hold more texts than a JavaScript function can take parameters', async () => {
  const count = 70_000;
  const texts = Array.from({ length: count }, (_, at) => `"text ${at}"`);
  const source = `texts = [${texts.join(',\n')}]\nreturn (texts[0], texts[499], texts[500], texts[-1], "text 500" in texts)\n`;
  const program = compile(source, { filename: 'texts.star', fileOptions: scriptOptions, predeclared: [] });
  const { value } = await run(program, new Thread(), new Map());
  assert.deepEqual(
    [...(value as unknown as { elems: unknown[] }).elems],
    ['text 0', 'text 499', 'text 500', `text ${count - 1}`, true],
  );
});
