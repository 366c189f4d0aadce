/** What a feature takes of telemetry: the words in which it declares its metrics, and the shapes of instruments and spans. */
export { secondsBounds } from './declaration.ts';
export type {
  CounterInstrument,
  Declaration,
  GaugeInstrument,
  HistogramInstrument,
  InstrumentsOf,
  Metrics,
} from './declaration.ts';
export type { OpenSpan, SpanMaker } from './span.ts';
