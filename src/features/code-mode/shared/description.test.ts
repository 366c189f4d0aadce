import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe as group, test } from 'node:test';
import type { Tool } from '../../../gateway/index.ts';
import { Catalogs } from './catalog.ts';
import { summaryOf } from './description.ts';
import { defaultDescriptionLength, defaultLimits } from '../gateway/options.ts';
import { exampleTools } from '../../../../test/codemode/fixtures/example-tools.ts';

/** `UPDATE_GOLDEN=1 npm test` writes the files anew; read the difference. */
function assertGolden(name: string, actual: string): void {
  const file = new URL(`../../../../test/golden/codemode/${name}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${actual}\n`);
  assert.equal(`${actual}\n`, readFileSync(file, 'utf8'));
}

function descriptionOf(tools: readonly Tool[], maxDescriptionLength = defaultDescriptionLength): string {
  return new Catalogs({ ...defaultLimits, maxDescriptionLength }).of(tools).description;
}

function manyTools(count: number): Tool[] {
  return Array.from({ length: count }, (_, index) => {
    const [example] = exampleTools;
    return { ...example, name: `backend${index % 7}_tool_number_${index}` } as Tool;
  });
}

group('the description of execute_tool_script', () => {
  test('tells the language, the limits and every tool with its signature', () => {
    assertGolden('description.txt', descriptionOf(exampleTools));
  });

  test('says so when there is no tool', () => {
    assert.match(descriptionOf([]), /There is no tool to call/u);
  });

  for (const count of [50, 100, 400, 5000]) {
    test(`keeps to its budget with ${count} tools, and says how a script finds the rest`, () => {
      const text = descriptionOf(manyTools(count));
      assert.ok(text.length <= defaultDescriptionLength, `${text.length} characters`);
      assert.match(text, new RegExp(`${count}`, 'u'));
      if (count > 50) assert.match(text, /search_tools\("text"\).*describe_tool\("name"\)/u);
    });
  }

  test('names the parameters of every tool for as long as they fit', () => {
    const text = descriptionOf(manyTools(200));
    assert.match(text, /In short, x\? is optional:\n/u);
    assert.match(text, /^backend4_tool_number_186\(owner, repo, state\?, limit\?\)$/mu);
    assert.match(text, /search_tools\("text"\).*describe_tool\("name"\)/u);
  });

  test('names every tool for as long as the names fit', () => {
    const text = descriptionOf(manyTools(400));
    for (const tool of manyTools(400)) assert.ok(text.includes(tool.name), tool.name);
    assert.match(descriptionOf(manyTools(5000)), /and \d+ more\.$/u);
  });
});

group('the summary of a tool', () => {
  const cases: [string, string, string][] = [
    ['is the first sentence', 'Lists issues. Takes a while.', 'Lists issues.'],
    ['is one line', 'Lists\n  issues', 'Lists issues'],
    ['does not end at an abbreviation', 'Lists e.g. issues of v1.2 only', 'Lists e.g. issues of v1.2 only'],
    ['is cut where it is long', 'x'.repeat(200), `${'x'.repeat(117)}...`],
    ['may be empty', '', ''],
  ];
  for (const [title, description, expected] of cases) {
    test(title, () => assert.equal(summaryOf(description), expected));
  }
});
