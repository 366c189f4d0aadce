import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declarations } from './declarations.ts';
import { CounterSeries, HistogramSeries } from './series.ts';
import { CounterText, HistogramText, type SeriesText } from './series-text.ts';

const options = { scope: 'scope', format: 'text' } as const;
const declaration = declarations.clientOperationDuration;

function textOf(text: SeriesText): string {
  const buffer = Buffer.alloc(text.maxBytes);
  return buffer.toString('utf8', 0, text.write(buffer, 0));
}

describe('the kept text of a histogram', () => {
  test('after any records it is what a new text of the same series is', () => {
    const series = new HistogramSeries({ 'gen_ai.tool.name': 'größe "x"' }, declaration.bounds);
    const kept = new HistogramText(series, declaration, options);
    for (let i = 0; i < 2500; i++) {
      series.record((i % 70) / 7);
      if (i % 9 === 0 || i > 2490) {
        assert.equal(
          textOf(kept),
          textOf(new HistogramText(series, declaration, options)),
          `after ${i + 1} records`,
        );
      }
    }
  });

  test('buckets are cumulated and the infinite one is the count', () => {
    const series = new HistogramSeries({}, [1, 2]);
    for (const value of [1, 1.5, 2, 99]) series.record(value);
    const lines = textOf(new HistogramText(series, { ...declaration, name: 'h' }, options)).split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/\{.*?(le="[^"]*")?\}/, '{$1}')),
      [
        'h_seconds_bucket{le="1"} 1',
        'h_seconds_bucket{le="2"} 3',
        'h_seconds_bucket{le="+Inf"} 4',
        'h_seconds_sum{} 103.5',
        'h_seconds_count{} 4',
        '',
      ],
    );
  });

  test('it needs no more bytes than it says, however large the counts', () => {
    const series = new HistogramSeries({}, declaration.bounds);
    const text = new HistogramText(series, declaration, options);
    series.counts[0] = Number.MAX_SAFE_INTEGER;
    series.count = Number.MAX_SAFE_INTEGER;
    series.sum = 1 / 3;
    const { maxBytes } = text;
    const buffer = Buffer.alloc(maxBytes);
    assert.ok(text.write(buffer, 0) < maxBytes);
  });
});

test('the kept text of a counter follows its value', () => {
  const series = new CounterSeries({ action: 'a' });
  const text = new CounterText(series, declarations.backendRequests, options);
  assert.match(textOf(text), /^toolhive_vmcp_backend_requests_total\{action="a",.*\} 0\n$/);
  series.value = 1_000_000;
  assert.match(textOf(text), / 1e\+06\n$/);
});
