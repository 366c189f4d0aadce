/** The console as the rest of the program knows it: its block `console`, and where its code is. */
import { notBuilt, openFlag, section, type z } from '../../config/kit/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { Feature } from '../feature.ts';
import type { ConsoleState } from './state.ts';

const schema = section({
  enabled: openFlag().describe(
    'Serves the console to browsers at /. On where only this machine can reach the server, unless false; elsewhere it ' +
      'takes true and an incomingAuth that knows its callers.',
  ),
  prometheus: notBuilt('charts of a fleet in the console are'),
  oidc: notBuilt('signing in to the console through an OpenID provider is'),
});

/** Options of the console. */
export type ConsoleOptions = z.output<typeof schema>;

const metrics = {} satisfies Metrics;

export const consoleFeature: Feature<'console', ConsoleOptions, typeof metrics, ConsoleState> = {
  key: 'console',
  schema,
  about: 'The page that shows this server to people.',
  metrics,
  isOn: ({ enabled }) => enabled !== false,
  load: async () => (await import('./index.ts')).consoleCode,
};
