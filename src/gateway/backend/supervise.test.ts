import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeCaller, toolRequest } from '../../../test/fixtures/calling.ts';
import { FakeBackendClient, tool, unreachable } from '../../../test/fixtures/fake-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { BackendEvent, BackendRequestRecord } from '../index.ts';
import { BackendError, holderOf, superviseBackend } from '../index.ts';
import { CancelledError, ProtocolError } from '../../protocol/index.ts';
import type { SuperviseOptions } from './supervise-options.ts';

function make(
  t: TestContext,
  options: Partial<SuperviseOptions> = {},
  prepare?: (client: FakeBackendClient) => void,
) {
  const client = new FakeBackendClient();
  prepare?.(client);
  const logged: string[] = [];
  const records: BackendRequestRecord[] = [];
  const backend = superviseBackend(client, {
    onLog: ({ level, message }) => logged.push(`${level}: ${message}`),
    onRequest: (record) => records.push(record),
    backoff: { firstMs: 5, maxMs: 20 },
    refreshIntervalMs: 20,
    healthCheckIntervalMs: 0,
    drainTimeoutMs: 200,
    ...options,
  });
  t.after(() => backend.close());
  const events: BackendEvent[] = [];
  backend.subscribe((event) => events.push(event));
  return { backend, client, logged, records, events };
}

const fail = (): Promise<never> => Promise.reject(unreachable());

describe('connecting', () => {
  test('begins at once and reads every list', async (t) => {
    const { backend, client } = make(t);
    assert.deepEqual([backend.available, backend.status().health], [false, 'unknown']);
    assert.equal(backend.status().note, 'starting, 0 s');
    await backend.settled();
    assert.deepEqual(client.listed, ['tools', 'resources', 'resourceTemplates', 'prompts']);
    assert.deepEqual(backend.status(), {
      name: 'fake',
      transport: 'stdio',
      health: 'healthy',
      revision: '2025-11-25',
      tools: 1,
    });
  });

  test('that takes long says for how long', async (t) => {
    let nowMs = 0;
    const connecting = Promise.withResolvers<void>();
    const { backend } = make(t, { now: () => nowMs }, (fake) => {
      fake.connectResult = () => connecting.promise;
    });
    nowMs = 41_900;
    assert.equal(backend.status().note, 'starting, 41 s');
    connecting.resolve();
    await backend.settled();
    assert.equal(backend.status().note, undefined);
  });

  test('that fails is tried again until it succeeds, and the status says why meanwhile', async (t) => {
    let tries = 0;
    const { backend, client } = make(t, {}, (fake) => {
      fake.connectResult = () => (++tries < 4 ? fail() : Promise.resolve());
    });
    await backend.settled();
    assert.equal(backend.status().health, 'unhealthy');
    assert.equal(backend.status().error, 'backend "fake" cannot be reached');
    await eventually(() => assert.equal(backend.status().health, 'healthy'));
    assert.equal(client.connects, 4);
    assert.ok(client.resets >= 3);
  });

  test('that has no credential to begin with shows as unauthenticated, with the reason', async (t) => {
    const { backend } = make(t, {}, (fake) => {
      fake.connectResult = () =>
        Promise.reject(new BackendError('no-credential', 'fake', 'has no credential: no such file'));
    });
    await backend.settled();
    const { health, error } = backend.status();
    assert.deepEqual([health, error], ['unauthenticated', 'backend "fake" has no credential: no such file']);
  });

  test('that fails for want of a credential is tried again by the next request, whenever it would be due', async (t) => {
    const { backend, client } = make(t, { backoff: { firstMs: 600_000, maxMs: 600_000 } }, (fake) => {
      fake.connectResult = () =>
        Promise.reject(new BackendError('no-credential', 'fake', 'has no credential: no such file'));
    });
    await backend.settled();
    for (let count = 0; count < 3; count++)
      await assert.rejects(backend.request(toolRequest('one')), /has no credential: no such file/);
    client.connectResult = () => Promise.resolve();
    await backend.request(toolRequest('one'));
    assert.equal(backend.status().health, 'healthy');
  });

  test('that is refused for want of credentials shows as unauthenticated', async (t) => {
    const { backend } = make(t, {}, (fake) => {
      fake.connectResult = () =>
        Promise.reject(new BackendError('unauthorized', 'fake', 'refused the credentials'));
    });
    await backend.settled();
    assert.equal(backend.status().health, 'unauthenticated');
  });

  test('leaves entries without a name, and second ones of the same name, off the lists', async (t) => {
    const { backend, logged } = make(t, {}, (fake) => {
      fake.lists = {
        tools: [
          tool('a'),
          tool('a', { title: 'second' }),
          { name: 'no schema', inputSchema: 'none' },
          { inputSchema: {} },
        ],
      };
    });
    await backend.settled();
    assert.deepEqual(backend.catalogue.tools, [tool('a')]);
    assert.equal(logged.filter((line) => line.includes('lists')).length, 3);
  });

  test('goes on without a list that the backend refuses', async (t) => {
    const { backend } = make(t, {}, (fake) => {
      const list = fake.list.bind(fake);
      fake.list = (listing, signal) =>
        listing === 'prompts' ? Promise.reject(new ProtocolError(-32603, 'no')) : list(listing, signal);
    });
    await backend.settled();
    assert.equal(backend.status().health, 'healthy');
  });
});

