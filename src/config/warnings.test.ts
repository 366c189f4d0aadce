import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configReader } from '../server/config.ts';
import { formatProblem } from './problem.ts';

const one = 'backends: [{name: one, transport: streamable-http, url: "http://localhost:1/mcp"}]';

/** Of a sound text, as `line:column: message`. */
function warnings(text: string): string[] {
  const loaded = configReader.parse(text, { file: '/etc/vmcp/vmcp.yaml', environment: {} });
  return loaded.warnings.map((warning) => formatProblem('', warning).slice(1));
}

describe('a doubt', () => {
  test('about a name that no backend has is a warning, with what was meant', () => {
    const text = `name: d\n${one}\noperational: {timeouts: {perWorkload: {onne: 3s}}}\naggregation: {tools: [{workload: two}]}\ntelemetry: {metricsOnTransportPort: false, metricsEnabled: true}`;
    assert.deepEqual(warnings(text), [
      '3:40: warning: operational.timeouts.perWorkload.onne: no backend is called "onne". Did you mean "one"?',
      '4:24: warning: aggregation.tools[0].workload: no backend is called "two".',
      '5:13: warning: /metrics is served nowhere: "prometheusPort" is not set either',
      '5:44: warning: metricsEnabled has no effect without "endpoint"',
    ]);
  });
});
