import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listen } from '../../fixtures/conformance/http.ts';
import {
  connectHttp,
  connectStdio,
  type ClientRevision,
  type ConnectOptions,
} from '../../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import type { HttpBackend } from '../../support/http-backend.ts';
import { Ledger } from '../../support/ledger.ts';
import { parseMetrics, type Sample } from '../../support/metrics-text.ts';
import { Random } from '../../support/random.ts';
import { allHealthy, repositoryRoot, startVmcp, type Vmcp } from '../../support/vmcp.ts';
import type { Driver, Operation } from './driver.ts';
import { operations } from './operations.ts';

const seed = Number(process.env['EXACT_SEED'] ?? 20_261_122);
const totalOperations = Number(process.env['EXACT_OPERATIONS'] ?? 10_000);

/** 16 clients: over HTTP they share one server, over stdio each has a process of its own. */
const kinds: readonly { readonly revision: ClientRevision; readonly stdio: boolean }[] = [
  ...Array.from({ length: 12 }, (_, index) => ({ revision: revisionOf(index), stdio: false })),
  ...Array.from({ length: 4 }, (_, index) => ({ revision: revisionOf(index), stdio: true })),
];

function revisionOf(index: number): ClientRevision {
  return index % 2 === 0 ? '2025-11-25' : '2026-07-28';
}

const answering: ConnectOptions = {
  capabilities: { elicitation: {} },
  onConnecting: (client) =>
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } })),
};

describe(`${totalOperations} random operations of 16 clients, seed ${seed}`, { timeout: 1_800_000 }, () => {
  let backend: ControlledBackend;
  let asking: HttpBackend;
  let vmcp: Vmcp;
  /** Servers with the records they are held against: the shared one, and one for each stdio client. */
  const books: { readonly title: string; readonly ledger: Ledger; readMetrics(): Promise<Sample[]> }[] = [];
  const drivers: Driver[] = [];

  const configuration = (stepLimit: number): object => ({
    name: 'exact',
    backends: [
      { name: 'one', url: backend.url, transport: 'streamable-http' },
      { name: 'hasty', url: backend.url, transport: 'streamable-http' },
      { name: 'ask', url: asking.url, transport: 'streamable-http' },
      {
        name: 'doomed',
        transport: 'stdio',
        command: process.execPath,
        args: [resolve(repositoryRoot, 'test/fixtures/doomed-backend.ts')],
      },
    ],
    codeMode: { enabled: true, stepLimit, scriptTimeout: '20s' },
    operational: { timeouts: { default: '300s', perWorkload: { hasty: '250ms' } } },
  });

  before(async () => {
    backend = await startControlledBackend();
    asking = await listen();
    vmcp = await startVmcp(configuration(20_000));
    await vmcp.status(allHealthy);
    const shared = new Ledger();
    books.push({ title: 'the HTTP server', ledger: shared, readMetrics: () => vmcp.metrics() });
    for (const [index, kind] of kinds.entries()) drivers.push(await connect(index, kind, shared));
  });

  after(async () => {
    await Promise.all(drivers.map(({ client }) => client.close()));
    await vmcp?.stop();
    await Promise.all([backend?.close(), asking?.close()]);
  });

  async function connect(index: number, kind: (typeof kinds)[number], shared: Ledger): Promise<Driver> {
    let keys = 0;
    let reloads = 0;
    const base = { revision: kind.revision, backend, nextKey: () => `${index}-${keys++}` };
    if (!kind.stdio) {
      const client = await connectHttp(vmcp.mcpUrl, kind.revision, answering);
      const reload = (): void => vmcp.writeConfig(configuration(20_000 + index * 100 + ++reloads));
      return { ...base, client, url: vmcp.mcpUrl, ledger: shared, reload };
    }
    const file = join(mkdtempSync(join(tmpdir(), 'vmcp-exact-')), 'vmcp.yaml');
    writeFileSync(file, JSON.stringify(configuration(20_000)));
    const { client, origin } = await connectStdio(file, kind.revision, answering);
    const metricsUrl = `${await origin()}/metrics`;
    const ledger = new Ledger();
    books.push({
      title: `the stdio server of client ${index}`,
      ledger,
      readMetrics: async () => parseMetrics(await (await fetch(metricsUrl)).text()),
    });
    return { ...base, client, url: undefined, ledger, reload: () => undefined };
  }

  test('each ends as it must', async () => {
    const share = Math.ceil(totalOperations / drivers.length);
    const runs = drivers.map((driver, index) => drive(driver, new Random(seed + index), share));
    const failed = (await Promise.allSettled(runs)).filter(({ status }) => status === 'rejected');
    assert.deepEqual(failed, []);
    const counted = books.reduce((sum, { ledger }) => sum + ledger.total, 0);
    assert.ok(counted > totalOperations * 0.9, `only ${counted} of them were calls`);
  });

  test('the four series equal the record, exactly', async () => {
    for (const { title, ledger, readMetrics } of books) {
      await ledger.assertMatches(readMetrics).catch((error: unknown) => fail(title, error));
    }
  });

  test('each script metric equals the record, exactly', async () => {
    for (const { title, ledger, readMetrics } of books) {
      await ledger.assertScriptsMatch(readMetrics).catch((error: unknown) => fail(title, error));
    }
  });
});

async function drive(driver: Driver, random: Random, count: number): Promise<void> {
  const able = operations.filter((operation) => operation.able?.(driver) ?? true);
  for (let done = 0; done < count; done++) {
    const operation: Operation = random.weighted(able);
    await operation
      .run(driver)
      .catch((error: unknown) => fail(`operation ${done}, ${operation.name}`, error));
  }
}

function fail(where: string, error: unknown): never {
  throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