describe('a lazy backend', () => {
  const tuning = {
    timeoutMs: 1000,
    healthCheckIntervalMs: 0,
    healthCheckTimeoutMs: 10,
    unhealthyThreshold: 3,
    lazy: true,
  };

  test('sleeps until it is woken, says so, and is then like any other', async (t) => {
    const { backend, client, events } = make(t, { lazy: true, healthCheckIntervalMs: 1 });
    await backend.settled();
    assert.deepEqual([client.connects, backend.asleep, backend.available], [0, true, false]);
    assert.deepEqual(backend.status(), { name: 'fake', transport: 'stdio', health: 'asleep', tools: 0 });

    backend.wake();
    backend.wake();
    assert.deepEqual([backend.asleep, backend.status().health], [false, 'unknown']);
    await backend.settled();
    assert.deepEqual([client.connects, backend.status().health], [1, 'healthy']);
    assert.ok(events.some(({ type }) => type === 'status'));
    await eventually(() => assert.ok(client.pings > 0));
  });

  test('is woken by a request, which then goes through', async (t) => {
    const { backend, client } = make(t, { lazy: true });
    assert.deepEqual(await backend.request(toolRequest('one')), { content: [] });
    assert.deepEqual([client.connects, backend.asleep], [1, false]);
  });

  test('is tried again until it is there, once it was woken in vain', async (t) => {
    let tries = 0;
    const { backend } = make(t, { lazy: true }, (fake) => {
      fake.connectResult = () => (++tries < 3 ? fail() : Promise.resolve());
    });
    backend.wake();
    await backend.settled();
    assert.equal(backend.status().health, 'unhealthy');
    await eventually(() => assert.equal(backend.status().health, 'healthy'));
  });

  test('that becomes eager is connected; an eager one that becomes lazy stays so', async (t) => {
    const { backend, client } = make(t, { lazy: true });
    backend.retune(tuning);
    assert.equal(client.connects, 0);
    backend.retune({ ...tuning, lazy: false });
    await backend.settled();
    assert.equal(backend.status().health, 'healthy');
    backend.retune(tuning);
    assert.deepEqual([client.connects, backend.asleep], [1, false]);
  });

  test('that is closed in its sleep is never connected', async (t) => {
    const { backend, client } = make(t, { lazy: true });
    await backend.close();
    backend.wake();
    await assert.rejects(backend.request(toolRequest('one')), { code: 'not-available' });
    assert.deepEqual([client.connects, client.closed], [0, true]);
  });
});

describe('a lost connection', () => {
  test('keeps the tools listed while it is opened again', async (t) => {
    const { backend, client } = make(t);
    await backend.settled();
    client.emit({
      type: 'disconnected',
      error: new BackendError('disconnected', 'fake', 'ended with exit code 1'),
    });
    assert.deepEqual([backend.available, backend.status().health], [true, 'degraded']);
    await eventually(() => assert.equal(backend.status().health, 'healthy'));
    assert.equal(client.connects, 2);
  });

  test('takes the tools off the list after unhealthyThreshold failures', async (t) => {
    const { backend, client, events } = make(t, { unhealthyThreshold: 2 });
    await backend.settled();
    client.connectResult = fail;
    client.emit({ type: 'disconnected', error: new BackendError('disconnected', 'fake', 'ended') });
    await eventually(() => assert.equal(backend.available, false));
    assert.ok(events.some(({ type }) => type === 'status'));
    client.connectResult = () => Promise.resolve();
    await eventually(() => assert.equal(backend.available, true));
  });

  test('is opened again by a request that comes meanwhile, which then goes through', async (t) => {
    const { backend, client } = make(t, { backoff: { firstMs: 60_000, maxMs: 60_000 } });
    await backend.settled();
    client.emit({ type: 'disconnected', error: new BackendError('disconnected', 'fake', 'ended') });
    assert.deepEqual(await backend.request(toolRequest('one')), { content: [] });
  });

  test('fails requests at once while further attempts have failed and the next is not due', async (t) => {
    const { backend, client } = make(t, { backoff: { firstMs: 60_000, maxMs: 60_000 } });
    await backend.settled();
    client.connectResult = fail;
    client.emit({ type: 'disconnected', error: new BackendError('disconnected', 'fake', 'ended') });
    await assert.rejects(backend.request(toolRequest('one')), /is not connected/);
    const connects = client.connects;
    await assert.rejects(backend.request(toolRequest('one')), /is not connected/);
    assert.equal(client.connects, connects);
  });
});

