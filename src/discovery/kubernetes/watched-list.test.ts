import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test, type TestContext } from 'node:test';
import { FakeApi } from '../../../test/support/fake-api.ts';
import { ApiError } from './api.ts';
import { WatchedList } from './watched-list.ts';

interface Followed {
  readonly api: FakeApi;
  readonly list: WatchedList;
  /** How long each wait was to be, in ms. */
  readonly waits: number[];
  readonly now: { ms: number };
  names(): string[];
  settle(): Promise<void>;
}

/** Waits end at once, so that time passes by what is asked for alone. */
function follow(t: TestContext, prepare: (api: FakeApi) => void = () => undefined): Followed {
  const api = new FakeApi();
  prepare(api);
  const waits: number[] = [];
  const now = { ms: 0 };
  const ending = new AbortController();
  const list = new WatchedList(api, {
    path: '/apis/toolhive.stacklok.dev/v1beta1/namespaces/mcp/mcpservers',
    onChange: () => undefined,
    sleep: async (ms) => {
      waits.push(ms);
      now.ms += ms;
      await turn();
    },
    now: () => now.ms,
    random: () => 1,
  });
  const running = list.run(ending.signal);
  t.after(async () => {
    ending.abort();
    await running;
  });
  return {
    api,
    list,
    waits,
    now,
    names: () => [...list.items.keys()],
    settle: async () => {
      for (let turns = 0; turns < 20; turns++) await turn();
    },
  };
}

describe('a watched list', () => {
  test('holds what is listed, in pages, and what comes, changes and goes', async (t) => {
    const { api, list, names, settle } = follow(t, (fake) => {
      fake.pageSize = 2;
      for (const name of ['a', 'b', 'c', 'd', 'e']) fake.put('mcpservers', name);
    });
    await settle();
    assert.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
    assert.equal(api.asked.filter((each) => each === 'list mcpservers').length, 3);
    api.put('mcpservers', 'f');
    api.put('mcpservers', 'a', { spec: { transport: 'sse' } });
    api.delete('mcpservers', 'b');
    await settle();
    assert.deepEqual(names(), ['a', 'c', 'd', 'e', 'f']);
    assert.deepEqual(list.items.get('a')?.spec, { transport: 'sse' });
    assert.equal(list.state, 'watching');
  });

  test('goes on where a watch ended, without a new list', async (t) => {
    const { api, names, now, settle } = follow(t);
    await settle();
    now.ms += 300_000;
    api.endWatches();
    api.put('mcpservers', 'meanwhile');
    await settle();
    assert.deepEqual(names(), ['meanwhile']);
    assert.deepEqual(api.asked, ['list mcpservers', 'watch mcpservers', 'watch mcpservers']);
  });

  test('is spared a new list by a bookmark, when the history before it is gone', async (t) => {
    const { api, now, settle } = follow(t);
    await settle();
    api.compact();
    api.bookmark();
    await settle();
    now.ms += 300_000;
    api.endWatches();
    await settle();
    assert.deepEqual(api.asked, ['list mcpservers', 'watch mcpservers', 'watch mcpservers']);
  });

  for (const [how, expire] of [
    ['an answer', (api: FakeApi) => api.endWatches()],
    ['an event', (api: FakeApi) => api.tellExpired()],
  ] as const) {
    test(`lists anew after 410 as ${how}, and forgets what has gone meanwhile`, async (t) => {
      const { api, list, names, now, settle } = follow(t, (fake) => fake.put('mcpservers', 'old'));
      await settle();
      now.ms += 300_000;
      api.endWatches(new Error('cut'));
      api.down = new Error('connect ECONNREFUSED');
      await settle();
      api.delete('mcpservers', 'old');
      api.put('mcpservers', 'new');
      api.compact();
      api.down = undefined;
      await settle();
      expire(api);
      await settle();
      assert.deepEqual(names(), ['new']);
      assert.equal(list.state, 'watching');
    });
  }

  test('keeps what it knows while the server is gone, says why, and waits longer each time', async (t) => {
    const { api, list, names, waits, settle } = follow(t, (fake) => fake.put('mcpservers', 'kept'));
    await settle();
    api.down = new Error('connect ECONNREFUSED');
    api.endWatches(new Error('other side closed'));
    await settle();
    assert.deepEqual(names(), ['kept']);
    assert.equal(list.state, 'unreachable');
    assert.equal(list.problem, 'connect ECONNREFUSED');
    assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    api.down = undefined;
    await settle();
    assert.equal(list.state, 'watching');
    assert.equal(list.problem, undefined);
  });

  test('does not run in circles where each watch ends at once', async (t) => {
    const { api, waits, settle } = follow(t);
    await settle();
    for (let ends = 0; ends < 4; ends++) {
      api.endWatches();
      await settle();
    }
    assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  });

  test('has answered where the right is missing, and follows once it is there', async (t) => {
    const { api, list, names, settle } = follow(t, (fake) => {
      fake.forbidden.add('list mcpservers');
      fake.put('mcpservers', 'a');
    });
    assert.equal(list.hasAnswered, false);
    await settle();
    assert.equal(list.hasAnswered, true);
    assert.equal(list.state, 'forbidden');
    assert.match(list.problem ?? '', /cannot list resource "mcpservers"/);
    api.forbidden.clear();
    await settle();
    assert.deepEqual(names(), ['a']);
  });

  test('forgets its objects when the kind or the right is taken away', async (t) => {
    const { api, list, names, settle } = follow(t, (fake) => fake.put('mcpservers', 'a'));
    await settle();
    api.forbidden.add('watch mcpservers');
    api.endWatches(new ApiError(500, 'restart'));
    await settle();
    assert.deepEqual(names(), []);
    assert.equal(list.state, 'forbidden');
  });
});
