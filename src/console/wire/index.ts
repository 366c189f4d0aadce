/**
 * What the page and the server say to each other: the one place where both sides of `/console/api/*` are described. Types
 * alone; nothing here runs. Times are milliseconds, moments are milliseconds since 1970, sizes are UTF-8 bytes.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonRecord = { [key: string]: Json };

/** The header that carries the page's token. */
export const tokenHeader = 'vmcp-console-token';

/** Each request of the page that is answered at once, with what it asks and what it is told. */
export interface Answers {
  overview: { asks: object; gets: Overview };
  tools: { asks: object; gets: ToolsView };
  call: { asks: { name: string; arguments: JsonRecord }; gets: CallAnswer };
  check: { asks: { script: string; data: JsonRecord }; gets: CheckAnswer };
  allow: { asks: { question: string; allowed: boolean }; gets: object };
  login: { asks: { key: string }; gets: object };
  logout: { asks: object; gets: object };
  adoption: { asks: object; gets: AdoptionView };
}

/** Each request that is answered piece by piece: one JSON value a line. */
export interface Streams {
  run: { asks: { script: string; data: JsonRecord }; gets: RunEvent };
  activity: { asks: object; gets: ActivityEntry };
}

/** How a refusal reads. `login` is true where signing in would help. */
export interface Refusal {
  error: string;
  login?: boolean;
}

export interface Overview {
  name: string;
  version: string;
  /** Who is signed in, where callers are known. */
  person?: string;
  /** True where the person can sign out. */
  signedIn: boolean;
  /** What clients connect to. */
  mcpUrl: string;
  codeMode: boolean;
  /** What a script may do; absent where the server knows nothing of scripts. */
  limits?: { maxToolCalls: number; maxResultBytes: number; scriptTimeoutMs: number };
  backends: BackendCard[];
  toolCount: number;
  config: {
    inForceSince: number;
    reloads: number;
    refused?: { at: number; problems: string[] };
  };
  tokens: TokenMeter;
}

export interface BackendCard {
  name: string;
  transport: string;
  health: 'asleep' | 'unknown' | 'healthy' | 'degraded' | 'unhealthy' | 'unauthenticated';
  revision?: string;
  error?: string;
  tools: number;
  /** Of its latest calls; absent before the first. */
  latency?: { p50: number; p95: number; calls: number };
}

/** What lists of tools take of a model's context, in bytes. */
export interface TokenMeter {
  /** Every tool of every backend. */
  all: number;
  /** The script tool alone; absent while code mode is off. */
  codeMode?: number;
  perBackend: { name: string; bytes: number }[];
}

export interface ToolsView {
  tools: ToolView[];
  /** Tools that clients do not see. Empty where callers are known: it is the operator's business then. */
  hidden: { backend: string; name: string; why: 'filtered' | 'name-taken' }[];
}

export interface ToolView {
  name: string;
  title?: string;
  description: string;
  /** How a script calls it, such as `files_read(path: str) -> str`; absent for a tool of the gateway itself. */
  signature?: string;
  /** Absent for a tool of the gateway itself. */
  backend?: string;
  ownName?: string;
  inputSchema: JsonRecord;
  outputSchema?: JsonRecord;
  annotations: JsonRecord;
  /** Whether it says of itself that it changes nothing. */
  readOnly: boolean;
}

export interface CallAnswer {
  /** What the client of a call would get: the result, or the protocol's error. */
  result?: JsonRecord;
  error?: { code: number; message: string };
  durationMs: number;
  bytes: number;
}

export interface CheckAnswer {
  calls: { tool: string; line: number; column: number; readOnly: boolean }[];
  faults: { line?: number; column?: number; message: string }[];
}

/** What a run tells while it goes on. `at` counts from its start. */
export type RunEvent =
  | { type: 'call'; id: number; tool: string; at: number; arguments: string }
  /** The run waits until `allow` answers. */
  | { type: 'question'; id: number; tool: string; question: string }
  | { type: 'answer'; id: number; at: number; ok: boolean; bytes: number; text: string }
  | {
      type: 'end';
      at: number;
      result?: JsonRecord;
      error?: { code: number; message: string };
      bytes: number;
    };

/** A call of a client that has ended. It tells of no arguments and no results. */
export interface ActivityEntry {
  /** Grows by one with each entry. */
  id: number;
  at: number;
  client: string;
  kind: 'call' | 'script';
  /** The tool; for a script the start of its SHA-256. */
  subject: string;
  ok: boolean;
  durationMs: number;
  /** Of a script: its own calls, in the order in which they began; `at` counts from the script's start. */
  calls: { tool: string; at: number; durationMs: number; ok: boolean }[];
}

/** Counts since the server's start, of calls that clients made. */
export interface AdoptionView {
  since: number;
  codeMode: boolean;
  directCalls: { ok: number; failed: number };
  scripts: { ok: number; failed: number };
  /** Calls that scripts made. */
  innerCalls: number;
  clients: { name: string; direct: number; scripts: number }[];
}