describe('a request', () => {
  test('is sent again only when it certainly did not run', async (t) => {
    const { backend, client } = make(t);
    await backend.settled();
    let tries = 0;
    client.answer = () => (++tries === 1 ? fail() : Promise.resolve({ content: [] }));
    await backend.request(toolRequest('one'));
    assert.equal(tries, 2);
    client.answer = () => {
      tries += 1;
      return Promise.reject(new BackendError('disconnected', 'fake', 'ended'));
    };
    await assert.rejects(backend.request(toolRequest('one')), { code: 'disconnected' });
    assert.equal(tries, 3);
  });

  test('is recorded once, with its outcome, when it reached the backend', async (t) => {
    const { backend, client, records } = make(t);
    await backend.settled();
    await backend.request(toolRequest('one'));
    for (const error of [
      new ProtocolError(-32000, 'no'),
      new BackendError('timeout', 'fake', 'late'),
      new BackendError('disconnected', 'fake', 'gone'),
      new CancelledError(),
    ]) {
      client.answer = () => Promise.reject(error);
      await assert.rejects(backend.request(toolRequest('one')));
    }
    client.answer = fail;
    await assert.rejects(backend.request(toolRequest('one')));
    assert.deepEqual(
      records.map(({ error }) => error),
      [undefined, 'protocol', 'timeout', 'unreachable', 'cancelled'],
    );
    const { durationMs, ...rest } = records[0] ?? assert.fail('no record');
    assert.ok(durationMs >= 0);
    assert.deepEqual(rest, { backend: 'fake', transport: 'stdio', method: 'tools/call', toolName: 'one' });
  });

  test('has the limit of its backend', async (t) => {
    const { backend, client } = make(t, { timeoutMs: 1_234 });
    await backend.settled();
    await backend.request(toolRequest('one'));
    assert.equal(client.requests[0]?.timeoutMs, 1_234);
  });

  test('is refused at once while the circuit breaker is open; errors of the backend itself do not open it', async (t) => {
    const { backend, client, logged } = make(t, {
      circuitBreaker: { failureThreshold: 2, timeoutMs: 60_000 },
    });
    await backend.settled();
    client.answer = () => Promise.reject(new ProtocolError(-32000, 'no'));
    for (let count = 0; count < 3; count++)
      await assert.rejects(backend.request(toolRequest('one')), { code: -32000 });
    client.answer = () => Promise.reject(new BackendError('timeout', 'fake', 'late'));
    for (let count = 0; count < 2; count++)
      await assert.rejects(backend.request(toolRequest('one')), { code: 'timeout' });
    await assert.rejects(backend.request(toolRequest('one')), { code: 'not-available' });
    assert.equal(client.requests.length, 5);
    assert.equal(backend.status().circuit, 'open');
    assert.deepEqual(
      logged.filter((line) => line.includes('circuit')),
      ['warn: failed 2 in a row and is spared for 60000 ms (circuit breaker open)'],
    );
  });
});

describe('a request without a credential', () => {
  test('says nothing of the backend: the circuit stays closed, and no request is recorded', async (t) => {
    const { backend, client, records } = make(t, {
      circuitBreaker: { failureThreshold: 1, timeoutMs: 60_000 },
    });
    await backend.settled();
    client.answer = () =>
      Promise.reject(new BackendError('no-credential', 'fake', 'has no credential', { mayHaveRun: false }));
    for (let count = 0; count < 3; count++)
      await assert.rejects(backend.request(toolRequest('one')), { code: 'no-credential' });
    assert.equal(backend.status().circuit, 'closed');
    assert.deepEqual(records, []);
  });
});

