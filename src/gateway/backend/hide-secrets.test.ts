import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toolRequest } from '../../../test/fixtures/calling.ts';
import { createRedact } from '../../lib/redact.ts';
import type { BackendClient } from './backend.ts';
import { BackendError } from './backend.ts';
import { InputRefusedError, ProtocolError } from '../../protocol/index.ts';
import { hideSecrets } from './hide-secrets.ts';

const soon = new AbortController().signal;

/** What comes out where the client fails with this error, whatever it is asked. */
async function through(error: Error): Promise<unknown> {
  const fail = (): Promise<never> => Promise.reject(error);
  const inner = { connect: fail, list: fail, request: fail, ping: fail } as unknown as BackendClient;
  const client = hideSecrets(inner, createRedact(['s3cret-token', '12345678']));
  const asked = [
    client.request(toolRequest('x')),
    client.connect(soon),
    client.list('tools', soon),
    client.ping(soon),
  ];
  const failures = await Promise.all(asked.map((answer) => answer.catch((reason: unknown) => reason)));
  for (const failure of failures) assert.deepEqual(failure, failures[0]);
  return failures[0];
}

describe('an error that quotes a secret', () => {
  test('loses it from its message, and stays the same error', async () => {
    const refused = new InputRefusedError(-1, 'no s3cret-token');
    assert.equal(await through(refused), refused);
    assert.equal(refused.message, 'no [redacted]');
    const lost = new BackendError('unreachable', 'b', 'took s3cret-token amiss');
    assert.equal(await through(lost), lost);
    assert.equal(lost.message, 'backend "b" took [redacted] amiss');
  });

  test('loses it from its data, at whatever depth, and keeps its code', async () => {
    const data = { headers: [{ 'x-key': 's3cret-token', n: 1 }], 's3cret-token': null };
    const hidden = (await through(new ProtocolError(-32000, 'no', { data }))) as ProtocolError;
    assert.equal(hidden.code, -32000);
    assert.deepEqual(hidden.data, { headers: [{ 'x-key': '[redacted]', n: 1 }], '[redacted]': null });
  });

  test('loses its data where they cannot stand without it', async () => {
    const hidden = (await through(
      new ProtocolError(1, 'no', { data: { pin: 12_345_678 } }),
    )) as ProtocolError;
    assert.equal(hidden.data, undefined);
  });
});

test('an error without a secret is the very same, data and all', async () => {
  const error = new ProtocolError(-32000, 'no', { data: { a: [1] } });
  assert.equal(await through(error), error);
});
