/**
 * What a credential of each caller costs: a call with an exchanged token that is known, beside one with a header that is the
 * same for all, call by call in turn; and what a principal is remembered with, connected and at rest.
 * Run: `node --expose-gc bench/credentials.ts [calls] [principals] [connected]`.
 */
import { performance } from 'node:perf_hooks';
import { createOutgoingCredential } from '../src/features/auth/outgoing/index.ts';
import { createExchangedCredential } from '../src/features/auth/outgoing/exchange/exchanged-credential.ts';
import {
  anonymous,
  perCallerBackend,
  SubjectToken,
  superviseBackend,
  type Backend,
  type Caller,
  type OutgoingCredential,
  type Principal,
} from '../src/gateway/index.ts';
import { createBackendClient, SharedWays } from '../src/mcp/client/index.ts';
import { fakeCaller, toolRequest } from '../test/fixtures/calling.ts';
import { FakeBackend } from '../test/fixtures/fake-backend.ts';
import { startProtectedBackend } from '../test/support/protected-backend.ts';

const calls = Number(process.argv[2] ?? 3000);
const principals = Number(process.argv[3] ?? 1000);
const backends = 10;
const connectedAtMost = Number(process.argv[4] ?? 500);
const soon = new AbortController().signal;

const server = await startProtectedBackend({ subjectOf: (token) => token, only: '2026-07-28' });

const principalOf = (subject: string): Principal => ({
  ...anonymous,
  issuer: 'https://idp.example',
  subject,
  // As long as a real one.
  token: new SubjectToken(`${subject}.${'x'.repeat(900)}`, Date.now() + 3_600_000),
});

const exchanged: OutgoingCredential = createExchangedCredential({
  backend: 'b',
  headers: {},
  strategy: {
    type: 'token_exchange',
    tokenUrl: 'https://idp.example/token',
    scopes: [],
    subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
  },
  onSecrets: () => undefined,
  fetch: async (_url, { body } = {}) =>
    Response.json({
      access_token: new URLSearchParams(String(body)).get('subject_token')?.split('.')[0],
      token_type: 'Bearer',
      expires_in: 3600,
    }),
});
const constant = createOutgoingCredential({
  backend: 'b',
  url: new URL(server.url),
  environment: {},
  headers: { authorization: 'Bearer alice' },
  strategy: { type: 'unauthenticated' },
  onSecrets: () => undefined,
}) as OutgoingCredential;

function clientWith(credential: OutgoingCredential, sharedWays?: SharedWays) {
  return createBackendClient(
    { name: 'b', transport: 'streamable-http', url: new URL(server.url) },
    {
      clientInfo: { name: 'bench', version: '1' },
      environment: {},
      onLog: () => undefined,
      credential,
      ...(sharedWays && { sharedWays }),
    },
  );
}

const callerOf = (principal: Principal): Caller => fakeCaller({ principal, hasSession: false });

const asOwn = (credential: OutgoingCredential, principal: () => Principal): OutgoingCredential => ({
  headersFor: (context) => credential.headersFor(context ?? { caller: { principal: principal() } }),
});

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

function report(title: string, times: number[]): number {
  times.sort((left, right) => left - right);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  console.log(`${title.padEnd(34)} p50 ${p50.toFixed(4)} ms   p99 ${p99.toFixed(4)} ms`);
  return p50;
}

const alice = principalOf('alice');
const context = { caller: callerOf(alice) };
await exchanged.headersFor(context);

const alone: number[] = [];
for (let i = 0; i < calls * 10; i++) {
  const startedAt = performance.now();
  void exchanged.headersFor(context);
  alone.push(performance.now() - startedAt);
}
report('a known token, by itself', alone);

const clients = [clientWith(constant), clientWith(asOwn(exchanged, () => alice))] as const;
for (const client of clients) await client.connect(soon);
const times: [number[], number[]] = [[], []];
for (let i = 0; i < calls; i++) {
  for (const [index, client] of clients.entries()) {
    const startedAt = performance.now();
    await client.request(toolRequest('whoami', {}, { caller: callerOf(alice) }));
    if (i > calls / 10) times[index]?.push(performance.now() - startedAt);
  }
}
const [same, own] = [
  report('a call, one header for all', times[0]),
  report('a call, a token of the caller', times[1]),
];
console.log(`the token adds ${(own - same).toFixed(4)} ms at p50`);
for (const client of clients) await client.close();

const gc = (globalThis as { gc?: () => void }).gc;
if (gc !== undefined) {
  const heldKb = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      gc();
    }
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024;
  };
  const tuning = {
    timeoutMs: 10_000,
    healthCheckIntervalMs: 0,
    healthCheckTimeoutMs: 1_000,
    unhealthyThreshold: 3,
    lazy: true,
  };
  const all: Backend[] = Array.from({ length: backends }, () => {
    const ways = new SharedWays();
    return perCallerBackend({
      probe: new FakeBackend('b'),
      tuning,
      start: (latest, share, ownTuning) =>
        superviseBackend(clientWith(asOwn(exchanged, latest), ways), {
          ...ownTuning,
          share,
          onLog: () => undefined,
        }),
      onDefect: (thrown) => console.error(thrown),
      release: () => ways.close(),
      maxConnected: connectedAtMost,
      idleMs: 3_600_000,
    });
  });
  const before = await heldKb();
  const people = Array.from({ length: principals }, (_, index) => callerOf(principalOf(`person-${index}`)));
  for (const caller of people) for (const backend of all) await backend.callerLists?.learn(caller);
  const connected = await heldKb();
  console.log(
    `${principals} principals, ${backends} backends: ${((connected - before) / principals).toFixed(1)} KB each (${Math.min(connectedAtMost, principals)} connected to each backend, the others at rest)`,
  );
  for (const backend of all) await backend.close();
}
await server.close();
