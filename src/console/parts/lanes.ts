export interface Span {
  readonly at: number;
  readonly durationMs: number;
}

/**
 * Puts calls side by side where they ran at the same time: the lane of each, from 0. A call takes the first lane that is
 * free when it begins.
 */
export function lanesOf(spans: readonly Span[]): number[] {
  const freeAt: number[] = [];
  return spans.map(({ at, durationMs }) => {
    const free = freeAt.findIndex((moment) => moment <= at);
    const lane = free === -1 ? freeAt.length : free;
    freeAt[lane] = at + durationMs;
    return lane;
  });
}
