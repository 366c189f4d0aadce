/**
 * Builds the console's page: `src/console` to one script and one style sheet, with everything that they need in them, and
 * the licences of the packages that are in them.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Where the server reads the page from. */
export const consoleFolder: string = join(root, 'dist/console');

/**
 * Builds the page into a folder, which is made.
 * @throws esbuild's errors, with the places in the source that are at fault
 */
export async function buildConsole(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { app: 'src/console/main.tsx' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  writeFileSync(join(folder, 'licences.txt'), licencesOf(Object.keys(metafile.inputs)));
}

/**
 * Builds the page again where its source is newer, beside what may be served meanwhile.
 * @returns true where it was built
 */
export async function refreshConsole(): Promise<boolean> {
  if (existsSync(join(consoleFolder, 'app.js')) && builtAt() >= changedAt()) return false;
  const fresh = join(root, 'node_modules/.cache', `console-${process.pid}`);
  try {
    mkdirSync(fresh, { recursive: true });
    await buildConsole(fresh);
    mkdirSync(consoleFolder, { recursive: true });
    for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(consoleFolder, name));
    return true;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function builtAt(): number {
  return statSync(join(consoleFolder, 'app.js')).mtimeMs;
}

/** When what the page is made of last changed, its packages included. */
function changedAt(): number {
  const sources = ['src/console', 'src/starlark', 'src/lib'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return Math.max(...[...sources, join(root, 'package-lock.json')].map((file) => statSync(file).mtimeMs));
}

/** The licence of each package that a file of the bundle came from. */
function licencesOf(files: readonly string[]): string {
  const packages = new Set(
    files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? 'see the package' : readFileSync(join(folder, file), 'utf8').trim();
      return `${name}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(72)}\n\n`);
}
