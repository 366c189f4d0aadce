import { randomUUID } from 'node:crypto';
import { noClient, type Caller, type Principal, type RequestContext } from '../../gateway/index.ts';

/** The console as a client of the server that it is part of. */
export function callerOf(principal: Principal): Caller {
  return {
    sessionId: `console-${randomUUID()}`,
    hasSession: false,
    principal,
    revision: '2026-07-28',
    capabilities: {},
    clientInfo: { name: 'vmcp-console', version: '1' },
    forwardedHeaders: {},
  };
}

/** What each of its requests carries. Nothing can be asked of it in mid-call. */
export function contextOf(principal: Principal, signal: AbortSignal): RequestContext {
  return { origin: 'client', caller: callerOf(principal), client: noClient, signal };
}
