import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anonymous } from '../../src/gateway/index.ts';
import { Activity } from '../../src/features/console/activity.ts';
import { serveConsole } from '../../src/features/console/serve.ts';
import { ConsoleState } from '../../src/features/console/state.ts';
import { KeptFeatures } from '../../src/server/kept.ts';
import type { AnyFeature } from '../../src/server/features.ts';
import { createTelemetry } from '../../src/telemetry/index.ts';
import { createLog } from '../../src/server/log.ts';
import { tokenHeader } from '../../src/console/wire/index.ts';
import type { Cases, Plant } from './plant.ts';

const ended = {
  at: 0,
  client: 'a client',
  kind: 'call' as const,
  subject: 'a_tool',
  ok: true,
  durationMs: 1,
  calls: [],
};

async function askConsole({ t, throwIt, onDefect }: Plant): Promise<void> {
  const state = new ConsoleState();
  const server = createServer((request, response) =>
    serveConsole(request, response, {
      state,
      site: { name: 'planted', trustedProxies: [], isLoopback: true, knowsCallers: false },
      observers: new WeakMap(),
      page: { assets: [], script: '', style: '' },
      host: {
        instruments: {},
        environment: {},
        onDefect,
        log: () => undefined,
        server: throwIt,
        redact: (text) => text,
        streams: { stderr: process.stderr },
        reload: () => undefined,
      },
    }),
  ).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await fetch(`${origin}/console/api/overview`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json', [tokenHeader]: state.pageToken },
    body: '{}',
  });
}

/** A feature that cannot end what goes on without end. */
async function drainFeature({ throwIt, onDefect }: Plant): Promise<void> {
  const feature: AnyFeature = {
    key: 'planted',
    schema: undefined as never,
    about: '',
    metrics: {},
    isOn: () => true,
    load: async () => ({
      keep: () => ({ drain: throwIt, close: async () => undefined }),
      prepare: () => ({}),
    }),
  };
  const log = { ...createLog({ level: 'error', sink: () => undefined }), defect: onDefect };
  const telemetry = await createTelemetry({
    serviceName: 'planted',
    serviceVersion: '1',
    customAttributes: {},
    samplingRate: 0,
    useLegacyAttributes: false,
    environment: {},
  });
  const kept = new KeptFeatures([feature], {
    telemetry,
    log,
    environment: {},
    redact: (text) => text,
    streams: { stderr: process.stderr },
  });
  await kept.load(feature, {});
  await kept.drain();
  await telemetry.close();
}

export const consoleCases: Cases = {
  'the console': askConsole,
  'the activity of the console': ({ throwIt, onDefect }) => {
    const activity = new Activity(onDefect);
    activity.follow(undefined, throwIt);
    activity.add(ended, 0, anonymous);
  },
  'the end of a feature': drainFeature,
};
