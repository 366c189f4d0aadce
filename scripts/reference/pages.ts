/** The pages of the documentation that are made of what the program knows of itself. */
import { cliReference } from '../../src/cli/reference/markdown.ts';
import { clientPages } from './clients.ts';
import { keysReference } from './keys.ts';
import { metricsReference } from './metrics.ts';
import { starlarkReference } from './starlark.ts';

/** Each page by its path in the repository, before prettier has set its tables. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/cli.md', cliReference()],
    ['docs/reference/keys.md', keysReference()],
    ['docs/reference/metrics.md', metricsReference()],
    ['docs/reference/starlark.md', starlarkReference()],
    ...clientPages(),
  ]);
}
