import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { config, one, problems } from '../../test/support/configurations.ts';

describe('a doubt', () => {
  test('about a prefix that takes something else for a placeholder names what is one', () => {
    assert.deepEqual(
      problems(
        `name: d\n${one}\naggregation: {conflictResolutionConfig: {prefixFormat: "{namespace}-{workload}_"}}`,
      ),
      [
        `3:42: warning: "{namespace}" stands for nothing and goes into names as it is; "{workload}" is the backend's name`,
      ],
    );
  });

  test('about a name that no backend has is a warning, with what was meant', () => {
    const text = `name: d\n${one}\noperational: {timeouts: {perWorkload: {onne: 3s}}}\naggregation: {tools: [{workload: two}]}\ntelemetry: {metricsOnTransportPort: false, metricsEnabled: true}`;
    assert.deepEqual(problems(text), [
      '3:40: warning: operational.timeouts.perWorkload.onne: no backend is called "onne". Did you mean "one"?',
      '4:24: warning: aggregation.tools[0].workload: no backend is called "two".',
      '5:13: warning: /metrics is served nowhere: "prometheusPort" is not set either',
      '5:44: warning: metricsEnabled has no effect without "endpoint"',
    ]);
  });

  test('about an OTLP endpoint at the port of gRPC names the other one', () => {
    const endpoint = (text: string): string[] =>
      problems(`name: d\n${one}\ntelemetry: {metricsEnabled: true, endpoint: "${text}"}`);
    for (const grpc of ['collector:4317', 'http://collector:4317', 'https://c:4317/v1'])
      assert.match(
        endpoint(grpc).join(),
        /^3:35: warning: port 4317 is where collectors take OTLP over gRPC/,
      );
    for (const http of [
      'collector:4318',
      'http://collector:14317',
      'https://c/4317',
      'https://c:4318/x:4317',
    ])
      assert.deepEqual(endpoint(http), []);
  });
});

test('headers that a proxy in front sets about the user may be passed through, as in ToolHive', () => {
  const names = ['X-Forwarded-User', 'x-forwarded-email', 'X-Tenant'];
  assert.deepEqual(config(`name: d\n${one}\npassthroughHeaders: [${names.join(', ')}]`).passthroughHeaders, [
    'x-forwarded-user',
    'x-forwarded-email',
    'x-tenant',
  ]);
  for (const name of ['X-Forwarded-For', 'x-forwarded-host', 'X-Forwarded-Proto', 'HTTP2-Settings'])
    assert.match(problems(`name: d\n${one}\npassthroughHeaders: [${name}]`).join(), /may not be forwarded/);
});
