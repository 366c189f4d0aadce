import { FieldLog } from '../../src/mcp/wire/field-log.ts';
import assert from 'node:assert/strict';
import type { BackendInfo } from '../../src/gateway/index.ts';
import { type JsonObject, ProtocolError } from '../../src/protocol/index.ts';
import { BorrowedConnections } from '../../src/mcp/client/connection/borrowed-connections.ts';
import { Connection, type ConnectionOptions } from '../../src/mcp/client/connection/connection.ts';
import type { ConnectionSpec } from '../../src/mcp/client/connection/connection-set.ts';
import { ListenStream, type Listening } from '../../src/mcp/client/transport/http/listen-stream.ts';
import { Subscriptions } from '../../src/mcp/client/lists/subscriptions.ts';
import type {
  Exchange,
  PendingExchange,
  Transport,
  TransportEvents,
} from '../../src/mcp/client/transport/transport.ts';
import { fakeCaller, toolRequest } from '../fixtures/calling.ts';
import type { Cases, Plant } from './plant.ts';

/** A way to a backend that answers the handshake, and nothing else. */
class FakeTransport implements Transport {
  readonly isDuplex = true;
  readonly hasSession = false;
  events: TransportEvents | undefined;
  /** Set once the handshake is over. */
  onAbort: (() => void) | undefined;
  onSend: () => void = () => undefined;

  open(events: TransportEvents): Promise<void> {
    this.events = events;
    return Promise.resolve();
  }

  exchange({ method }: Exchange): PendingExchange {
    if (method !== 'initialize') return this.#unanswered();
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      serverInfo: { name: 'x', version: '1' },
    };
    return { answer: Promise.resolve(result), abort: () => undefined };
  }

  #unanswered(): PendingExchange {
    const { promise: answer, reject } = Promise.withResolvers<JsonObject>();
    return { answer, abort: (reason) => (reject(reason), this.onAbort?.()) };
  }

  send(): Promise<void> {
    this.onSend();
    return Promise.resolve();
  }

  negotiated(): void {}

  openStandingStream(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function openConnection(plant: Plant, parts: Partial<ConnectionOptions>) {
  const transport = new FakeTransport();
  const connection = new Connection({
    backend: 'planted',
    transport,
    clientInfo: {},
    capabilities: {},
    standingStream: false,
    probeTimeoutMs: undefined,
    handshakeTimeoutMs: 60_000,
    fields: new FieldLog(() => undefined),
    onLog: () => undefined,
    onDefect: plant.onDefect,
    onEvent: () => undefined,
    onClose: () => undefined,
    ...parts,
  });
  await connection.open(new AbortController().signal, 'legacy');
  const { events } = transport;
  assert.ok(events);
  return { transport, connection, events };
}

const changed = {
  kind: 'notification',
  message: { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
} as const;

const modern: BackendInfo = {
  revision: '2026-07-28',
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
};

function listening(parts: Partial<Listening> = {}): Listening {
  return {
    acknowledged: Promise.resolve(),
    ended: new Promise(() => undefined),
    stop: () => undefined,
    ...parts,
  };
}

function listenTo(plant: Plant, parts: { listen: () => Listening; onRefused?: () => void }): void {
  const stream = new ListenStream(
    {
      lists: { toolsListChanged: true },
      onGap: () => undefined,
      onRefused: () => undefined,
      onDefect: plant.onDefect,
      ...parts,
    },
    [],
  );
  plant.t.after(() => stream.close());
}

function borrowed(plant: Plant, onLead: () => void, close: () => Promise<void>) {
  let spec: ConnectionSpec | undefined;
  const connection = { isClosed: false, close } as unknown as Connection;
  const connections = new BorrowedConnections({
    idleMs: 1,
    leadIdleMs: 1,
    onLead,
    onDefect: plant.onDefect,
    open: (asked) => {
      spec = asked;
      return Promise.resolve(connection);
    },
  });
  return { connections, changes: () => spec?.onListChanged?.('tools') };
}

export const connectionCases: Cases = {
  'what a backend says unasked': async (plant) => {
    const { events } = await openConnection(plant, { onEvent: plant.throwIt });
    events.onMessage(changed);
  },

  'the loss of a connection': async (plant) => {
    const { events } = await openConnection(plant, { onClose: plant.throwIt });
    events.onClose(undefined as never);
  },

  'the answer to a question': async (plant) => {
    const { events, transport } = await openConnection(plant, {});
    transport.onSend = plant.throwIt;
    events.onMessage({ kind: 'request', message: { jsonrpc: '2.0', id: 1, method: 'ping' } });
  },

  'the end of a call (its client gives up)': async (plant) => {
    const { connection, transport } = await openConnection(plant, {});
    const client = new AbortController();
    connection
      .request(toolRequest('x', {}, { signal: client.signal }), { logLevel: undefined })
      .catch(() => {});
    transport.onAbort = plant.throwIt;
    client.abort({ why: 'no Error' });
  },

  'the end of a call (its time is over)': async (plant) => {
    const { connection, transport } = await openConnection(plant, {});
    connection.request(toolRequest('x', {}, { timeoutMs: 1 }), { logLevel: undefined }).catch(() => {});
    transport.onAbort = plant.throwIt;
  },

  'the end of a subscription': (plant) =>
    listenTo(plant, {
      listen: () => listening({ ended: Promise.reject(new ProtocolError(-32601, 'no such method')) }),
      onRefused: plant.throwIt,
    }),

  'the end of a subscription (the one before)': (plant) => {
    let count = 0;
    const stream = new ListenStream(
      {
        lists: {},
        listen: () => (++count === 1 ? listening({ stop: plant.throwIt }) : listening()),
        onGap: () => undefined,
        onRefused: () => undefined,
        onDefect: plant.onDefect,
      },
      ['test://a'],
    );
    return stream.watch(['test://b']);
  },

  'the reopening of a subscription': (plant) => {
    let count = 0;
    listenTo(plant, {
      listen: () => (++count === 1 ? listening({ ended: Promise.resolve() }) : plant.throwIt()),
    });
  },

  'the watch of resources': async (plant) => {
    let isPlanted = false;
    const listen = (): Listening => (isPlanted ? plant.throwIt() : listening());
    const subscriptions = new Subscriptions({
      backend: 'planted',
      onLog: () => undefined,
      onDefect: plant.onDefect,
      timeoutMs: 60_000,
      onGap: () => undefined,
    });
    subscriptions.connected({ info: modern, listen } as unknown as Connection);
    plant.t.after(() => subscriptions.disconnected());
    const caller = fakeCaller();
    const request = toolRequest(
      'x',
      {},
      { caller, method: 'resources/subscribe', params: { uri: 'test://a' } },
    );
    await subscriptions.subscribe(request, () => Promise.resolve({} satisfies JsonObject));
    isPlanted = true;
    subscriptions.endSession(caller.sessionId);
  },

  'the end of an idle connection': async (plant) => {
    let told = 0;
    const onLead = (): void => (++told === 1 ? undefined : plant.throwIt());
    const { connections, changes } = borrowed(plant, onLead, () => Promise.resolve());
    const lease = await connections.open(fakeCaller());
    changes();
    lease.release();
  },

  'the closing of a connection': async (plant) => {
    const { connections } = borrowed(plant, () => undefined, plant.rejectIt);
    (await connections.open(fakeCaller())).release();
  },
};
