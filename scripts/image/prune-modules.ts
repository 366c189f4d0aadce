/**
 * Runs while the image is built: removes from installed modules what Node never loads. Types, sources, source maps and
 * documents go by their names; builds for bundlers by what the package says of itself. Licences stay. `program.ts` then
 * loads every module that the program imports, so that a file too many does not go unseen.
 *
 * Usage: node prune-modules.ts FOLDER, which holds `app/node_modules` and becomes a layer of the image
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fixTimes } from './fix-times.ts';

const layer = process.argv[2];
if (layer === undefined) throw new Error('usage: node prune-modules.ts FOLDER');
const root = join(layer, 'app/node_modules');

const unusedFile =
  /\.(map|md|markdown|flow|yml|yaml|zip|sh)$|\.[cm]?ts$|^\.(?!package-lock\.json$)|\.(test|bench)\.[cm]?js$/i;
/** Folders at the top of a package. Deeper down, `doc` and the like may hold programs. */
const unusedFolder = /^(\.github|docs?|examples?|tests?|__tests__|benchmarks?|man)$/;
/** Fields of `package.json` that name a build for others than Node. Where `exports` stands, they are not looked at. */
const otherBuilds = ['module', 'esnext', 'es2015', 'browser'] as const;

interface Manifest {
  readonly main?: string;
  readonly exports?: unknown;
  readonly [field: string]: unknown;
}

for (const folder of packageFolders(root)) prunePackage(folder);
pruneFiles(root);
fixTimes(layer);

function packageFolders(modules: string): string[] {
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    const path = join(modules, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    if (entry.name.startsWith('@')) return packageFolders(path);
    const inner = join(path, 'node_modules');
    return [path, ...(readdirSync(path).includes('node_modules') ? packageFolders(inner) : [])];
  });
}

function prunePackage(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && unusedFolder.test(entry.name)) remove(join(folder, entry.name));
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  if (manifest.exports !== undefined || manifest.main === undefined) return;
  const used = dirname(manifest.main);
  for (const field of otherBuilds) {
    const entry = manifest[field];
    if (typeof entry !== 'string') continue;
    const build = dirname(entry);
    const isApart =
      build !== '.' && !`${used}/`.startsWith(`${build}/`) && !`${build}/`.startsWith(`${used}/`);
    if (isApart) remove(join(folder, build));
  }
}

function pruneFiles(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) pruneFiles(path);
    else if (unusedFile.test(entry.name) && !/^licen[cs]e/i.test(entry.name)) remove(path);
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
