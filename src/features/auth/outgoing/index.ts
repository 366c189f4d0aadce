/**
 * Credentials towards backends: each `outgoingAuth` strategy as an `OutgoingCredential`, which is asked for headers at each
 * request. A *strategy* says how one backend is told who calls; *static headers* (`backends[].headers`) are the same for
 * every caller and stand under it. Nothing here opens a connection to a backend, and nothing here logs.
 */
export {
  createOutgoingCredential,
  type OutgoingOptions,
  type StrategyOptions,
} from './outgoing-credential.ts';
