/** Writes the pages of the documentation that are made of the program's own tables. A test holds the one to the other. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { generatedPages } from './reference/pages.ts';

const root = join(import.meta.dirname, '..');
for (const [path, text] of generatedPages()) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
