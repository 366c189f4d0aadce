import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configReader } from '../../server/config.ts';
import { ConfigError } from '../../config/index.ts';

function read(rateLimiting: object): unknown {
  const backends = [{ name: 'one', transport: 'streamable-http', url: 'http://127.0.0.1:1' }];
  const text = JSON.stringify({ name: 'demo', backends, rateLimiting });
  return configReader.parse(text, { file: '/tmp/vmcp.yaml', environment: {} }).config.rateLimiting;
}

const bucket = { maxTokens: 2, refillPeriod: '1m' };

test('a period is a duration, or a mapping with one, as Kubernetes resources have it', () => {
  const read1 = read({ shared: bucket, perUser: { maxTokens: 1, refillPeriod: { duration: '1m30s' } } });
  assert.deepEqual(read1, {
    shared: { maxTokens: 2, refillPeriod: 60_000 },
    perUser: { maxTokens: 1, refillPeriod: 90_000 },
    tools: [],
    scripts: 'fail',
  });
});

const faults: [block: object, says: RegExp][] = [
  [{ shared: { maxTokens: 0, refillPeriod: '1m' } }, /maxTokens: expected at least 1/],
  [{ shared: { maxTokens: 1, refillPeriod: '0s' } }, /refillPeriod: expected a duration/],
  [{ shared: { maxTokens: 1, refillPeriod: 'soon' } }, /refillPeriod: expected a duration such as "1m30s"/],
  [{ shared: { maxTokens: 1 } }, /refillPeriod/],
  [{ tools: [{ name: 'a' }] }, /expected "shared" or "perUser"/],
  [
    {
      tools: [
        { name: 'a', shared: bucket },
        { name: 'a', perUser: bucket },
      ],
    },
    /"a" has limits already/,
  ],
  [{ tools: [{ name: 'execute_tool_script', shared: bucket }] }, /takes no token itself/],
  [{ scripts: 'retry' }, /"fail"|"wait"/],
];

for (const [block, says] of faults)
  test(`${JSON.stringify(block)} is refused`, () => {
    assert.throws(
      () => read(block),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(JSON.stringify(error.problems).replaceAll('\\"', '"'), says);
        return true;
      },
    );
  });
