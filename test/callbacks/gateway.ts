import {
  aggregate,
  anonymous,
  perCallerBackend,
  superviseBackend,
  type Backend,
  type Caller,
} from '../../src/gateway/index.ts';
import type { PerCallerOptions } from '../../src/gateway/backend/per-caller-backend.ts';
import { fakeCaller } from '../fixtures/calling.ts';
import { CatalogueReader } from '../../src/gateway/backend/catalogue-reader.ts';
import { emptyCatalogue } from '../../src/gateway/backend/catalogue.ts';
import { SessionCatalogues } from '../../src/gateway/backend/session-catalogues.ts';
import type { SuperviseOptions } from '../../src/gateway/backend/supervise-options.ts';
import { FakeBackend, FakeBackendClient, unreachable } from '../fixtures/fake-backend.ts';
import { eventually } from '../support/eventually.ts';
import type { Cases, Plant } from './plant.ts';

/** Its log throws what is planted where an entry matches, and passes on what is said of defects. */
function supervise(plant: Plant, onMessage: RegExp, options: Partial<SuperviseOptions> = {}) {
  const client = new FakeBackendClient();
  const backend = superviseBackend(client, {
    onLog: (entry) => (onMessage.test(entry.message) ? plant.throwIt() : plant.onLog(entry)),
    healthCheckIntervalMs: 0,
    backoff: { firstMs: 1, maxMs: 60_000 },
    drainTimeoutMs: 1,
    ...options,
  });
  plant.t.after(() => backend.close());
  return { client, backend };
}

function readerOf(plant: Plant, logs: (() => void)[]): CatalogueReader {
  const reader = new CatalogueReader({
    list: () => Promise.reject(unreachable()),
    timeoutMs: 60_000,
    refreshIntervalMs: 1,
    onLog: () => logs.shift()?.(),
    onDefect: plant.onDefect,
    onChanged: () => undefined,
  });
  plant.t.after(() => reader.close());
  return reader;
}

export const gatewayCases: Cases = {
  'news of a backend': async (plant) => {
    const { client, backend } = supervise(plant, /^$/);
    backend.subscribe(plant.throwIt);
    let heard = 0;
    backend.subscribe(() => (heard += 1));
    await backend.settled();
    client.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
    await eventually(() => {
      if (heard === 0) throw new Error('the listener after the one that throws was not told');
    });
  },

  'news of the gateway': (plant) => {
    const backend = new FakeBackend('planted');
    const gateway = aggregate([backend], { onLog: plant.onLog });
    gateway.subscribe(plant.throwIt);
    backend.emit({ type: 'resourceUpdated', params: { uri: 'test://a' } });
  },

  'the attempt to connect': async (plant) => {
    const { backend } = supervise(plant, /is connected|connect failed/);
    await backend.settled();
  },

  'the watch over a backend': async (plant) => {
    const { client, backend } = supervise(plant, /health check failed/, { healthCheckIntervalMs: 1 });
    client.pingResult = () => Promise.reject(unreachable());
    await backend.settled();
  },

  'the reading of changed lists': (plant) => readerOf(plant, [plant.throwIt]).changed('tools'),

  'the rest between two readings of lists': (plant) => {
    const reader = readerOf(plant, [() => undefined, plant.throwIt]);
    reader.changed('tools');
    reader.changed('prompts');
  },

  'the end of own lists': (plant) => {
    const client = new FakeBackendClient();
    client.lists = {};
    client.endSession = plant.rejectIt;
    const lists = new SessionCatalogues({
      client,
      timeoutMs: 60_000,
      refreshIntervalMs: 1,
      onLog: () => undefined,
      onDefect: plant.onDefect,
      shared: () => emptyCatalogue,
      onChanged: () => undefined,
    });
    plant.t.after(() => lists.close());
    lists.changed('tools', 'holder', true);
  },

  'the end of a caller’s connections': (plant) => {
    const { backend, own } = onePerCaller(plant, { maxConnected: 1 });
    own.close = plant.rejectIt;
    void backend.callerLists?.learn(callerOf('alice'));
    void backend.callerLists?.learn(callerOf('bob'));
  },

  'the end of idle connections': (plant) => {
    let isLater = false;
    const { backend } = onePerCaller(plant, {
      idleMs: 2,
      now: () => (isLater ? plant.throwIt() : 0),
    });
    void backend.callerLists?.learn(callerOf('alice'));
    isLater = true;
  },
};

function callerOf(subject: string): Caller {
  return fakeCaller({ principal: { ...anonymous, subject } });
}

function onePerCaller(
  plant: Plant,
  options: Partial<PerCallerOptions>,
): { readonly backend: Backend; readonly own: FakeBackend } {
  const own = new FakeBackend('b');
  const backend = perCallerBackend({
    probe: new FakeBackend('b'),
    tuning: {
      timeoutMs: 1_000,
      healthCheckIntervalMs: 0,
      healthCheckTimeoutMs: 1_000,
      unhealthyThreshold: 3,
      lazy: true,
    },
    start: () => own,
    onDefect: plant.onDefect,
    ...options,
  });
  return { backend, own };
}
