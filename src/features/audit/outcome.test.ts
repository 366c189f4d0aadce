import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbandonedError, CancelledError, errorCodes, ProtocolError } from '../../protocol/index.ts';
import { outcomeOfAbort, outcomeOfError, outcomeOfResult, outcomeOfStatus } from './outcome.ts';

test('a result is a success, unless its tool says otherwise', () => {
  assert.deepEqual(outcomeOfResult([], true), { outcome: 'success' });
  assert.deepEqual(outcomeOfResult({ content: [] }, true), { outcome: 'success' });
  assert.deepEqual(outcomeOfResult({ isError: true }, true), { outcome: 'application_error' });
  assert.deepEqual(outcomeOfResult({ isError: true }, false), { outcome: 'success' });
});

test('a result that is not the whole answer tells so', () => {
  const asks = { outcome: 'success', resultType: 'input_required' };
  assert.deepEqual(outcomeOfResult({ resultType: 'input_required' }, true), asks);
  assert.deepEqual(outcomeOfResult({ resultType: 'complete' }, true), { outcome: 'success' });
});

const errors: [error: unknown, outcome: string][] = [
  [new ProtocolError(403, 'denied'), 'denied'],
  [new ProtocolError(401, 'who are you'), 'denied'],
  [new ProtocolError(errorCodes.invalidParams, 'no'), 'application_error'],
  [new ProtocolError(errorCodes.internalError, 'no'), 'error'],
  [new ProtocolError(errorCodes.backendUnavailable, 'no'), 'error'],
  [new ProtocolError(errorCodes.requestCancelled, 'no'), 'failure'],
  [new Error('a defect'), 'error'],
];

for (const [error, outcome] of errors)
  test(`${String(error)} (${String((error as { code?: number }).code)}) is ${outcome}`, () => {
    assert.equal(outcomeOfError(error, true).outcome, outcome);
  });

test('an aborted request tells whether its client cancelled it or never came back', () => {
  assert.equal(outcomeOfAbort(new CancelledError()).ended, 'cancelled');
  assert.equal(outcomeOfAbort(new AbandonedError()).ended, 'abandoned');
});

test('an HTTP answer is judged by its status', () => {
  const words = [200, 202, 400, 401, 403, 404, 503].map((status) => outcomeOfStatus(status).outcome);
  assert.deepEqual(words, ['success', 'success', 'failure', 'denied', 'denied', 'failure', 'error']);
});
