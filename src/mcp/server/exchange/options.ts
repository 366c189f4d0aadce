import type { Authenticator, Gateway, OnOccurrence, Revision, Wish } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { SharedParts } from './shared-parts.ts';
import type { OnDefect } from '../../../lib/guarded.ts';

/** What the endpoint is given by the composition root. */
export interface McpEndpointOptions {
  /** The gateway now in force, asked anew for each request, so that a call ends on the gateway it began on. */
  readonly gateway: () => Gateway;
  /** `name` and `version` at least; sent as `serverInfo`. */
  readonly serverInfo: JsonObject & { readonly name: string; readonly version: string };
  /** The authenticator now in force, asked before the body of a request is read. */
  readonly authenticator: () => Authenticator;
  /** Milliseconds since 1970, for the ends of credentials. */
  readonly wallClock?: () => number;
  /** Names of HTTP headers that go into `Caller.forwardedHeaders`. */
  readonly forwardedHeaders?: readonly string[];
  /** What clients may wish for; none when not given. */
  readonly wishes?: readonly Wish[];
  readonly limits?: Partial<EndpointLimits>;
  /** Milliseconds on any clock that only goes forward; the default is the system's. */
  readonly now?: () => number;
  /** What this process shares with other replicas; absent where it is alone. */
  readonly shared?: SharedParts;
  /** Told of each request that was answered, whatever the answer. */
  readonly onOperation?: (operation: Operation) => void;
  /** Told of what never reaches the gateway: requests answered here, notifications, refusals, ends of sessions. */
  readonly onOccurrence?: OnOccurrence;
  /** Told of fields with which clients are odd, each kind once. */
  readonly onOddClient?: (message: string) => void;
  /** Told of errors that no client is told more of than "internal error": those of the gateway's own code. */
  readonly onFault?: OnDefect;
}

/** One request of a client, for whoever measures: one value of the semantic convention's operation duration. */
export interface Operation {
  /** A method the protocol knows, or `other`: never a word that a client made up. */
  readonly method: string;
  readonly revision: Revision;
  readonly transport: 'http' | 'stdio';
  readonly durationMs: number;
  /** The JSON-RPC error code of the answer; absent for a result. */
  readonly errorCode?: number;
}

/** Everything a client could otherwise use without bound. */
export interface EndpointLimits {
  /** A legacy session unused for so long ends. */
  readonly sessionTtlMs: number;
  readonly maxSessions: number;
  /** The longest request body, and the longest line on stdio. */
  readonly maxBodyBytes: number;
  /** Requests under way: in one session, and in all. */
  readonly maxRunningPerSession: number;
  readonly maxRunning: number;
  /** Calls that wait for a 2026-07-28 client to come back with its input: how many, and how long. */
  readonly maxParked: number;
  readonly parkTtlMs: number;
  /** Open `subscriptions/listen` streams. */
  readonly maxListens: number;
  /** List entries in one answer; longer lists are paged. */
  readonly pageSize: number;
  /**
   * A response of an older revision whose answer takes longer becomes a stream, which can be kept alive and resumed. The
   * conformance suite resumes the answer of a tool that takes 100 ms.
   */
  readonly slowAnswerMs: number;
  /** The same for 2026-07-28, which cannot resume: here a stream only keeps the connection alive, and costs. */
  readonly slowModernAnswerMs: number;
  /** Interval of comments on quiet streams. */
  readonly keepAliveMs: number;
  /** Bytes that may wait for a client that reads slowly before notifications to it are dropped. */
  readonly maxBufferedBytes: number;
  /** How long a stdio client's calls may go on after it closed its end. */
  readonly stdioDrainMs: number;
}

export const defaultLimits: EndpointLimits = {
  sessionTtlMs: 30 * 60_000,
  maxSessions: 10_000,
  maxBodyBytes: 4 * 1024 * 1024,
  maxRunningPerSession: 1_000,
  maxRunning: 10_000,
  maxParked: 1_000,
  parkTtlMs: 10 * 60_000,
  maxListens: 10_000,
  pageSize: 5_000,
  slowAnswerMs: 50,
  slowModernAnswerMs: 5_000,
  keepAliveMs: 15_000,
  maxBufferedBytes: 8 * 1024 * 1024,
  stdioDrainMs: 2_000,
};
