/**
 * Credentials towards backends: each `outgoingAuth` strategy as an `OutgoingCredential`, which is asked for headers at each
 * request. A *strategy* says how one backend is told who calls; *static headers* (`backends[].headers`) are the same for
 * every caller and stand under it. A *login* is a person's, made once for every caller. Nothing here opens a connection to a backend, and nothing here logs.
 */
export {
  createOutgoingCredential,
  type OutgoingOptions,
  type StrategyOptions,
} from './outgoing-credential.ts';
export { clientMetadataRoutes } from './oauth/client-metadata.ts';
export { LoginError } from './oauth/discover.ts';
export { createLogins, type LoginStatus, type Logins, type LoginTarget } from './oauth/logins.ts';
export type { PendingLogin } from './oauth/login.ts';