describe('health checks', () => {
  test('that fail in a row take the tools off the list and open a new connection', async (t) => {
    const { backend, client, logged } = make(t, { healthCheckIntervalMs: 5, unhealthyThreshold: 2 });
    await backend.settled();
    client.pingResult = fail;
    client.connectResult = fail;
    await eventually(() => assert.equal(backend.status().health, 'unhealthy'));
    assert.ok(client.resets > 0);
    client.pingResult = () => Promise.resolve();
    client.connectResult = () => Promise.resolve();
    await eventually(() => assert.equal(backend.status().health, 'healthy'));
    assert.deepEqual(
      logged.filter((line) => /^warn|is connected/.test(line)),
      [
        'info: is connected (revision 2025-11-25, 1 tool)',
        'warn: health check failed (attempt 1): cannot be reached',
        'warn: health check failed (attempt 2): cannot be reached; its tools are no longer listed',
        'info: is connected (revision 2025-11-25, 1 tool)',
      ],
    );
  });

  test('have a limit of their own', async (t) => {
    const { backend, client } = make(t, { healthCheckIntervalMs: 5, healthCheckTimeoutMs: 10 });
    await backend.settled();
    client.pingResult = (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    await eventually(() => assert.match(backend.status().error ?? '', /did not answer within 10 ms/));
  });

  test('read anew the lists of which the backend does not say when they change, and only those', async (t) => {
    const { backend, client, logged } = make(t, { healthCheckIntervalMs: 5 }, (fake) => {
      const capabilities = { tools: {}, prompts: { listChanged: true } };
      fake.info = { revision: '2025-11-25', capabilities };
    });
    await backend.settled();
    client.listed.length = 0;
    client.lists = { tools: [tool('two'), { name: 'no schema', inputSchema: 'none' }] };
    await eventually(() => assert.deepEqual(backend.catalogue.tools, [tool('two')]));
    await eventually(() => assert.ok(client.listed.length > 3));
    assert.deepEqual(new Set(client.listed), new Set(['tools']));
    assert.equal(logged.filter((line) => line.includes('"no schema"')).length, 1, 'it is said once');
  });

  test('are passed by any answer, also an error', async (t) => {
    const { backend, client } = make(t, { healthCheckIntervalMs: 5 });
    await backend.settled();
    client.pingResult = () => Promise.reject(new ProtocolError(-32601, 'no ping here'));
    await eventually(() => assert.ok(client.pings > 3));
    assert.equal(backend.status().health, 'healthy');
  });
});

test('limits put in force later hold from then on, and the connection stays', async (t) => {
  const { backend, client } = make(t);
  await backend.settled();
  const tuning = {
    timeoutMs: 77,
    healthCheckIntervalMs: 5,
    healthCheckTimeoutMs: 10,
    unhealthyThreshold: 2,
    lazy: false,
  };
  backend.retune({ ...tuning, circuitBreaker: { failureThreshold: 1, timeoutMs: 60_000 } });
  await backend.request(toolRequest('one'));
  assert.equal(client.requests[0]?.timeoutMs, 77);
  await eventually(() => assert.ok(client.pings > 2));

  client.answer = () => Promise.reject(new BackendError('timeout', 'fake', 'late'));
  await assert.rejects(backend.request(toolRequest('one')), { code: 'timeout' });
  await assert.rejects(backend.request(toolRequest('one')), { code: 'not-available' });
  backend.retune(tuning);
  assert.equal(backend.status().circuit, undefined);
  await assert.rejects(backend.request(toolRequest('one')), { code: 'timeout' });
  assert.deepEqual([client.connects, client.resets], [1, 0]);

  client.pingResult = client.connectResult = fail;
  await eventually(() => assert.equal(backend.status().health, 'unhealthy'));
});

describe('a changed list', () => {
  test('is read again and told of', async (t) => {
    const { backend, client, events } = make(t);
    await backend.settled();
    client.lists = { tools: [tool('two')] };
    client.emit({ type: 'changed', listing: 'tools' });
    await eventually(() => assert.deepEqual(backend.catalogue.tools, [tool('two')]));
    assert.ok(events.some((event) => event.type === 'changed' && event.listing === 'tools'));
  });

  test('that changes constantly is read at most once an interval, and in the end as it is', async (t) => {
    const { backend, client } = make(t);
    await backend.settled();
    const before = client.listed.length;
    for (let count = 0; count < 500; count++) client.emit({ type: 'changed', listing: 'tools' });
    client.lists = { tools: [tool('last')] };
    await eventually(() => assert.deepEqual(backend.catalogue.tools, [tool('last')]));
    assert.ok(client.listed.length - before <= 3, `read ${client.listed.length - before} times`);
  });
});

describe('a list that changed on one session’s own connection', () => {
  const changedFor = (sessionId: string): BackendEvent => ({ type: 'changed', listing: 'tools', sessionId });

  test('is that session’s alone', async (t) => {
    const { backend, client, events } = make(t);
    await backend.settled();
    client.ownLists = { tools: [tool('one'), tool('mine')] };
    client.emit({ type: 'changed', listing: 'tools', sessionId: 's' });
    await eventually(() => assert.deepEqual(backend.catalogueOf('s')?.tools, [tool('one'), tool('mine')]));
    assert.deepEqual(backend.catalogue.tools, [tool('one')]);
    assert.equal(backend.catalogueOf('other'), undefined);
    assert.deepEqual(events.at(-1), changedFor('s'));
    await backend.endSession('s');
    assert.equal(backend.catalogueOf('s'), undefined);
  });

  test('is not kept when it is what everybody sees', async (t) => {
    const { backend, client } = make(t);
    await backend.settled();
    client.ownLists = { tools: [tool('one'), tool('mine')] };
    client.emit({ type: 'changed', listing: 'tools', sessionId: 's' });
    await eventually(() => assert.ok(backend.catalogueOf('s')));
    client.ownLists = client.lists;
    client.emit({ type: 'changed', listing: 'tools', sessionId: 's' });
    await eventually(() => assert.equal(backend.catalogueOf('s'), undefined));
  });
});

describe('a list that changed on a connection that calls without a session borrow', () => {
  const caller = fakeCaller({ hasSession: false, capabilities: { roots: {} } });
  const changed = (client: FakeBackendClient): void =>
    client.emit({ type: 'changed', listing: 'tools', sessionId: holderOf(caller), isBorrowed: true });

  test('is that of all such callers, and what only it names is asked for there', async (t) => {
    const { backend, client } = make(t);
    await backend.settled();
    client.ownLists = { tools: [tool('one'), tool('mine')] };
    changed(client);
    await eventually(() =>
      assert.deepEqual(backend.catalogueOf(holderOf(caller))?.tools.at(-1), tool('mine')),
    );
    const like = { ...caller, sessionId: 'another call' };
    for (const name of ['one', 'mine']) await backend.request(toolRequest(name, {}, { caller: like }));
    await backend.request(toolRequest('mine', {}, { caller: { ...like, capabilities: {} } }));
    assert.deepEqual(
      client.requests.map(({ isOwn }) => isOwn),
      [false, true, false],
    );
    assert.deepEqual(client.ended, []);
  });

  test('adds to what everybody sees, and is not kept when it only lacks some: the next call may be elsewhere', async (t) => {
    const { backend, client, events } = make(t, {}, (fake) => {
      fake.lists = { tools: [tool('one'), tool('two')] };
    });
    await backend.settled();
    client.ownLists = { tools: [tool('one'), tool('two'), tool('mine')] };
    changed(client);
    await eventually(() =>
      assert.deepEqual(backend.catalogueOf(holderOf(caller))?.tools.at(-1), tool('mine')),
    );
    client.ownLists = { tools: [tool('two'), tool('mine')] };
    client.lists = { tools: [tool('one'), tool('two'), tool('three')] };
    client.emit({ type: 'changed', listing: 'tools' });
    const seen = (): unknown => backend.catalogueOf(holderOf(caller))?.tools.map(({ name }) => name);
    await eventually(() => assert.deepEqual(seen(), ['one', 'two', 'three', 'mine']));
    client.ownLists = { tools: [tool('two')] };
    const before = events.length;
    changed(client);
    await eventually(() => assert.equal(backend.catalogueOf(holderOf(caller)), undefined));
    assert.deepEqual(client.ended, [holderOf(caller)]);
    assert.ok(events.slice(before).some((event) => event.type === 'changed' && event.sessionId));
  });
});

describe('closing', () => {
  test('waits for requests in flight, and refuses new ones meanwhile', async (t) => {
    const { backend, client } = make(t, { drainTimeoutMs: 60_000 });
    await backend.settled();
    const { promise, resolve } = Promise.withResolvers<{ content: [] }>();
    client.answer = () => promise;
    const running = backend.request(toolRequest('one'));
    const closing = backend.close();
    await assert.rejects(backend.request(toolRequest('one')), { code: 'not-available' });
    assert.equal(client.closed, false);
    resolve({ content: [] });
    await running;
    await closing;
    assert.equal(client.closed, true);
  });

  test('waits no longer than the drain limit', async (t) => {
    const { backend, client } = make(t, { drainTimeoutMs: 10 });
    await backend.settled();
    client.answer = () => new Promise(() => undefined);
    void backend.request(toolRequest('one'));
    await backend.close();
    assert.equal(client.closed, true);
  });
});
