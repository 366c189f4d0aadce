import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { fakeCaller, toolRequest } from '../../../test/fixtures/calling.ts';
import { FakeBackend, tool } from '../../../test/fixtures/fake-backend.ts';
import { anonymous, type Caller } from '../index.ts';
import { aggregate } from '../routing/aggregate.ts';
import type { BackendEvent, Catalogue } from './backend.ts';
import { perCallerBackend, type PerCallerOptions } from './per-caller-backend.ts';

const tuning = {
  timeoutMs: 1_000,
  healthCheckIntervalMs: 5_000,
  healthCheckTimeoutMs: 1_000,
  unhealthyThreshold: 3,
  lazy: false,
};

const as = (subject: string, more: Partial<Caller> = {}): Caller =>
  fakeCaller({ principal: { ...anonymous, issuer: 'https://idp', subject }, sessionId: subject, ...more });

/** @param offers tools by subject */
function create(
  t: TestContext,
  offers: Readonly<Record<string, readonly string[]>>,
  options: Partial<PerCallerOptions> = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { nowMs: 0 };
  const probe = new FakeBackend('b');
  const started: { subject: string; own: FakeBackend }[] = [];
  const backend = perCallerBackend({
    probe,
    tuning,
    start: (latest, share) => {
      const { subject } = latest();
      const own = new FakeBackend('b', offers[subject] ?? []);
      own.catalogue = share(own.catalogue);
      started.push({ subject, own });
      return own;
    },
    onDefect: (thrown) => assert.fail(String(thrown)),
    now: () => clock.nowMs,
    ...options,
  });
  const call = (subject: string) => backend.request(toolRequest('x', {}, { caller: as(subject) }));
  const pass = (ms: number): void => {
    clock.nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const live = (): string[] => started.filter(({ own }) => !own.closed).map(({ subject }) => subject);
  return { backend, probe, started, call, pass, live };
}

const namesOf = (catalogue: Catalogue | undefined) => catalogue?.tools.map(({ name }) => name);

describe('a backend that each caller meets with its own credential', () => {
  test('sends each principal’s requests over connections of its own, in whatever session they come', async (t) => {
    const { call, started, backend } = create(t, {});
    await Promise.all([call('alice'), call('bob'), call('alice')]);
    await backend.request(toolRequest('x', {}, { caller: as('alice', { sessionId: 'another' }) }));
    assert.deepEqual(
      started.map(({ subject, own }) => [subject, own.requests.length]),
      [
        ['alice', 3],
        ['bob', 1],
      ],
    );
  });

  test('shows each principal its own lists, and equal ones as one object', async (t) => {
    const { backend } = create(t, { alice: ['admin', 'read'], bob: ['read'], carol: ['read'] });
    const lists = backend.callerLists;
    assert.equal(lists?.isKnown(as('bob')), false);
    for (const subject of ['alice', 'bob', 'carol']) await lists?.learn(as(subject));
    assert.deepEqual(namesOf(lists?.of(as('alice'))), ['admin', 'read']);
    assert.deepEqual(namesOf(lists?.of(as('bob'))), ['read']);
    assert.equal(lists?.of(as('bob')), lists?.of(as('carol')));
    assert.equal(lists?.of(as('dora')), undefined);
  });

  test('has callers who are shown the same see one merged list', async (t) => {
    const { backend } = create(t, { alice: ['admin'], bob: ['read'], carol: ['read'] });
    const gateway = aggregate([backend, new FakeBackend('c', ['shared'])], { onLog: () => undefined });
    const list = (subject: string, more: Partial<Caller> = {}) =>
      gateway.ask({
        method: 'tools/list',
        origin: 'client',
        params: {},
        caller: as(subject, more),
        client: toolRequest('x').client,
        signal: new AbortController().signal,
      } as never) as unknown as Promise<{ name: string }[]>;
    assert.deepEqual(
      (await list('alice')).map(({ name }) => name),
      ['b_admin', 'c_shared'],
    );
    const bobs = await list('bob');
    assert.deepEqual(
      bobs.map(({ name }) => name),
      ['b_read', 'c_shared'],
    );
    assert.equal(await list('carol'), bobs);
  });

  test('closes what nobody has used for a minute, and remembers its lists', async (t) => {
    const { backend, call, pass, live } = create(t, { alice: ['read'] });
    await call('alice');
    pass(59_000);
    await call('bob');
    assert.deepEqual(live(), ['alice', 'bob']);
    pass(31_000);
    assert.deepEqual(live(), ['bob']);
    assert.deepEqual(namesOf(backend.callerLists?.of(as('alice'))), ['read']);
    await call('alice');
    assert.deepEqual(live(), ['bob', 'alice']);
  });

  test('closes nothing that a request is using', async (t) => {
    const { call, pass, live, started } = create(t, {});
    await call('alice');
    const held = Promise.withResolvers<object>();
    const [first] = started;
    if (first) first.own.answer = () => held.promise as Promise<never>;
    const calling = call('alice');
    pass(600_000);
    assert.deepEqual(live(), ['alice']);
    held.resolve({});
    await calling;
  });

  test('connects no more principals than may be: whoever has rested longest makes room', async (t) => {
    const { call, live, started } = create(t, {}, { maxConnected: 2 });
    await call('alice');
    await call('bob');
    await call('alice');
    await call('carol');
    assert.deepEqual(live(), ['alice', 'carol']);
    const held = Promise.withResolvers<never>();
    for (const { own } of started) own.answer = () => held.promise;
    void call('alice').catch(() => undefined);
    void call('carol').catch(() => undefined);
    await assert.rejects(call('dora'), /is in use by 2 callers/);
    held.reject(new Error('over'));
  });

  test('remembers no more principals than may be', async (t) => {
    const { backend, call } = create(t, { alice: ['a'], bob: ['b'] }, { maxRemembered: 1 });
    await call('alice');
    await call('bob');
    assert.equal(backend.callerLists?.of(as('alice')), undefined);
    assert.deepEqual(namesOf(backend.callerLists?.of(as('bob'))), ['b']);
  });

  test('tells what one principal is told to that principal alone', async (t) => {
    const { backend, call, started } = create(t, { alice: ['read'] });
    const heard: BackendEvent[] = [];
    backend.subscribe((event) => heard.push(event));
    await call('alice');
    const own = started[0]?.own as FakeBackend;
    own.emit({ type: 'changed', listing: 'tools' });
    assert.deepEqual(heard, [], 'the same list as before is no change');
    own.catalogue = { ...own.catalogue, tools: [tool('more')] };
    own.emit({ type: 'changed', listing: 'tools' });
    own.emit({ type: 'resourceUpdated', params: { uri: 'file:///x' } });
    const principal = 'https://idp\0alice';
    assert.deepEqual(heard, [
      { type: 'changed', listing: 'tools', principal },
      { type: 'resourceUpdated', params: { uri: 'file:///x' }, principal },
    ]);
  });

  test('is as available as its probe, and closes everything in the end', async (t) => {
    const { backend, probe, call, live } = create(t, {});
    await call('alice');
    probe.available = false;
    assert.equal(backend.available, false);
    backend.retune({ ...tuning, timeoutMs: 7 });
    assert.equal(probe.tunings[0]?.healthCheckIntervalMs, 5_000);
    await backend.close();
    assert.deepEqual([probe.closed, live()], [true, []]);
  });
});
