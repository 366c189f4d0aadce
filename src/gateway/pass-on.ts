import type { Gateway } from './gateway.ts';

/**
 * A Gateway that does what `inner` does: what a layer spreads, and then puts its own methods over. Each method is bound,
 * since a Gateway may be an object with state.
 */
export function passOn(inner: Gateway): Gateway {
  return {
    listTools: (caller) => inner.listTools(caller),
    callTool: (call) => inner.callTool(call),
    list: (what, caller) => inner.list(what, caller),
    request: (request) => inner.request(request),
    capabilities: (caller) => inner.capabilities(caller),
    instructions: (caller) => inner.instructions(caller),
    subscribe: (listener) => inner.subscribe(listener),
    endSession: (sessionId) => inner.endSession(sessionId),
  };
}
