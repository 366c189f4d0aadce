import { FeatureError, type FeatureCode, type FeatureParts } from '../feature.ts';
import type { Caller } from '../../gateway/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { ConsoleOptions } from './declaration.ts';
import { sendPage, tryReadPage } from './page.ts';
import { serveConsole } from './serve.ts';
import { ConsoleState } from './state.ts';
import { Watch, type RunObserver } from './watch.ts';

/** The console at work: sign-ins and the record of calls outlive reloads, the stages belong to one configuration. */
export const consoleCode: FeatureCode<ConsoleOptions, Metrics, ConsoleState> = {
  keep: (_options, { onDefect }) => new ConsoleState(onDefect),
  prepare: ({ enabled }, host, state, site): FeatureParts => {
    if (!site.isLoopback && enabled !== true) return {};
    if (!site.isLoopback && !site.knowsCallers)
      throw new FeatureError(
        '"console.enabled: true" shows this server to other machines, and "incomingAuth" does not find out who asks: ' +
          'choose "incomingAuth.type: apiKeys" or "oidc", or leave the console off',
      );
    const page = tryReadPage();
    if ('fault' in page) {
      host.log('warn', `the console is not served: ${page.fault}; "npm run build" makes it`);
      return {};
    }
    const observers = new WeakMap<Caller, RunObserver>();
    const { edge, every } = new Watch(state, observers);
    const terms = { state, site, observers, page, host };
    return {
      edge,
      every,
      page: (_request, response) => sendPage(response, page, state.pageToken),
      routes: [{ path: '/console/', handle: (request, response) => serveConsole(request, response, terms) }],
    };
  },
};
