/**
 * What a feature is to the rest of the program: one value that declares its configuration and metrics, and names the code
 * to load when it is on. `src/server/features.ts` lists the features that there are; nothing else knows one by name.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { z } from '../config/kit/index.ts';
import type {
  Ask,
  Authentication,
  Authenticator,
  BackendPresentation,
  BackendStatus,
  EventStage,
  OnOccurrence,
  RequestHead,
  Stage,
  Tool,
  ToolOrigin,
  ToolProvider,
  Wish,
} from '../gateway/index.ts';
import type { OnDefect } from '../lib/guarded.ts';
import type { Redact } from '../lib/redact.ts';
import type { JsonObject } from '../protocol/index.ts';
import type { BucketStore } from '../storage/index.ts';
import type { InstrumentsOf, Metrics, SpanMaker } from '../telemetry/kit/index.ts';

/** A feature's declaration. It imports nothing but the kits: the code behind it loads when the feature is on. */
export interface Feature<
  Key extends string = string,
  Options = never,
  Declared extends Metrics = Metrics,
  Kept extends KeptState = KeptState,
> {
  /** Its block in the configuration file. */
  readonly key: Key;
  /**
   * The feature whose block holds this one, where it is not a block of the file itself. That feature's schema is made with
   * this one in it; the options are undefined where either is absent.
   */
  readonly within?: string;
  /** The block: keys, limits, defaults. Everything may be left out, unless the whole block is `optional`. */
  readonly schema: z.ZodType<Options>;
  /** What the block is for, in editors and in the reference. */
  readonly about: string;
  /** Present where a file without the block is not the same as one with an empty block. The options are undefined then. */
  readonly optional?: true;
  /**
   * Keys below `key`, each with a file or a list of files as globs: relative to the folder of the configuration. They may
   * be paths with dots; `*` stands for each item of a list.
   */
  readonly files?: readonly string[];
  readonly metrics: Declared;
  /** Paths below `key` that only the next start reads. */
  readonly readAtStart?: readonly string[];
  /** What it leaves to clients, on or off: where a wish has no effect it is still read, so that a bad one shows. */
  readonly wishes?: readonly Wish[];
  /** Present where a command that opens tools for one use does without it. */
  readonly onlyServing?: true;
  isOn(options: Options): boolean;
  /** Says where the gauges read; called once, also where the feature is off. */
  observe?(instruments: InstrumentsOf<Declared>, inForce: () => InForce<Options>): void;
  /** Its part of `/status`, under its key. */
  status?(options: Options): object;
  /** What is wrong with options that the schema takes: for `vmcp validate`. It holds nothing afterwards. */
  check?(options: Options): Promise<readonly OptionProblem[]>;
  /** Loads the code. */
  load(): Promise<FeatureCode<Options, Declared, Kept>>;
}

/** The configuration now in force, as far as it concerns a feature. */
export interface InForce<Options> {
  readonly serverName: string;
  readonly options: Options;
  /** The parts that it made of this configuration; absent where it is off. */
  readonly parts?: FeatureParts;
  /** The tools of all backends as they are known now, before any stage. Waits for nothing and wakes no backend. */
  tools(): readonly Tool[];
}

/** What a feature keeps over reloads: threads, counts, connections. */
export interface KeptState {
  /** Called when the server stops to accept requests: ends responses that would go on without end. */
  drain?(): void;
  close(): Promise<void>;
  /** Opens its files again by their names: a tool that rotates them has moved what is open. Cannot fail. */
  reopen?(): void;
}

/** The code of a feature. */
export interface FeatureCode<Options, Declared extends Metrics, Kept extends KeptState = KeptState> {
  /** Makes what outlives a reload, when the feature is on for the first time; closed when the server ends. */
  keep(options: Options, host: FeatureHost<Declared>): Promise<Kept> | Kept;
  /**
   * Makes the feature's parts of one configuration. All that can fail fails here, before the configuration is in force.
   */
  prepare(
    options: Options,
    host: FeatureHost<Declared>,
    kept: Kept,
    site: Site,
  ): Promise<FeatureParts> | FeatureParts;
}

/** Something wrong with the options of a feature. */
export interface OptionProblem {
  readonly severity: 'error' | 'warning';
  /** Below the feature's block. */
  readonly path: readonly (string | number)[];
  /** What was expected, what was found, and what to do. */
  readonly message: string;
}

/** Where the server can be reached, in the configuration that is prepared. */
export interface Site {
  /** The server's name. */
  readonly name: string;
  /** Whose word on a client's address is taken: addresses and ranges (CIDR) of proxies in front of the server. */
  readonly trustedProxies: readonly string[];
  /** What clients reach it by, without a slash at its end; absent where the file does not say. */
  readonly publicUrl?: string;
  /** True where only this machine can reach it, by one of its loopback names, which the listener has checked. */
  readonly isLoopback: boolean;
  /** True where the configuration finds out who is calling: not where every caller is anonymous. */
  readonly knowsCallers: boolean;
}

