/**
 * The console's modules as the other folders' are read: who imports whom. dependency-cruiser does not read the files with
 * markup in them, so esbuild tells, which has to follow every import to build the page.
 */
import { build } from 'esbuild';

export interface ReadModule {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

/** What the page may be made of, beside itself. */
const mayImport = ['src/console/', 'src/lib/', 'src/starlark/analysis/index.ts'];
const packages = /^node_modules\/(?:preact|@codemirror\/[^/]+|@lezer\/[^/]+)\//;

/** Every file of `src/console` that is in the page. */
export async function readConsole(root: string): Promise<ReadModule[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/console/main.tsx'],
    outdir: 'dist/console',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  return Object.entries(metafile.inputs)
    .filter(([source]) => source.startsWith('src/console/'))
    .map(([source, { imports }]) => ({
      source,
      dependencies: imports.map(({ path }) => ({ resolved: path })),
    }));
}

/** The imports that lead where the console has no business. */
export function consoleBreaches(modules: readonly ReadModule[]): string[] {
  return modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(
        ({ resolved }) => !packages.test(resolved) && !mayImport.some((path) => resolved.startsWith(path)),
      )
      .map(
        ({ resolved }) =>
          `direction-console: ${source} -> ${resolved}\n    src/console may import itself, ` +
          'src/starlark/analysis, src/lib, Preact and CodeMirror',
      ),
  );
}
