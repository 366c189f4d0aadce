/** The page of the names that scripts have, from the language itself. */
import { modules, scriptBuiltins, scriptUniverse, universe } from '../../src/starlark/index.ts';
import { code } from './table.ts';

/** The whole page. */
export function starlarkReference(): string {
  const inLanguage = [...universe.keys()];
  const inScripts = [...new Set([...scriptUniverse().keys(), ...scriptBuiltins().keys()])].filter(
    (name) => !universe.has(name),
  );
  const ofModules = Object.entries(modules).map(
    ([name, module]) => `## Module ${code(name)}\n\n${list([...module.members.keys()])}`,
  );
  return `# Starlark built-ins

<!-- Written by \`npm run reference\` from src/starlark. -->

What scripts can call besides the tools of the server. [starlark.md](../starlark.md) says what each does
and how it differs from Python; [code-mode.md](../code-mode.md) how tools are called.

## In every program

${list(inLanguage)}

## In scripts of code mode, too

${list(inScripts)}

${ofModules.join('\n\n')}
`;
}

function list(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `- ${code(name)}`)
    .join('\n');
}
