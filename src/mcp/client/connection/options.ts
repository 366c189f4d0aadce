import type { OutgoingCredential } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { RunningChildren, type ChildCommand } from '../transport/stdio/child.ts';
import type { HttpTarget, SharedWays } from '../transport/http/http-origin.ts';
import type { OnLog, WireLimits } from '../transport/transport.ts';
import { defectIn, type OnDefect } from '../../../lib/guarded.ts';
import { stackOf } from '../../../lib/thrown.ts';
import { FieldLog } from '../../wire/field-log.ts';

/** Which backend, and how it is reached. */
export type BackendTarget = { readonly name: string } & (
  | ({ readonly transport: 'stdio' } & ChildCommand)
  | ({ readonly transport: 'streamable-http' | 'sse' } & HttpTarget)
);

export interface ClientOptions {
  /** How the gateway names itself to backends: `name`, `version`. */
  readonly clientInfo: JsonObject;
  /** The gateway's own environment, of which child processes inherit a safe few. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLog: OnLog;
  /** What identifies the gateway to a backend over HTTP. Nothing but its URL does when not given. */
  readonly credential?: OutgoingCredential;
  /** What clients of the same backend share, which differ in their credential alone. Not closed with this one. */
  readonly sharedWays?: SharedWays;
  /** Where child processes are entered while they run. Nobody's when not given. */
  readonly children?: RunningChildren;
  /** Of one message from a backend. 32 MiB when not given. */
  readonly maxMessageBytes?: number;
  /** Between asking a child process to end and killing it. 2 s when not given. */
  readonly closeGraceMs?: number;
  /** For opening a connection, until the revision is agreed. 30 s when not given. */
  readonly handshakeTimeoutMs?: number;
  /** How long a stdio backend may leave `server/discover` unanswered before it counts as legacy. 5 s when not given. */
  readonly probeTimeoutMs?: number;
  /** For a request of the gateway itself: one page of a list, a ping. 30 s when not given. */
  readonly ownRequestTimeoutMs?: number;
  /** Of connections that belong to one client session or one call: 32 processes, or 10,000 HTTP sessions. */
  readonly maxOwnConnections?: number;
  /** How long a process that one call borrowed is kept for the next. 60 s when not given. */
  readonly idleConnectionMs?: number;
  /** The same where that call changed a list. 30 min when not given: as long as a session. */
  readonly leadConnectionMs?: number;
}

/** The options with every default filled in. */
export function withDefaults(target: BackendTarget, options: ClientOptions): Settings {
  const limits: WireLimits = {
    maxMessageBytes: options.maxMessageBytes ?? 32 * 1024 * 1024,
    closeGraceMs: options.closeGraceMs ?? 2_000,
  };
  return {
    clientInfo: options.clientInfo,
    environment: options.environment,
    onLog: options.onLog,
    fields: new FieldLog((message) => options.onLog({ level: 'warn', backend: target.name, message })),
    credential: options.credential,
    sharedWays: options.sharedWays,
    onDefect: (thrown, where) =>
      options.onLog({
        level: 'error',
        backend: target.name,
        message: `${defectIn(where)}: ${stackOf(thrown)}`,
      }),
    children: options.children ?? new RunningChildren(),
    limits,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 30_000,
    probeTimeoutMs: options.probeTimeoutMs ?? 5_000,
    ownRequestTimeoutMs: options.ownRequestTimeoutMs ?? 30_000,
    maxOwnConnections: options.maxOwnConnections ?? (target.transport === 'stdio' ? 32 : 10_000),
    idleConnectionMs: options.idleConnectionMs ?? 60_000,
    leadConnectionMs: options.leadConnectionMs ?? 30 * 60_000,
  };
}

export interface Settings {
  readonly clientInfo: JsonObject;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLog: OnLog;
  /** What is odd in messages, said once however many connections there are. */
  readonly fields: FieldLog;
  readonly credential: OutgoingCredential | undefined;
  readonly sharedWays: SharedWays | undefined;
  readonly onDefect: OnDefect;
  readonly children: RunningChildren;
  readonly limits: WireLimits;
  readonly handshakeTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly ownRequestTimeoutMs: number;
  readonly maxOwnConnections: number;
  readonly idleConnectionMs: number;
  readonly leadConnectionMs: number;
}
