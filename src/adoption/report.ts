/** The report as data: what `--json` prints and both pages are drawn from. All numbers of calls are whole. */

/** Calls of clients and what scripts did, over some time. */
export interface Traffic {
  readonly scriptCalls: { readonly success: number; readonly error: number };
  readonly regularCalls: { readonly success: number; readonly error: number };
  /** Scripts by how they ended. */
  readonly scripts: Readonly<Record<string, number>>;
  /** Calls that scripts made. */
  readonly innerCalls: number;
  /** Direct calls that `enforced` refused; they are among the regular ones that failed. 0 where no server counts them. */
  readonly refusedCalls: number;
  /** Bytes of results: what scripts received, and what they answered. Null where no server counts them. */
  readonly resultBytes: { readonly received: number; readonly answered: number } | null;
  /** Wall time of scripts, and of their calls added up. Null where no server counts them. */
  readonly seconds: { readonly scripts: number; readonly calls: number } | null;
}

/** What scripts saved. Null where no server counts what it is made of. */
export interface Savings {
  /** Inner calls less the scripts themselves, not below 0. */
  readonly callsSaved: number;
  /** Bytes of results that scripts received and did not answer, not below 0: they stayed out of the model's context. */
  readonly bytesKeptOut: number | null;
  /** The same in tokens, at 4 bytes a token: an estimate. */
  readonly tokensKeptOutEstimate: number | null;
  /** What the calls of scripts would have taken one after another, less what the scripts took; a model's time left out. */
  readonly secondsSavedEstimate: number | null;
}

/** Shares from 0 to 1; null where nothing happened that they could be a share of. */
export interface Shares {
  /** Scripts of all tool calls of clients but those that were refused. */
  readonly scriptShare: number | null;
  /** Inner calls of inner and regular calls but those that were refused. */
  readonly workShare: number | null;
  /** Scripts that succeeded. */
  readonly scriptSuccess: number | null;
  /** Inner calls per script, less the call that the script itself is. */
  readonly callsSavedPerScript: number | null;
}

/** One virtual MCP server. */
export interface ServerReport extends Traffic, Shares, Savings {
  /** The namespace of its targets, or their job's name where they have none. */
  readonly namespace: string;
  readonly name: string;
  /** Code mode now; null when it does not report any more. */
  readonly enabled: boolean | null;
  readonly replicas: number;
  /** Some replicas have code mode on and some off. */
  readonly disagreeing: boolean;
}

/** The script share of the first and of the second half of the data. Null where there was no call. */
export interface Growth {
  readonly firstHalf: number | null;
  readonly secondHalf: number | null;
  /** `same` where the difference is small, or may be chance; null where there is nothing to compare. */
  readonly trend: 'grown' | 'fallen' | 'same' | null;
}

/** A piece of the window. Times in seconds since 1970. */
export interface TrendPoint extends Shares, Savings {
  readonly from: number;
  readonly to: number;
  /** True where the piece is not over yet, or data begins within it: its counts are not those of a whole piece. */
  readonly partial: boolean;
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
  readonly total: Traffic & Shares & Savings;
  readonly trend: readonly TrendPoint[];
  readonly growth: Growth;
  /** Every server that reports or did anything in the window, by namespace and name. */
  readonly servers: readonly ServerReport[];
  /** Servers with scripts, most first. */
  readonly top: readonly ServerReport[];
  /** Servers that have code mode on and made no script in the window, most regular calls first. */
  readonly dormant: readonly ServerReport[];
  /** Servers that report and have code mode off, most regular calls first. */
  readonly notOptedIn: readonly ServerReport[];
  /** All of it in plain words. */
  readonly sentences: readonly string[];
}
