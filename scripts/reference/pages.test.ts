import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { generatedPages } from './pages.ts';

const root = join(import.meta.dirname, '../..');

test('each generated page is as the program makes it (npm run reference writes them)', async () => {
  for (const [path, text] of generatedPages()) {
    const file = join(root, path);
    const expected = await format(text, { ...(await resolveConfig(file)), filepath: file });
    assert.equal(await readFile(file, 'utf8'), expected, path);
  }
});

test('the reference has the keys, metrics and built-ins that people ask for', () => {
  const pages = generatedPages();
  assert.match(
    pages.get('docs/reference/keys.md') ?? '',
    /\| `codeMode\.stepLimit` \| whole number \| `100000` \| Most steps/,
  );
  assert.match(
    pages.get('docs/reference/keys.md') ?? '',
    /\| `backends\[\]\.command` \| text \| required \|/,
  );
  assert.match(
    pages.get('docs/reference/metrics.md') ?? '',
    /`toolhive_vmcp_tool_calls_total` \| counter \| `method` \(`execute_tool_script`/,
  );
  assert.match(pages.get('docs/reference/starlark.md') ?? '', /- `parallel`/);
  assert.match(pages.get('docs/how-to/clients/cursor.md') ?? '', /~\/\.cursor\/mcp\.json/);
});
