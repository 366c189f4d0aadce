#!/usr/bin/env node
// As a whole, and the rest when asked for: a name that an older Node lacks fails before another can be looked for.
import * as nodeModule from 'node:module';
import { tuneCollector } from './collector.ts';
import { fileURLToPath } from 'node:url';
import { nodeFolders, runWithNewerNode } from './newer-node.ts';
import { unfitNode } from './kit/node-version.ts';

const unfit = unfitNode(process.versions.node);
if (unfit === undefined) {
  // Before anything else is loaded: V8 does not give back what it has taken for new objects.
  tuneCollector();
  // Halves the time until a second start listens. It helps what is imported after it only, hence the dynamic imports.
  nodeModule.enableCompileCache();
  const [{ runCli }, { runAsProcess }] = await Promise.all([import('./run.ts'), import('./kit/terminal.ts')]);
  await runAsProcess(runCli);
} else if (
  !runWithNewerNode(nodeFolders(fileURLToPath(new URL('../..', import.meta.url)), process.env['PATH']))
) {
  process.stderr.write(unfit);
  process.exitCode = 1;
}
