/**
 * Holds the import table over src/, then over a tree of planted breaches that must set off every rule there is.
 * The second half is the canary: dependency-cruiser passes with a cheerful "no violations" when its parser is missing
 * and it has read nothing, so a pass here also has to show how many modules were read.
 */
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { boundaryRules, testFiles } from './boundary-rules.ts';
import { consoleBreaches, readConsole, type ReadModule } from './console-imports.ts';

const root = resolve(import.meta.dirname, '../..');
const plantedTree = join(root, 'test/fixtures/boundaries');

async function readTree(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const { output } = await cruise(folders, {
    baseDir,
    ruleSet: { forbidden: boundaryRules },
    validate: true,
    exclude: { path: [testFiles, '[.]tsx$'] },
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  });
  if (typeof output === 'string') throw new Error(`expected a cruise result, got text: ${output}`);
  return output;
}

function countSources(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts') && !new RegExp(testFiles).test(name)).length;
}

function describeViolations(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => {
    const sentence = boundaryRules.find(({ name }) => name === rule.name)?.comment ?? '';
    return `${rule.name}: ${from} -> ${to}\n    ${sentence}`;
  });
}

async function checkProduct(): Promise<string[]> {
  const result = await readTree(root, ['src']);
  const read = result.modules.filter(({ source }) => source.startsWith('src/')).length;
  const present = countSources(join(root, 'src'));
  const page = await readConsole(root);
  const problems = [
    ...describeViolations(result),
    ...folderCycles([...result.modules, ...page]),
    ...consoleBreaches(page),
  ];
  if (read < present)
    problems.push(`read ${read} modules of src, but ${present} are there: the parser is blind`);
  process.stdout.write(`boundaries: ${read} modules, ${result.summary.totalDependenciesCruised} imports\n`);
  return problems;
}

/** Files that show their folder to others: what lies below may need what lies beside them. */
const faces: ReadonlySet<string> = new Set(['index.ts', 'declaration.ts']);

/**
 * Folders that import each other in a circle, by the files that close it. The face of a folder stands apart; within the language, values and their methods know each other, so that src/starlark counts as one.
 */
function folderCycles(modules: readonly ReadModule[]): string[] {
  const folderOf = (file: string): string =>
    file.startsWith('src/starlark/') ? 'src/starlark' : dirname(file);
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const isInner = [source, resolved].every(
        (file) => file.startsWith('src/') && !faces.has(basename(file)),
      );
      const [from, to] = [folderOf(source), folderOf(resolved)];
      if (isInner && from !== to) imports.set(from, (imports.get(from) ?? new Set()).add(to));
    }
  }
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of imports.get(from) ?? []) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  const circular = [...imports.keys()].filter((folder) => reach(folder).has(folder)).sort();
  return circular.length === 0 ? [] : [`folder cycle: ${circular.join(', ')} import each other in a circle`];
}

async function checkCanary(): Promise<string[]> {
  const result = await readTree(plantedTree, ['src']);
  const caught = new Set(result.summary.violations.map(({ rule }) => rule.name));
  const missed = boundaryRules.filter(({ name }) => !caught.has(name ?? ''));
  process.stdout.write(
    `boundaries: ${caught.size} of ${boundaryRules.length} rules caught their planted breach\n`,
  );
  const blind = missed.map(
    ({ name }) => `${name}: no planted breach in test/fixtures/boundaries sets this rule off`,
  );
  if (folderCycles(result.modules).length === 0)
    blind.push('folder cycle: the planted circle in test/fixtures/boundaries goes unseen');
  const planted = { source: 'src/console/app.tsx', dependencies: [{ resolved: 'src/server/app.ts' }] };
  if (consoleBreaches([planted]).length === 0) blind.push('direction-console: a planted import goes unseen');
  return blind;
}

const problems = [...(await checkProduct()), ...(await checkCanary())];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
