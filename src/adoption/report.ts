/** The report as data: what `--json` prints and both pages are drawn from. All numbers of calls are whole. */

/** Calls of clients and what scripts did, over some time. */
export interface Traffic {
  readonly scriptCalls: { readonly success: number; readonly error: number };
  readonly regularCalls: { readonly success: number; readonly error: number };
  /** Scripts by how they ended. */
  readonly scripts: Readonly<Record<string, number>>;
  /** Calls that scripts made. */
  readonly innerCalls: number;
}

/** Shares from 0 to 1; null where nothing happened that they could be a share of. */
export interface Shares {
  /** Scripts of all tool calls of clients. */
  readonly scriptShare: number | null;
  /** Inner calls of inner and regular calls. */
  readonly workShare: number | null;
  /** Scripts that succeeded. */
  readonly scriptSuccess: number | null;
  /** Inner calls per script, less the call that the script itself is. */
  readonly callsSavedPerScript: number | null;
}

/** One virtual MCP server. */
export interface ServerReport extends Traffic, Shares {
  /** The namespace of its targets, or their job's name where they have none. */
  readonly namespace: string;
  readonly name: string;
  /** Code mode now; null when it does not report any more. */
  readonly enabled: boolean | null;
  readonly replicas: number;
  /** Some replicas have code mode on and some off. */
  readonly disagreeing: boolean;
}

/** A piece of the window. Times in seconds since 1970. */
export interface TrendPoint extends Shares {
  readonly from: number;
  readonly to: number;
  /** Servers that reported in it, and those of them that had code mode on at any moment in it. Null without data. */
  readonly reporting: number | null;
  readonly optedIn: number | null;
  readonly scriptCalls: number;
  readonly regularCalls: number;
  readonly innerCalls: number;
}

export interface AdoptionReport {
  /** Seconds since 1970. */
  readonly at: number;
  readonly prometheus: string;
  readonly window: {
    readonly asked: string;
    readonly from: number;
    readonly to: number;
    /** Since when there is any data, within the window. */
    readonly dataFrom: number;
    /** False when the data begins after the window does. */
    readonly complete: boolean;
    /** Stretches within the data in which nothing was recorded. */
    readonly gaps: readonly { readonly from: number; readonly to: number }[];
  };
  /** Where the numbers come from: the recording rules, raw series, or each for a part of the window. */
  readonly source: 'rules' | 'raw' | 'both';
  /** Each a part of the one before. */
  readonly funnel: {
    /** Servers reporting now. */
    readonly reporting: number;
    /** Of these, with code mode on. */
    readonly optedIn: number;
    /** Of these, with a script in the window. */
    readonly used: number;
    /** Of these, with at least half of the scripts successful. */
    readonly succeeding: number;
  };
  /** Servers that had code mode on at any moment in the window, gone ones included. */
  readonly everOptedIn: number;
  readonly disagreeing: number;
  /** Instances that are up in a job of which others report, and lack the metrics. */
  readonly instancesWithoutMetrics: number;
  /** Metrics that no instance has reported in the window. */
  readonly missingMetrics: readonly string[];
  /** What Prometheus sent its answers with: most often, that they are not whole. */
  readonly warnings: readonly string[];
  readonly total: Traffic & Shares;
  readonly trend: readonly TrendPoint[];
  /** The script share of the first and of the second half of the data. Null where there was no call. */
  readonly growth: { readonly firstHalf: number | null; readonly secondHalf: number | null };
  /** Servers with scripts, most first. */
  readonly top: readonly ServerReport[];
  /** Servers that have code mode on and made no script in the window, most regular calls first. */
  readonly dormant: readonly ServerReport[];
  /** All of it in plain words. */
  readonly sentences: readonly string[];
}
