/** What `npm start` runs: serves the demo, and tells how to connect to it. Takes the options of `vmcp serve`. */
import { enableCompileCache } from 'node:module';

// Halves the time until a second start listens. It helps what is imported after it only, hence the dynamic imports.
enableCompileCache();
const [{ runDemo }, { runAsProcess }] = await Promise.all([
  import('./run-demo.ts'),
  import('../src/cli/kit/terminal.ts'),
]);

await runAsProcess(runDemo);
