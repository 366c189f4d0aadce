import { test } from 'node:test';
import { ActiveCall } from './active-call.ts';

test('progress gives a call more time, but not for ever', { timeout: 60_000 }, async () => {
  const timedOut = Promise.withResolvers<void>();
  const options = { id: 1, method: 'tools/call', request: undefined, timeoutMs: 10_000, maxWorkMs: 100 };
  const call = new ActiveCall({ ...options, onTimeout: timedOut.resolve });
  const pending = { answer: new Promise<never>(() => {}), abort: () => {} };
  call.start(pending, new AbortController().signal, () => {});
  const working = setInterval(() => call.progressed(), 5);
  await timedOut.promise;
  clearInterval(working);
  call.end();
});
