import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The specification's own suite lies beside the repository and is read in place. */
export const specificationSuite: string = join(
  import.meta.dirname,
  '../../../shared/conformance/starlark-spec',
);

/** Where the suite is missing its tests are skipped, loudly; in CI that is a failure. */
export function skipWithoutSuite(): string | false {
  if (existsSync(specificationSuite)) return false;
  const message = 'the Starlark specification’s suite is not at ../shared/conformance/starlark-spec';
  if (process.env['CI']) throw new Error(`${message}, and CI skips nothing`);
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}
