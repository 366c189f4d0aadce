import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configReader } from './config.ts';
import { createLog } from './log.ts';
import { openSharedState } from './shared-state.ts';

const backends = 'backends: [{name: a, transport: sse, url: "http://a"}]';

function open(
  storage: string,
  environment: Record<string, string>,
): { opened: Promise<unknown>; lines: string[] } {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    sink: (line) => lines.push(line),
    leastLevel: undefined,
    onEntry: undefined,
  });
  const text = `name: d\n${backends}\n${storage}`;
  const { config } = configReader.parse(text, { file: 'vmcp.yaml', environment: {} });
  return { opened: openSharedState(config, environment, log), lines };
}

test('several replicas without a shared store are warned of, with what needs affinity', async () => {
  const { opened, lines } = open('', { VMCP_REPLICAS: '3' });
  assert.equal(await opened, undefined);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /VMCP_REPLICAS is 3 .*affinity.*Sessions of revisions before 2026-07-28.*tasks/u,
  );
});

test('one replica, or none announced, is no warning', async () => {
  for (const environment of [{}, { VMCP_REPLICAS: '1' }, { VMCP_REPLICAS: 'many' }]) {
    const { opened, lines } = open('sessionStorage: {provider: memory}', environment);
    assert.equal(await opened, undefined);
    assert.deepEqual(lines, []);
  }
});

test('a secret that is missing or unfit is an error that says how to make one, and does not quote it', async () => {
  const storage = 'sessionStorage: {provider: redis, address: "127.0.0.1:1"}';
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /needs VMCP_SECRET_KEY, the same for all replicas: base64 of 32 random bytes/u],
    [
      { VMCP_SECRET_KEY: 'c2hvcnQ=' },
      /^VMCP_SECRET_KEY: expected base64 of 32 bytes, found something else; make one with/u,
    ],
    [
      { VMCP_SESSION_HMAC_SECRET: 'short' },
      /^VMCP_SESSION_HMAC_SECRET: expected at least 16 bytes, found 5$/u,
    ],
  ];
  for (const [environment, message] of cases)
    await assert.rejects(open(storage, environment).opened, { code: 'cannot_prepare', message });
});
