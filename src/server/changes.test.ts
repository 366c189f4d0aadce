import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesForNextStart, configChange } from './changes.ts';
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

test('a reload is told by its backends, its tools and its keys', () => {
  const at = (text: object, tools: string[]): Parameters<typeof configChange>[0] => {
    const config = configReader.parse(JSON.stringify({ name: 'x', ...text }), {
      file: 'x.yaml',
      environment: {},
    }).config;
    return { config, tools };
  };
  const backend = (name: string, url = 'http://a'): object => ({ name, url, transport: 'sse' });
  const before = at({ backends: [backend('a'), backend('b'), backend('c')] }, ['a_x', 'b_x']);
  const after = at(
    {
      backends: [backend('a'), backend('b', 'http://other'), backend('d')],
      codeMode: { enabled: true, scriptTimeout: '1m' },
      operational: { timeouts: { default: '1s' } },
    },
    ['a_x', 'd_x'],
  );
  assert.deepEqual(configChange(before, after), {
    backendsAdded: ['d'],
    backendsRemoved: ['c'],
    backendsChanged: ['b'],
    toolsAdded: ['d_x'],
    toolsRemoved: ['b_x'],
    keys: ['operational.timeouts', 'codeMode.enabled', 'codeMode.scriptTimeout'],
  });
  assert.deepEqual(configChange(before, before), {});
});
