import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mcpClients } from '../../lib/mcp-clients.ts';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { connections } from './connect.ts';

const url = 'http://127.0.0.1:4483/mcp';
const shown = connections('demo', url);

for (const { id, format, path, entry } of mcpClients) {
  test(`what ${id} is shown is its entry, in its own format`, () => {
    const text = shown.find((one) => one.id === id)?.entry ?? '';
    const read: unknown = { json: JSON.parse, toml: parseToml, yaml: parseYaml }[format](text);
    const found = [...path, 'demo'].reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown>)[key],
      read,
    );
    assert.deepEqual(
      JSON.parse(JSON.stringify(found)),
      JSON.parse(JSON.stringify(entry({ url, command: ['npx', '-y', 'mcp-remote', url] }))),
    );
  });
}
