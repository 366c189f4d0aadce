import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { configReader } from '../server/config.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly allOf?: readonly Node[];
  readonly then?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly default?: unknown;
}

/** Every key of the file that holds a value, with its default. */
function leaves(node: Node, key = ''): [key: string, fallback: unknown][] {
  const inner = [node.items, node.then, ...(node.allOf ?? []), ...(node.anyOf ?? [])].filter(
    (part) => part !== undefined,
  );
  const map = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  if (map?.properties) inner.push(map);
  const properties = Object.entries(node.properties ?? {}).flatMap(([name, value]) => leaves(value, name));
  const all = [...properties, ...inner.flatMap((part) => leaves(part))];
  return all.length > 0 ? all : key === '' ? [] : [[key, node.default]];
}

test('docs/configuration.md names every key, and the default that the schema has for it', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const schema = JSON.parse(JSON.stringify(configReader.toJsonSchema())) as Node;
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const found = leaves(schema);
  assert.ok(found.length > 50, `only ${found.length} keys`);
  for (const [key, fallback] of found) {
    const own = rows.filter((row) => new RegExp(`[\`.]${key}[\`.]|[\`.]${key}\\[`).test(row));
    assert.ok(own.length > 0 || page.includes(`\`${key}\``), `"${key}" is not on the page`);
    if (fallback === undefined || typeof fallback === 'object' || fallback === '') continue;
    assert.ok(
      own.some((row) => row.split('|')[2]?.includes(String(fallback))),
      `the default ${String(fallback)} of "${key}" is not on the page`,
    );
  }
});
