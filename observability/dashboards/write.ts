/** Writes the dashboards as JSON beside their code. `npm run dashboards` runs it. */
import { writeFileSync } from 'node:fs';
import { buildDashboard } from './code-mode.ts';

writeFileSync(
  new URL('code-mode.json', import.meta.url),
  `${JSON.stringify(buildDashboard(), undefined, 2)}\n`,
);
