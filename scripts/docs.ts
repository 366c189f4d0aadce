/** Writes the documentation as a static site: `npm run docs [FOLDER]`, `site/` unless named. */
import { join, resolve } from 'node:path';
import { writeSite } from './docs/site.ts';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'site'));
const count = writeSite(root, folder);
process.stdout.write(`${count} pages in ${folder}\n`);
