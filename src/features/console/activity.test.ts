import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityEntry } from '../../console/wire/index.ts';
import { anonymous, type Principal } from '../../gateway/index.ts';
import { Activity, type Ended } from './activity.ts';

const call: Ended = { at: 1, client: 'a', kind: 'call', subject: 'tool', ok: true, durationMs: 1, calls: [] };
const ada: Principal = { ...anonymous, issuer: 'vmcp:apiKeys', subject: 'ada' };

function told(activity: Activity, whose?: Principal): ActivityEntry[] {
  const entries: ActivityEntry[] = [];
  activity.follow(whose, (entry) => void entries.push(entry));
  return entries;
}

test('the latest 500 calls are kept, and those to come are told until one stops', () => {
  const activity = new Activity();
  for (let at = 0; at < 600; at++) activity.add({ ...call, at }, 0, anonymous);
  const entries: ActivityEntry[] = [];
  const stop = activity.follow(undefined, (entry) => void entries.push(entry));
  assert.equal(entries.length, 500);
  assert.equal(entries[0]?.at, 100);
  activity.add(call, 0, anonymous);
  stop();
  activity.add(call, 0, anonymous);
  assert.equal(entries.length, 501);
});

test('a person is told of their own calls alone', () => {
  const activity = new Activity();
  activity.add(call, 0, anonymous);
  activity.add({ ...call, subject: 'hers' }, 0, ada);
  assert.deepEqual(
    told(activity, ada).map(({ subject }) => subject),
    ['hers'],
  );
});

test('names that clients invent are cut, and those beyond a hundred are counted as one', () => {
  const activity = new Activity();
  for (let at = 0; at < 300; at++)
    activity.add({ ...call, client: `${at}${'x'.repeat(1000)}`, subject: 'y'.repeat(9999) }, 0, anonymous);
  assert.ok(told(activity).every(({ client, subject }) => client.length <= 128 && subject.length <= 128));
  const { clients } = activity.counts();
  assert.equal(clients.length, 101);
  assert.deepEqual(clients[0], { name: 'others', direct: 200, scripts: 0 });
});

test('counts tell scripts from direct calls, and successes from failures', () => {
  const activity = new Activity();
  activity.add({ ...call, ok: false }, 0, anonymous);
  activity.add({ ...call, kind: 'script' }, 7, anonymous);
  const { directCalls, scripts, innerCalls } = activity.counts();
  assert.deepEqual([directCalls, scripts, innerCalls], [{ ok: 0, failed: 1 }, { ok: 1, failed: 0 }, 7]);
});
