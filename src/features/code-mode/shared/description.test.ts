import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe as group, test } from 'node:test';
import type { Tool } from '../../../gateway/index.ts';
import { toCatalogTools } from './catalog.ts';
import { describe } from './description.ts';
import { summaryOf } from './short-text.ts';
import type { ToolSources } from './tool-groups.ts';
import { defaultDescriptionBytes, defaultLimits } from '../defaults.ts';
import { exampleTools } from '../../../../test/codemode/fixtures/example-tools.ts';

/** `UPDATE_GOLDEN=1 npm test` writes the files anew; read the difference. */
function assertGolden(name: string, actual: string): void {
  const file = new URL(`../../../../test/golden/codemode/${name}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${actual}\n`);
  assert.equal(`${actual}\n`, readFileSync(file, 'utf8'));
}

const budget = defaultDescriptionBytes('alongside');

function descriptionOf(tools: readonly Tool[], maxDescriptionBytes = budget, sources?: ToolSources): string {
  return describe(toCatalogTools(tools), { ...defaultLimits, maxDescriptionBytes }, sources);
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
      assert.ok(Buffer.byteLength(text) <= budget, `${Buffer.byteLength(text)} bytes`);
      assert.match(text, new RegExp(`${count}`, 'u'));
      if (count > 50) assert.match(text, /search_tools\("text"\).*describe_tool\("name"\)/u);
    });
  }

  test('leaves out results, then most of what tools are for, before it leaves out types', () => {
    const [example] = exampleTools;
    const long = { ...example!, description: `${'Lists what there is '.repeat(5)}.` };
    const textOf = (count: number): string =>
      descriptionOf(Array.from({ length: count }, (_, index) => ({ ...long, name: `tool_${index}` })));
    const first = (text: string): string => /^tool_0\(.*$/mu.exec(text)?.[0] ?? '';
    const [whole, withoutResult, shortened] = [60, 72, 90].map((count) => first(textOf(count)));
    assert.match(whole!, / -> .*  # Lists what .{90,}$/u);
    assert.match(withoutResult!, /^(?!.* -> ).*: str.*  # Lists what .{90,}$/u);
    assert.match(shortened!, /^(?!.* -> ).*: str.*  # Lists what .{10,50}\.\.\.$/u);
  });

  test('names the parameters of every tool for as long as they fit', () => {
    const text = descriptionOf(manyTools(200));
    assert.match(text, /In short, x\? is optional:\n/u);
    assert.match(text, /^backend4_tool_number_186\(owner, repo, state\?, limit\?\)$/mu);
    assert.match(text, /search_tools\("text"\).*describe_tool\("name"\)/u);
  });

  test('names every tool for as long as the names fit', () => {
    const text = descriptionOf(manyTools(400));
    for (const tool of manyTools(400)) assert.ok(text.includes(tool.name), tool.name);
  });
});

group('where not even the names fit', () => {
  const verbs = ['list', 'get', 'create', 'close'];
  const nouns = ['issue', 'log', 'user'];
  const tools = Array.from({ length: 5000 }, (_, index): Tool => {
    const [backend, verb, noun] = [`team${index % 40}`, verbs[index % 4], nouns[index % 3]];
    return { name: `${backend}_${verb}_${noun}_${index}`, description: 'ü'.repeat(99), inputSchema: {} };
  });

  for (const bytes of [8000, 16_000])
    test(`within ${bytes} bytes it names the backends, what each is for, and how to search`, () => {
      const text = descriptionOf(tools, bytes);
      assert.ok(Buffer.byteLength(text) <= bytes);
      assert.match(text, /^5000 tools, .*search_tools\("text"\).*describe_tool\("name"\)/mu);
      for (let team = 0; team < 40; team++)
        assert.match(text, new RegExp(`^team${team}_\\* \\(125: .*(?:list|get|create|close).*\\)$`, 'mu'));
    });

  test('with more backends than fit it says how many are left out', () => {
    const many = tools.map((tool, index) => ({ ...tool, name: `b${index}_${tool.name}` }));
    const text = descriptionOf(many, 8000);
    assert.ok(Buffer.byteLength(text) <= 8000);
    const shown = text.match(/^b\d+_\* /gmu)?.length ?? 0;
    assert.ok(shown > 20);
    assert.match(text, new RegExp(`\\.\\.\\. and ${5000 - shown} more, which search_tools finds\\.$`, 'u'));
  });

  test('where the backends are known, it says what each is for', () => {
    const sources: ToolSources = {
      backendOf: (name) => /^team\d+/u.exec(name)?.[0],
      purposeOf: (backend) => (backend === 'team3' ? undefined : `Everything about the work of ${backend}.`),
    };
    const text = descriptionOf(tools, 8000, sources);
    assert.ok(Buffer.byteLength(text) <= 8000);
    assert.match(text, /^5000 tools, .*search_tools\("text"\)/mu);
    for (let team = 0; team < 40; team++)
      assert.match(
        text,
        new RegExp(`^team${team}_\\* \\(125: .+\\)${team === 3 ? '$' : '  # Everything about'}`, 'mu'),
      );
    assert.match(text, /# Everything about the work of team39\.$/mu);
  });

  test('a backend whose tools do not begin with its name is named', () => {
    const sources: ToolSources = {
      backendOf: (name) => (Number(/^team(\d+)/u.exec(name)?.[1]) < 20 ? 'forge' : 'desk'),
      purposeOf: (backend) => `Serves the ${backend}.`,
    };
    const text = descriptionOf(tools, 8000, sources);
    assert.match(
      text,
      /^\* of desk \(2500: .*\)  # Serves the desk\.\n\* of forge \(2500: .*\)  # Serves the forge\.$/mu,
    );
  });

  test('names without a beginning in common are a group as well', () => {
    const many = tools.map((tool, index) => ({ ...tool, name: `tool${index}`.padEnd(20, 'x') }));
    assert.match(descriptionOf(many, 8000), /^\* \(5000: /mu);
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
