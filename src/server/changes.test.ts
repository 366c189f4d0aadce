import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesForNextStart } from './changes.ts';
import { configReader, type Config } from './config.ts';

function config(name: string, telemetry: object = {}): Config {
  const backends = [{ name: 'a', transport: 'sse', url: 'http://a' }];
  const text = JSON.stringify({ name, backends, telemetry });
  return configReader.parse(text, { file: 'vmcp.yaml', environment: {} }).config;
}

test('what only the next start reads is named when it changes, and nothing else is', () => {
  const otlp = { endpoint: 'otel:4318', metricsEnabled: true };
  assert.deepEqual(changesForNextStart(config('x'), config('x', { prometheusPort: 9464 })), []);
  assert.deepEqual(changesForNextStart(config('x', otlp), config('x', { ...otlp, samplingRate: 1 })), [
    'telemetry.samplingRate',
  ]);
});

test('a new name is the name of the service from the next start on, unless that is written', () => {
  assert.deepEqual(changesForNextStart(config('x'), config('y')), ['telemetry.serviceName']);
  assert.deepEqual(
    changesForNextStart(config('x', { serviceName: 's' }), config('y', { serviceName: 's' })),
    [],
  );
});
