/**
 * What it costs a call to know who makes it: `anonymous`, an API key, and an OIDC token that has been seen before, side by
 * side, round by round; then a token that is new each time; then a known token under policies, with and without ones that read
 * arguments. Needs `npm run build`. Run: `node bench/auth.ts [calls]`.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { apiKeyDigest, createApiKey } from '../src/lib/api-key.ts';
import { startControlledBackend } from '../test/support/controlled-backend.ts';
import { audience, createSigningKey, startFakeProvider } from '../test/support/fake-provider.ts';
import { modernRequest } from '../test/support/raw-mcp.ts';
import { startVmcp, type Vmcp } from '../test/support/vmcp.ts';

const calls = Number(process.argv[2] ?? 1500);
const rounds = 5;
/** Clock ticks of Linux: hundredths of a second. */
const tickMs = 10;

const backend = await startControlledBackend();
const provider = await startFakeProvider();
provider.keys = [await createSigningKey('bench', 'RS256')];
const key = createApiKey();
const token = await provider.token();
const oidc = { issuer: provider.issuer, audience, jwksAllowPrivateIp: true };
const apiKeys = Array.from({ length: 20 }, (_, index) => ({
  name: `caller ${index}`,
  sha256: apiKeyDigest(index === 10 ? key : createApiKey()).toString('hex'),
}));

/** As many as a company's: groups by backends, hints, a forbid. */
const rules = [
  ...Array.from(
    { length: 20 },
    (_, index) => `permit(principal in THVGroup::"team ${index}", action, resource in Backend::"b${index}");`,
  ),
  'permit(principal, action == Action::"call_tool", resource in Backend::"one") when { principal.claim_sub == "alice" };',
  'forbid(principal, action, resource) when { resource has destructiveHint && resource.destructiveHint };',
];
const limits = [
  'forbid(principal, action, resource) when { context has arg_a_long && context.arg_a_long > 5 };',
];
const authz = (policies: readonly string[]): object => ({ type: 'cedar', policies });

interface Mode {
  readonly title: string;
  readonly incomingAuth: object;
  /** The credential of a call. */
  readonly credential: () => string | undefined;
}

const fresh = await Promise.all(
  Array.from({ length: calls * rounds + 50 }, (_, index) =>
    provider.token({ claims: { jti: String(index) } }),
  ),
);

const modes: readonly Mode[] = [
  { title: 'anonymous', incomingAuth: { type: 'anonymous' }, credential: () => undefined },
  { title: 'API key, one of 20', incomingAuth: { type: 'apiKeys', apiKeys }, credential: () => key },
  { title: 'OIDC, known token', incomingAuth: { type: 'oidc', oidc }, credential: () => token },
  {
    title: 'OIDC, 22 policies',
    incomingAuth: { type: 'oidc', oidc, authz: authz(rules) },
    credential: () => token,
  },
  {
    title: 'OIDC, 23 policies, one reads arguments',
    incomingAuth: { type: 'oidc', oidc, authz: authz([...rules, ...limits]) },
    credential: () => token,
  },
  { title: 'OIDC, new token (RS256)', incomingAuth: { type: 'oidc', oidc }, credential: () => fresh.pop() },
];

interface Figures {
  readonly p50Ms: number;
  readonly cpuMs: number;
}

const agent = new Agent({ connections: 1 });
const { body, headers } = modernRequest('tools/call', { name: 'one_ok', arguments: { a: 1 } });
const text = JSON.stringify(body);

async function call({ mcpUrl }: Vmcp, credential: string | undefined): Promise<void> {
  const answer = await request(mcpUrl, {
    method: 'POST',
    dispatcher: agent,
    body: text,
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
  });
  const answered = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${answered}`);
}

/** Processor time of a process so far, in milliseconds. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /u, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

async function measure(vmcp: Vmcp, { credential }: Mode): Promise<Figures> {
  const times: number[] = [];
  const begunCpuMs = cpuOf(vmcp.pid);
  for (let index = 0; index < calls; index++) {
    const begunMs = performance.now();
    await call(vmcp, credential());
    times.push(performance.now() - begunMs);
  }
  const cpuMs = (cpuOf(vmcp.pid) - begunCpuMs) / calls;
  return { p50Ms: medianOf(times), cpuMs };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

const running = await Promise.all(
  modes.map(async (mode) => {
    const backends = [{ name: 'one', transport: 'streamable-http', url: backend.url }];
    const vmcp = await startVmcp({ name: 'bench', backends, incomingAuth: mode.incomingAuth });
    for (let index = 0; index < 50; index++) await call(vmcp, mode.credential() ?? undefined);
    return { mode, vmcp, found: [] as Figures[] };
  }),
);
for (let round = 0; round < rounds; round++) {
  for (const { mode, vmcp, found } of running) found.push(await measure(vmcp, mode));
}
const [base] = running;
for (const { mode, found } of running) {
  const p50Ms = medianOf(found.map((each) => each.p50Ms));
  const cpuMs = medianOf(found.map((each) => each.cpuMs));
  const baseP50Ms = medianOf(base?.found.map((each) => each.p50Ms) ?? []);
  const baseCpuMs = medianOf(base?.found.map((each) => each.cpuMs) ?? []);
  const more = `${(p50Ms - baseP50Ms).toFixed(3)} ms, CPU ${((cpuMs / baseCpuMs - 1) * 100).toFixed(0)} %`;
  console.log(`${mode.title}: p50 ${p50Ms.toFixed(3)} ms, CPU ${cpuMs.toFixed(3)} ms a call; more: ${more}`);
}
await Promise.all(running.map(({ vmcp }) => vmcp.stop()));
await Promise.all([backend.close(), provider.close(), agent.close()]);
