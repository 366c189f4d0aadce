import type { Client } from '@modelcontextprotocol/client';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectHttp, connectStdio, revisions, type ClientRevision } from '../../support/clients.ts';
import { eventually } from '../../support/eventually.ts';
import { allHealthy, readStatus, startVmcp, type Vmcp } from '../../support/vmcp.ts';
import { backendKinds, clientTransports, gapOf, type BackendKind, type ClientTransport } from './backends.ts';
import { features, listening, type Heard } from './features.ts';
import { answerTo, refusals } from './refusals.ts';

for (const backend of backendKinds) {
  describe(
    `in front of a backend of ${backend.revision} over ${backend.transport}`,
    { timeout: 900_000 },
    () => {
      let running: Awaited<ReturnType<BackendKind['start']>>;
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

      const connections: Record<
        ClientTransport,
        (revision: ClientRevision, heard: Heard) => Promise<Client>
      > = {
        'Streamable HTTP': (revision, heard) => connectHttp(vmcp.mcpUrl, revision, listening(heard)),
        stdio: async (revision, heard) => {
          const { client, origin } = await connectStdio(vmcp.configFile, revision, listening(heard));
          await readStatus(await origin(), allHealthy);
          return client;
        },
      };

      for (const revision of revisions) {
        for (const transport of clientTransports) {
          describe(`a client of ${revision} over ${transport}`, () => {
            let client: Client;
            const heard: Heard = { notifications: [], questions: [] };

            before(async () => {
              client = await connections[transport](revision, heard);
              // Over stdio the client may be there before the backend is.
              await eventually(async () => {
                const { tools } = await client.listTools(undefined, { cacheMode: 'refresh' });
                assert.ok(tools.length > 0, 'the backend is not there yet');
              });
            });
            after(() => client?.close());

            for (const feature of features) {
              const gap = gapOf(revision, transport, backend, feature.name);
              test(gap ? `${feature.name} (known gap: ${gap.reason})` : feature.name, async () => {
                heard.notifications.length = 0;
                heard.questions.length = 0;
                const running = feature.run(client, heard, revision);
                await (gap
                  ? assert.rejects(running, 'this gap is closed: take it out of the list')
                  : running);
              });
            }
          });
        }

        for (const refusal of refusals) {
          if (refusal.client !== undefined && refusal.client !== revision) continue;
          test(`a client of ${revision} is refused ${refusal.what}`, async () => {
            const answer = await answerTo(refusal, vmcp.mcpUrl, revision);
            assert.ok(refusal.isRefused(answer, backend), JSON.stringify(answer));
          });
        }
      }
    },
  );
}
