/** One thing that was looked at. */
export interface Check {
  /** `note` is neither good nor bad. */
  readonly outcome: 'good' | 'note' | 'doubtful' | 'bad';
  readonly what: string;
  /** How long it took. */
  readonly ms?: number;
  /** What else there is to know, one line each. */
  readonly details?: readonly string[];
  /** The likely remedy. */
  readonly remedy?: string;
}

/** Checks under one heading; the first ones have none. */
export interface Group {
  readonly title?: string;
  readonly checks: readonly Check[];
}
