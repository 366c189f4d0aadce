export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** How long to wait before attempt `failures + 1`: twice as long after each failure, up to a bound. */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffOptions): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 20), maxMs);
}
