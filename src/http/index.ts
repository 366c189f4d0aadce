/** The listener and what is mounted on it. Knows no MCP: what serves `/mcp` and `/metrics` is handed in. */
export { createListener } from './listener.ts';
export type { Handler, Listener, ListenerOptions, ListenerTimeouts, Route } from './listener.ts';
export { isLoopback } from './host-check.ts';
export { probeRoutes } from './probes.ts';
export type { ProbeOptions, StatusAnswer } from './probes.ts';
