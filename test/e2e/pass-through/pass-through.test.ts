import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listen } from '../../fixtures/conformance/http.ts';
import { ConformanceWorld, createConformanceServer } from '../../fixtures/conformance/server.ts';
import { connectHttp, connectStdio, revisions, type ClientRevision } from '../../support/clients.ts';
import { serveSse } from '../../support/sse-backend.ts';
import { allHealthy, repositoryRoot, startVmcp, type Vmcp } from '../../support/vmcp.ts';
import { features, listening, type Heard } from './features.ts';

/** A backend of one revision on one transport: its `backends[]` entry and how to end it. */
interface Backend {
  readonly title: string;
  start(): Promise<{ entry: object; close(): Promise<void> }>;
}

const fixture = resolve(repositoryRoot, 'test/fixtures/conformance-backend.ts');

function overHttp(title: string, only: 'sessions' | '2026-07-28'): Backend {
  return {
    title,
    async start() {
      const backend = await listen({ only });
      return { entry: { transport: 'streamable-http', url: backend.url }, close: () => backend.close() };
    },
  };
}

function overStdio(title: string, flag: string): Backend {
  const entry = { transport: 'stdio', command: process.execPath, args: [fixture, flag] };
  return { title, start: () => Promise.resolve({ entry, close: () => Promise.resolve() }) };
}

const nobody = { toolsChanged() {}, promptsChanged() {}, resourcesChanged() {}, resourceUpdated() {} };

const overSse: Backend = {
  title: '2025-11-25 over SSE',
  async start() {
    const world = new ConformanceWorld();
    const backend = await serveSse(() => createConformanceServer(world));
    world.listeners = { notifier: nobody, sessionServers: backend.sessionServers };
    return { entry: { transport: 'sse', url: backend.url }, close: () => backend.close() };
  },
};

const backends: readonly Backend[] = [
  overHttp('2025-11-25 over Streamable HTTP', 'sessions'),
  overHttp('2026-07-28 over Streamable HTTP', '2026-07-28'),
  overStdio('2025-11-25 over stdio', '--stdio-sessions'),
  overStdio('2026-07-28 over stdio', '--stdio'),
  overSse,
];

/** What does not pass yet, and why. A test of one of these fails as soon as it passes, until it is taken out. */
const gaps: readonly {
  readonly backend: string;
  readonly client: ClientRevision;
  readonly feature: string;
  readonly reason: string;
}[] = [
  {
    backend: '2025-11-25 over stdio',
    client: '2026-07-28',
    feature: 'list changes of tools and prompts',
    reason:
      'a call without a session borrows a process: what it changes there is that process’s alone, and the next call may borrow another',
  },
];

for (const backend of backends) {
  describe(`in front of a backend of ${backend.title}`, { timeout: 120_000 }, () => {
    let running: Awaited<ReturnType<Backend['start']>>;
    let vmcp: Vmcp;

    before(async () => {
      running = await backend.start();
      vmcp = await startVmcp({
        name: 'pass-through',
        backends: [{ name: 'fixture', ...running.entry }],
        aggregation: {
          conflictResolution: 'priority',
          conflictResolutionConfig: { priorityOrder: ['fixture'] },
        },
      });
      await vmcp.status(allHealthy);
    });
    after(async () => {
      await vmcp?.stop();
      await running?.close();
    });

    const connections: Record<string, (revision: ClientRevision, heard: Heard) => Promise<Client>> = {
      'Streamable HTTP': (revision, heard) => connectHttp(vmcp.mcpUrl, revision, listening(heard)),
      stdio: async (revision, heard) =>
        (await connectStdio(vmcp.configFile, revision, listening(heard))).client,
    };

    for (const revision of revisions) {
      for (const [transport, connect] of Object.entries(connections)) {
        describe(`a client of ${revision} over ${transport}`, () => {
          let client: Client;
          const heard: Heard = { notifications: [], questions: [] };

          before(async () => {
            client = await connect(revision, heard);
          });
          after(() => client?.close());

          for (const feature of features) {
            const gap = gaps.find(
              (one) =>
                one.backend === backend.title && one.client === revision && one.feature === feature.name,
            );
            test(gap ? `${feature.name} (known gap: ${gap.reason})` : feature.name, async () => {
              heard.notifications.length = 0;
              heard.questions.length = 0;
              const running = feature.run(client, heard, revision);
              await (gap ? assert.rejects(running, 'this gap is closed: take it out of the list') : running);
            });
          }
        });
      }
    }
  });
}
