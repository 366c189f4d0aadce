/** What stands around the protocol: the listener, the probes, the watch over the configuration, the server as a whole. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../src/server/app.ts';
import { configReader } from '../../src/server/config.ts';
import { watchFile } from '../../src/config/index.ts';
import { FileWatch } from '../../src/lib/file-watch.ts';
import { createListener, probeRoutes, type Handler, type Route } from '../../src/http/index.ts';
import { eventually } from '../support/eventually.ts';
import type { Case, Cases, Plant } from './plant.ts';

async function listen(plant: Plant, routes: readonly Route[]): Promise<string> {
  const listener = await createListener({ host: '127.0.0.1', port: 0, routes, onDefect: plant.onDefect });
  plant.t.after(() => listener.close());
  return listener.url;
}

const fine: Handler = (_request, response) => void response.end('fine');

/** A server whose configuration throws, once that is planted, where it says what becomes of `/metrics`. */
async function planted(plant: Plant) {
  const asleep = '{ name: asleep, transport: sse, url: "http://127.0.0.1:9/sse", connection: lazy }';
  const text = `name: planted\nbackends: [${asleep}]\n`;
  const loaded = configReader.parse(text, { file: 'vmcp.yaml', environment: {} });
  let isPlanted = false;
  const { telemetry } = loaded.config;
  const config = Object.defineProperty({ ...loaded.config }, 'telemetry', {
    get: () => (isPlanted ? plant.throwIt() : telemetry),
  });
  const app = await startApp({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    sessionTtlMs: 60_000,
    loaded: { ...loaded, config },
    version: '1',
    environment: {},
    logSink: (line) => {
      const { level, msg, error } = JSON.parse(line) as Record<string, string>;
      plant.onLog({ level: String(level), message: `${msg}: ${error}` });
    },
  });
  plant.t.after(() => app.close(0));
  return { app, plantIt: () => (isPlanted = true) };
}

const watchTheFile: Case = async (plant) => {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-planted-'));
  plant.t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'vmcp.yaml');
  await writeFile(file, 'one');
  const seen: string[] = [];
  const options = { text: 'one', settleMs: 5, pollMs: 5, onDefect: plant.onDefect };
  const watch = watchFile(file, {
    ...options,
    onChange: (text) => {
      seen.push(text);
      if (text === 'two') plant.throwIt();
    },
  });
  plant.t.after(() => watch.close());
  await writeFile(file, 'two');
  await watch.refresh();
  await writeFile(file, 'three');
  await watch.refresh();
  assert.ok(seen.includes('three'), 'the file must be watched on');
};

const watchSomeFiles: Case = async (plant) => {
  let stamp = 'one';
  let changes = 0;
  const onChange = (): void => {
    changes++;
    if (stamp === 'two') plant.throwIt();
  };
  const { onDefect } = plant;
  const watch = await FileWatch.over(async () => stamp, { onChange, onDefect, everyMs: 2 });
  plant.t.after(() => watch.close());
  for (const [next, expected] of [
    ['two', 1],
    ['three', 2],
  ] as const) {
    stamp = next;
    await eventually(() => assert.equal(changes, expected, 'the files must be watched on'));
  }
};

export const surroundingCases: Cases = {
  'the handler of a path': async (plant) => {
    const url = await listen(plant, [
      { path: '/planted', handler: plant.throwIt },
      { path: '/fine', handler: fine },
    ]);
    assert.equal((await fetch(`${url}/planted`)).status, 500);
    assert.equal(await (await fetch(`${url}/fine`)).text(), 'fine');
  },

  'the acceptance of connections': async (plant) => {
    const seen = Promise.withResolvers<Server>();
    const handler: Handler = (request, response) => {
      const { server } = request.socket as IncomingMessage['socket'] & { server: Server };
      seen.resolve(server);
      return fine(request, response);
    };
    const url = await listen(plant, [{ path: '/', handler }]);
    await (await fetch(url)).text();
    (await seen.promise).emit('error', plant.value);
    assert.equal(await (await fetch(url)).text(), 'fine');
  },

  'the handler of a path (that rejects)': async (plant) => {
    const options = { ready: () => true, title: 'planted', status: plant.rejectIt };
    const url = await listen(plant, probeRoutes(options));
    assert.equal((await fetch(`${url}/status`)).status, 500);
    assert.equal((await fetch(`${url}/health`)).status, 200);
  },

  'the watch over the configuration': watchTheFile,

  'the watch over files': watchSomeFiles,

  'the handler of a path (that waited for the start)': async (plant) => {
    const { app, plantIt } = await planted(plant);
    const client = new AbortController();
    plant.t.after(() => client.abort());
    const waiting = fetch(`${app.url}/metrics`, { signal: client.signal }).catch(() => undefined);
    await fetch(`${app.url}/health`);
    plantIt();
    await app.open();
    assert.equal((await fetch(`${app.url}/health`)).status, 200);
    assert.equal((await waiting)?.status, 500);
  },
};