/** Why a feature cannot serve a configuration, in words for the operator. */
export class FeatureError extends Error {
  readonly code = 'feature';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FeatureError';
  }
}

/** The streams of a process that a feature may write to. */
export interface StandardStreams {
  readonly stdout?: Writable;
  readonly stderr: Writable;
}

/** Token buckets that replicas share. */
export interface SharedBuckets {
  /** Closed by the server. */
  readonly store: BucketStore;
  /** What is to become of a call while they cannot be asked: `open` lets it pass. */
  readonly onFailure: 'open' | 'closed';
}

/** What the server gives to a feature. */
export interface FeatureHost<Declared extends Metrics> {
  readonly instruments: InstrumentsOf<Declared>;
  /** Variables of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absent where no spans are received. */
  readonly spans?: SpanMaker;
  /** Absent where replicas share nothing. */
  readonly sharedBuckets?: SharedBuckets;
  /** Takes what is known to be secret out of a text. */
  readonly redact: Redact;
  /** The process's streams. Without `stdout` where that speaks MCP to a client. */
  readonly streams: StandardStreams;
  /** Told of an error in the feature's own code. */
  readonly onDefect: OnDefect;
  /** Has the configuration in force prepared again: a file that a feature reads beside it has changed. */
  reload(): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: object): void;
  /** The server at work. To be asked for when a request is served, not before. */
  server(): ServerView;
}

/** The running server, for a feature that shows it to people. It follows the configuration in force. */
export interface ServerView {
  /** The funnel from its edge: what is asked with the origin `client` is counted as any client's. */
  readonly ask: Ask;
  authenticate(request: RequestHead): Authentication | Promise<Authentication>;
  /** Waits for backends that are still connecting, as a list does. */
  state(): Promise<ServerState>;
  /** See `Aggregate.toolOrigins`. */
  toolOrigins(): readonly ToolOrigin[];
  /** See `Aggregate.presentations`. */
  presentations(): readonly BackendPresentation[];
  /** What code mode would say of a script, without a run of it. */
  checkScript(script: string, options: ScriptCheckOptions): Promise<ScriptCheck>;
  /** A tool as scripts see it. */
  describeTool(tool: Tool): Promise<{ readonly signature: string }>;
}

/** What a script is checked against. */
export interface ScriptCheckOptions {
  readonly tools: readonly Tool[];
  readonly data: JsonObject;
  readonly filename: string;
}

/** What was found in a script. Lines and columns count from 1; a fault of no single place has neither. */
export interface ScriptCheck {
  readonly calls: readonly { readonly tool: string; readonly line: number; readonly column: number }[];
  readonly faults: readonly { readonly line?: number; readonly column?: number; readonly message: string }[];
}

/** What a server tells of itself to people. Holds no secret. */
export interface ServerState {
  readonly name: string;
  readonly version: string;
  readonly backends: readonly BackendStatus[];
  /** What code mode allows a script; absent where the server knows nothing of scripts. */
  readonly scriptLimits?: {
    readonly maxToolCalls: number;
    readonly maxResultBytes: number;
    readonly scriptTimeoutMs: number;
  };
  readonly config: {
    /** Milliseconds since 1970. */
    readonly inForceSinceMs: number;
    readonly reloads: number;
    /** A later configuration that was not used, and why. */
    readonly refused?: { readonly atMs: number; readonly problems: readonly string[] };
  };
}

/** A path beside `/mcp`; a path that ends in `/` stands for all below it, and the longest that fits answers. */
export interface FeatureRoute {
  readonly path: string;
  /** Serves one request to its end. Must not throw. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

/** What a feature puts into the funnel. */
export interface FeatureParts {
  /** See `PipelineParts`; the place among others is decided in `src/server/pipeline.ts`. */
  readonly edge?: Stage;
  readonly every?: Stage;
  readonly below?: Stage;
  /** Sees each request with its outcome, whichever stage decides it: a client's right after it was counted, an inner call first. */
  readonly witness?: Stage;
  /** Told of what happens beside the funnel. Must not throw. */
  readonly onOccurrence?: OnOccurrence;
  readonly events?: EventStage;
  readonly provider?: ToolProvider;
  /** More of them, each below the one before it. */
  readonly providersBelow?: readonly ToolProvider[];
  /** Who is calling. One feature at the most may say so. */
  readonly authenticator?: Authenticator;
  /** What it serves over HTTP beside `/mcp`. */
  readonly routes?: readonly FeatureRoute[];
  /** What browsers are shown at `/`: requests that accept HTML. One feature at the most has it. */
  readonly page?: FeatureRoute['handle'];
  /** Puts the options in force that bear on what is kept. Called when the configuration is in force; cannot fail. */
  commit?(): void;
  /** Lets go of what belongs to this configuration alone, when no request uses it any more. */
  retire?(): Promise<void>;
}
