/**
 * The fleet's adoption report: asked of a Prometheus, with or without the recording rules of observability/rules, and drawn
 * for a terminal, as JSON or as a page. It knows metrics by name alone, and nothing of the server that reports them.
 */
import { buildReport } from './build-report.ts';
import { collectFacts } from './collect.ts';
import { createPrometheus, type PrometheusOptions } from './prometheus.ts';
import type { AdoptionReport } from './report.ts';
import { parseWindow } from './window.ts';

export { AdoptionError, type AdoptionErrorCode } from './errors.ts';
export { toCsv, toMarkdown } from './documents.ts';
export { toHtml } from './html.ts';
export type { PrometheusOptions } from './prometheus.ts';
export type { AdoptionReport, Savings, ServerReport, Shares, Traffic, TrendPoint } from './report.ts';
export { toScreen, type ScreenOptions } from './screen.ts';

export interface AdoptionOptions extends PrometheusOptions {
  /** As Prometheus writes durations: `30d`. */
  readonly window: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** Told after each query how many are done, and of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Makes the report. Rejects with an `AdoptionError`. */
export async function createReport(options: AdoptionOptions): Promise<AdoptionReport> {
  const windowSeconds = parseWindow(options.window);
  const prometheus = createPrometheus(options);
  const facts = await collectFacts({
    prometheus,
    windowSeconds,
    now: options.now,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  return buildReport(facts, { prometheus: options.url, windowAsked: options.window, windowSeconds });
}
