import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { anonymous, type Caller, type Principal } from '../../../gateway/index.ts';
import { defaultLimits } from '../exchange/options.ts';
import { Session } from '../sessions/session.ts';
import { Sessions } from './sessions.ts';

const limits = { ...defaultLimits, sessionTtlMs: 1_000_000, maxSessions: 2 };

function principal(subject: string): Principal {
  return { ...anonymous, subject };
}

function session(sessionId: string, subject = 'ann'): Session {
  const caller: Caller = {
    sessionId,
    hasSession: true,
    principal: principal(subject),
    revision: '2025-11-25',
    capabilities: {},
    forwardedHeaders: {},
  };
  return new Session(caller, 0);
}

describe('sessions', () => {
  let ended: string[];
  let sessions: Sessions;
  beforeEach(() => {
    ended = [];
    sessions = new Sessions(limits, ({ caller }) => void ended.push(caller.sessionId));
  });

  test('are found by their own principal alone', () => {
    sessions.add(session('a'), 0);
    assert.ok(sessions.find('a', principal('ann'), 0));
    assert.equal(sessions.find('a', principal('mallory'), 0), undefined);
    assert.equal(sessions.find('b', principal('ann'), 0), undefined);
  });

  test('end when nobody used them for their time, whoever looks first', () => {
    sessions.add(session('a'), 0);
    sessions.add(session('b'), 500_000);
    sessions.sweep(1_000_000);
    assert.deepEqual(ended, ['a']);
    assert.equal(sessions.find('b', principal('ann'), 1_500_000), undefined);
    assert.deepEqual(ended, ['a', 'b']);
    assert.equal(sessions.size, 0);
  });

  test('with a call under way are in use, however long it takes', () => {
    const busy = session('a');
    sessions.add(busy, 0);
    busy.running.add({} as never);
    sessions.sweep(5_000_000);
    busy.running.clear();
    sessions.sweep(5_500_000);
    assert.deepEqual(ended, []);
    sessions.sweep(6_000_000);
    assert.deepEqual(ended, ['a']);
  });

  test('are bounded: the one unused longest gives way, but none that was used within a minute', () => {
    sessions.add(session('a'), 0);
    sessions.add(session('b'), 1_000);
    assert.equal(sessions.add(session('c'), 30_000), undefined);
    sessions.find('a', principal('ann'), 30_000);
    assert.ok(sessions.add(session('c'), 61_000));
    assert.deepEqual(ended, ['b']);
  });

  test('are all ended at the end, each once', () => {
    sessions.add(session('a'), 0);
    sessions.add(session('b'), 0);
    sessions.close();
    sessions.close();
    assert.deepEqual(ended, ['a', 'b']);
  });
});
