/** A check that passes against a backend directly and not through vmcp, and why that is right. */
export interface Exception {
  /** The `title` of a suite run. */
  readonly run: string;
  /** The beginning of the check's key, `scenario / id / …`. */
  readonly check: string;
  readonly reason: string;
}

/** Every known difference. One that no longer is a difference fails the test until it is taken out. */
export const exceptions: readonly Exception[] = [];
