/**
 * The gateway as a client of backends: one `BackendClient` for each, which opens connections, negotiates a revision, and
 * carries requests whole. It decides nothing: names, health, limits of the fleet and what clients see are decided in
 * `gateway`.
 *
 * A *connection* is one conversation (a child process, an HTTP session); a *transport* carries its messages; a *call* is
 * one request under way; an *ask* is a question that the backend puts to the client in mid-call.
 */
export { RunningChildren } from './transport/stdio/child.ts';
export { createBackendClient } from './client.ts';
export { SharedWays } from './transport/http/http-origin.ts';
export type { BackendTarget, ClientOptions } from './connection/options.ts';
export type { LogLevel, OnLog } from './transport/transport.ts';
