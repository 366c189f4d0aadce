import type { ServerView } from '../features/feature.ts';
import type { Generation } from './generation.ts';
import { checkScript, describeTool } from './scripts.ts';

/**
 * The server as features see it.
 * @param generation the one in force, asked for each time
 */
export function createServerView(generation: () => Generation, state: ServerView['state']): ServerView {
  return {
    ask: (request) => generation().gateway.ask(request),
    authenticate: (request) => generation().authenticator.authenticate(request),
    state,
    toolOrigins: () => generation().catalogue.toolOrigins(),
    presentations: () => generation().catalogue.presentations(),
    checkScript,
    describeTool,
  };
}
