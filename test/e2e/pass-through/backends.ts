import { resolve } from 'node:path';
import { listen } from '../../fixtures/conformance/http.ts';
import { ConformanceWorld, createConformanceServer } from '../../fixtures/conformance/server.ts';
import type { ClientRevision } from '../../support/clients.ts';
import { serveSse } from '../../support/sse-backend.ts';
import { repositoryRoot } from '../../support/vmcp.ts';

/** A backend of one revision on one transport: how to start it, and with that its `backends[]` entry and how to end it. */
export interface BackendKind {
  readonly revision: ClientRevision;
  readonly transport: 'Streamable HTTP' | 'stdio' | 'SSE';
  start(): Promise<{ entry: object; close(): Promise<void> }>;
}

/** What a client of each revision can speak to vmcp over. */
export const clientTransports = ['Streamable HTTP', 'stdio'] as const;

export type ClientTransport = (typeof clientTransports)[number];

const fixture = resolve(repositoryRoot, 'test/fixtures/conformance-backend.ts');

function overHttp(revision: ClientRevision): BackendKind {
  return {
    revision,
    transport: 'Streamable HTTP',
    async start() {
      const backend = await listen({ only: revision === '2025-11-25' ? 'sessions' : revision });
      return { entry: { transport: 'streamable-http', url: backend.url }, close: () => backend.close() };
    },
  };
}

function overStdio(revision: ClientRevision, flag: string): BackendKind {
  const entry = { transport: 'stdio', command: process.execPath, args: [fixture, flag] };
  return {
    revision,
    transport: 'stdio',
    start: () => Promise.resolve({ entry, close: () => Promise.resolve() }),
  };
}

const nobody = { toolsChanged() {}, promptsChanged() {}, resourcesChanged() {}, resourceUpdated() {} };

const overSse: BackendKind = {
  revision: '2025-11-25',
  transport: 'SSE',
  async start() {
    const world = new ConformanceWorld();
    const backend = await serveSse(() => createConformanceServer(world));
    world.listeners = { notifier: nobody, sessionServers: backend.sessionServers };
    return { entry: { transport: 'sse', url: backend.url }, close: () => backend.close() };
  },
};

export const backendKinds: readonly BackendKind[] = [
  overHttp('2025-11-25'),
  overStdio('2025-11-25', '--stdio-sessions'),
  overSse,
  overHttp('2026-07-28'),
  overStdio('2026-07-28', '--stdio'),
];

/** One feature that does not pass between one kind of client and one kind of backend, and why. */
export interface Gap {
  readonly client: ClientRevision;
  readonly transport: ClientTransport;
  readonly backend: Pick<BackendKind, 'revision' | 'transport'>;
  readonly feature: string;
  readonly reason: string;
}

/** What does not pass. A test of one of these fails as soon as it passes, until it is taken out. */
export const gaps: readonly Gap[] = [];

/** The gap that keeps a feature from passing between these, if there is one. */
export function gapOf(
  client: ClientRevision,
  transport: ClientTransport,
  backend: BackendKind,
  feature: string,
): Gap | undefined {
  return gaps.find(
    (gap) =>
      gap.client === client &&
      gap.transport === transport &&
      gap.backend.revision === backend.revision &&
      gap.backend.transport === backend.transport &&
      gap.feature === feature,
  );
}
