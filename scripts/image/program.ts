/**
 * Runs while the image is built, after `npm run build`: puts the program and what describes it into a folder, and loads
 * every module that it imports from those that were pruned.
 *
 * Usage: node program.ts FOLDER, which holds `node_modules` and `sbom.cdx.json`; it gets `image/app`, a layer of the image
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fixTimes } from './fix-times.ts';
import { completeSbom } from './sbom.ts';

/** The name of a package in an import or export as the compiler writes it, in a statement of one line or in a call. */
const importedName =
  /(?:^(?:import|export)\b.* from |^import |\bimport\()['"]((?!node:)[@a-z][\w@./-]*)['"]/gm;

const target = process.argv[2];
if (target === undefined) throw new Error('usage: node program.ts FOLDER');
const root = resolve(import.meta.dirname, '../..');
const layer = join(target, 'image');
const app = join(layer, 'app');

cpSync(join(root, 'dist'), join(app, 'dist'), {
  recursive: true,
  filter: (path) => !/\.(map|d\.ts)$/.test(path),
});
for (const file of ['package.json', 'LICENSE']) cpSync(join(root, file), join(app, file));
writeFileSync(join(app, 'sbom.cdx.json'), completeSbom(readFileSync(join(target, 'sbom.cdx.json'), 'utf8')));
fixTimes(layer);
loadImports();

/** Loads each module that the program imports by name, resolved from the program's own place. */
function loadImports(): void {
  const specifiers = new Set(
    globSync('dist/**/*.js', { cwd: app }).flatMap((file) => {
      const imports = readFileSync(join(app, file), 'utf8').matchAll(importedName);
      return [...imports].map(([, name]) => name ?? '');
    }),
  );
  const program = [...specifiers]
    .map((specifier) => `await import(${JSON.stringify(specifier)});`)
    .join('\n');
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: app, stdio: 'inherit' });
  process.stdout.write(`image: all ${specifiers.size} modules that the program imports load\n`);
}
