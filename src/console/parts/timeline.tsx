import type { JSX } from 'preact';
import { duration } from '../base/format.ts';
import { lanesOf } from './lanes.ts';

export interface TimelineCall {
  readonly tool: string;
  /** From the start of the whole, in milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly state: 'running' | 'ok' | 'failed';
}

const laneHeight = 24;

/** Calls over time; those that ran at the same time stand in lanes of their own. */
export function Timeline({
  calls,
  wholeMs,
  chosen,
  onChoose,
}: {
  readonly calls: readonly TimelineCall[];
  readonly wholeMs: number;
  readonly chosen?: number | undefined;
  readonly onChoose?: (index: number) => void;
}): JSX.Element {
  const lanes = lanesOf(calls);
  const height = laneHeight * (Math.max(-1, ...lanes) + 1);
  const share = (ms: number): string => `${Math.min(100, (100 * ms) / Math.max(wholeMs, 1))}%`;
  return (
    <div class="timeline">
      <div class="timeline-lanes" style={{ height: `${height}px` }}>
        {calls.map(({ tool, at, durationMs, state }, index) => (
          <button
            key={index}
            type="button"
            class={`timeline-call ${state}`}
            style={{
              left: share(at),
              width: share(durationMs),
              top: `${laneHeight * (lanes[index] ?? 0)}px`,
            }}
            aria-pressed={onChoose === undefined ? undefined : chosen === index}
            aria-label={`${tool}, ${state}, ${duration(durationMs)}, from ${duration(at)}`}
            title={`${tool} · ${duration(durationMs)}`}
            onClick={() => onChoose?.(index)}
          >
            <span>{tool}</span>
          </button>
        ))}
      </div>
      <div class="timeline-axis" aria-hidden="true">
        <span>0</span>
        <span>{duration(wholeMs / 2)}</span>
        <span>{duration(wholeMs)}</span>
      </div>
    </div>
  );
}
