import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { endRawSession, openRawSession, rawRequest } from '../../support/raw-http.ts';
import { call, cancelOnceHeld, script, type Driver, type Operation } from './driver.ts';

const overHttp = ({ url }: Driver): boolean => url !== undefined;
const modernHttp = (driver: Driver): boolean => overHttp(driver) && driver.revision === '2026-07-28';
const legacyHttp = (driver: Driver): boolean => overHttp(driver) && driver.revision === '2025-11-25';

const regularCalls: readonly Operation[] = [
  { name: 'a result', weight: 40, run: (driver) => call(driver, 'one_ok', { n: 1 }, 'success') },
  { name: 'an error result', weight: 8, run: (driver) => call(driver, 'one_fail', {}, 'error') },
  { name: 'a JSON-RPC error', weight: 5, run: (driver) => call(driver, 'one_refuse', {}, 'error') },
  { name: 'an unknown tool', weight: 5, run: (driver) => call(driver, 'one_unknown', {}, 'error') },
  {
    name: 'a timeout of the workload',
    weight: 2,
    run: (driver) => call(driver, 'hasty_hold', { key: driver.nextKey() }, 'error'),
  },
  {
    name: 'a backend that dies in mid-call',
    weight: 0.3,
    run: (driver) => call(driver, 'doomed_die', {}, 'error'),
  },
  {
    name: 'a question answered in mid-call',
    weight: 3,
    run: (driver) => call(driver, 'ask_test_input_required_result_elicitation', {}, 'success'),
  },
  {
    name: 'a cancelled call',
    weight: 4,
    async run(driver) {
      const key = driver.nextKey();
      await cancelOnceHeld(driver, 'one_hold', { key }, key);
      driver.ledger.record('tool_call', 'error');
    },
  },
];

const scripts: readonly Operation[] = [
  {
    name: 'a script with three calls',
    weight: 10,
    run: (driver) =>
      script(driver, 'return [one_ok(n = n) for n in range(3)]', { status: 'success', innerCalls: 3 }),
  },
  {
    name: 'a script with parallel branches',
    weight: 4,
    run: (driver) =>
      script(driver, 'return parallel([lambda: one_ok(n = 1), lambda: one_ok(n = 2)])', {
        status: 'success',
        innerCalls: 2,
        branches: 2,
      }),
  },
  {
    name: 'a script that does not parse',
    weight: 3,
    run: (driver) => script(driver, 'return (', { status: 'error' }),
  },
  {
    name: 'a script whose tool fails',
    weight: 3,
    run: (driver) => script(driver, 'return one_fail()', { status: 'error', innerCalls: 1 }),
  },
  {
    name: 'a script over its step limit',
    weight: 2,
    run: (driver) => script(driver, 'for n in range(1000000):\n    pass', { status: 'step_limit' }),
  },
  {
    name: 'a script over its memory limit',
    weight: 2,
    run: (driver) => script(driver, 'return len("a" * (1 << 40))', { status: 'memory_limit' }),
  },
  {
    name: 'a script over its time',
    weight: 0.2,
    run: (driver) =>
      script(driver, `return one_hold(key = "${driver.nextKey()}")`, { status: 'timeout', innerCalls: 1 }),
  },
  {
    name: 'a cancelled script',
    weight: 2,
    async run(driver) {
      const key = driver.nextKey();
      await cancelOnceHeld(driver, 'execute_tool_script', { script: `return one_hold(key = "${key}")` }, key);
      driver.ledger.recordScript({ status: 'cancelled', innerCalls: 1 });
    },
  },
];

/** Posts a held call by hand, waits until the backend has it, and closes the connection. */
async function hangUpOnceHeld(driver: Driver, session?: string): Promise<string> {
  const key = driver.nextKey();
  const line = new AbortController();
  const params = { name: 'one_hold', arguments: { key } };
  const request = { method: 'tools/call', params, session, signal: line.signal };
  const answer = assert.rejects(
    rawRequest(driver.url as URL, driver.revision, request).then((r) => r.text()),
  );
  await driver.backend.held(key);
  line.abort();
  await answer;
  return key;
}

const misbehaviour: readonly Operation[] = [
  {
    name: 'a closed response, which cancels in 2026-07-28',
    weight: 2,
    able: modernHttp,
    async run(driver) {
      await driver.backend.cancelled(await hangUpOnceHeld(driver));
      driver.ledger.record('tool_call', 'error');
    },
  },
  {
    name: 'a lost connection, which cancels nothing in 2025-11-25',
    weight: 2,
    able: legacyHttp,
    async run(driver) {
      const session = await openRawSession(driver.url as URL);
      const held = await driver.backend.held(await hangUpOnceHeld(driver, session));
      await delay(50);
      assert.equal(held.cancelled, false, 'a lost connection must not cancel under 2025-11-25');
      held.release();
      driver.ledger.record('tool_call', 'success');
    },
  },
  {
    name: 'the end of a session, which cancels its calls',
    weight: 2,
    able: legacyHttp,
    async run(driver) {
      const url = driver.url as URL;
      const session = await openRawSession(url);
      const key = driver.nextKey();
      const params = { name: 'one_hold', arguments: { key } };
      const answer = rawRequest(url, driver.revision, { method: 'tools/call', params, session });
      await driver.backend.held(key);
      await endRawSession(url, session);
      await driver.backend.cancelled(key);
      await (await answer).text();
      driver.ledger.record('tool_call', 'error');
    },
  },
  {
    name: 'a question that is never answered, which is no call',
    weight: 2,
    able: modernHttp,
    async run(driver) {
      const params = { name: 'ask_test_input_required_result_elicitation', arguments: {} };
      const capabilities = { elicitation: {} };
      const request = { method: 'tools/call', params, capabilities };
      const answer = await rawRequest(driver.url as URL, driver.revision, request);
      assert.match(await answer.text(), /"input_required"/);
    },
  },
  {
    name: 'a call without a name',
    weight: 1,
    able: modernHttp,
    async run(driver) {
      const answer = await rawRequest(driver.url as URL, driver.revision, { method: 'tools/call' });
      assert.match(await answer.text(), /"error"/);
      driver.ledger.record('tool_call', 'error');
    },
  },
  {
    name: 'a request that the transport refuses, which is no call',
    weight: 1,
    able: overHttp,
    async run(driver) {
      const answer = await fetch(driver.url as URL, { method: 'POST', body: '{"jsonrpc":"2.0",' });
      assert.ok(answer.status >= 400);
      await answer.text();
    },
  },
  {
    name: 'a reload',
    weight: 0.3,
    able: overHttp,
    run(driver) {
      driver.reload();
      return Promise.resolve();
    },
  },
];

/** Everything that random clients do. */
export const operations: readonly Operation[] = [...regularCalls, ...scripts, ...misbehaviour];
