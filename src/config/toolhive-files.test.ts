/** Which configurations of ToolHive's vmcp load here: one for each of its features, as docs/configuration.md counts them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { configReader } from '../server/config.ts';

type Outcome = 'loads' | 'loads once its servers are listed' | 'refused';

const oneServer = 'backends: [{name: github, url: "http://github:8080/mcp", transport: streamable-http}]\n';
const inline = 'outgoingAuth: {source: inline, default: {type: unauthenticated}}\n';
const discovered = 'outgoingAuth: {source: discovered}\n';

/** What a file of ToolHive's says beside its name and group, and what becomes of it. */
const files: readonly (readonly [feature: string, text: string, outcome: Outcome])[] = [
  ['servers in the file', oneServer + inline, 'loads'],
  ['anonymous callers', `${oneServer}incomingAuth: {type: anonymous}`, 'loads'],
  [
    'OIDC',
    `${oneServer}incomingAuth: {type: oidc, oidc: {issuer: "https://login.example", audience: vmcp}}`,
    'loads',
  ],
  [
    'Cedar',
    `${oneServer}incomingAuth: {type: anonymous, authz: {type: cedar, policies: ["permit(principal, action, resource);"]}}`,
    'loads',
  ],
  [
    'names by prefix',
    `${oneServer}aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}."}}`,
    'loads',
  ],
  [
    'names by priority',
    `${oneServer}aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [github]}}`,
    'loads',
  ],
  [
    'names by hand',
    `${oneServer}aggregation: {conflictResolution: manual, tools: [{workload: github, overrides: {a: {name: b}}}]}`,
    'loads',
  ],
  ['filters', `${oneServer}aggregation: {tools: [{workload: github, filter: [a]}]}`, 'loads'],
  [
    'health checks',
    `${oneServer}operational: {failureHandling: {healthCheckInterval: 10s, unhealthyThreshold: 2}}`,
    'loads',
  ],
  [
    'circuit breaker',
    `${oneServer}operational: {failureHandling: {circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 30s}}}`,
    'loads',
  ],
  ['timeouts', `${oneServer}operational: {timeouts: {default: 30s, perWorkload: {github: 45s}}}`, 'loads'],
  [
    'telemetry',
    `${oneServer}telemetry: {endpoint: "otel:4318", tracingEnabled: true, samplingRate: "0.1"}`,
    'loads',
  ],
  ['audit', `${oneServer}audit: {enabled: true, includeRequestData: true}`, 'loads'],
  ['rate limits', `${oneServer}rateLimiting: {perUser: {maxTokens: 5, refillPeriod: 1m}}`, 'loads'],
  ['code mode', `${oneServer}codeMode: {enabled: true}`, 'loads'],
  [
    'a header for a server',
    `${oneServer}outgoingAuth: {source: inline, backends: {github: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: v}}}}`,
    'loads',
  ],
  ['a group', inline, 'loads once its servers are listed'],
  [
    'a group, filters',
    `aggregation: {tools: [{workload: github, filter: [a]}]}`,
    'loads once its servers are listed',
  ],
  ['a group, code mode', 'codeMode: {enabled: true}', 'loads once its servers are listed'],
  ['discovered servers', discovered, 'loads'],
  [
    'token exchange',
    `${oneServer}incomingAuth: {type: oidc, oidc: {issuer: "https://login.example", audience: vmcp}}\noutgoingAuth: {source: inline, default: {type: token_exchange, tokenExchange: {tokenUrl: "https://login.example/token"}}}`,
    'loads',
  ],
  ['optimizer', `${oneServer}optimizer: {embeddingService: "http://tei:80"}`, 'refused'],
  ['composite tools', `${oneServer}compositeTools: [{name: t, steps: [{id: a, tool: github_a}]}]`, 'refused'],
  ['composite tools by reference', `${oneServer}compositeToolRefs: [{name: t}]`, 'refused'],
  [
    'a tool configuration by reference',
    `${oneServer}aggregation: {tools: [{workload: github, toolConfigRef: {name: t}}]}`,
    'refused',
  ],
  ['sessions in Redis', `${oneServer}sessionStorage: {provider: redis, address: "redis:6379"}`, 'loads'],
];

function loads(text: string): boolean {
  try {
    configReader.parse(text, { file: '/etc/vmcp-config/config.yaml', environment: {} });
    return true;
  } catch {
    return false;
  }
}

function outcomeOf(text: string): Outcome {
  const whole = `name: engineering\ngroupRef: engineering-team\n${text}\n`;
  if (loads(whole)) return 'loads';
  const tree = parse(whole) as Record<string, unknown>;
  const listed = { ...(parse(oneServer) as object), ...tree };
  return !('backends' in tree) && loads(stringify(listed)) ? 'loads once its servers are listed' : 'refused';
}

test('a configuration for each feature of ToolHive loads, or is refused, as the table says', () => {
  assert.deepEqual(
    files.map(([feature, text]) => [feature, outcomeOf(text)]),
    files.map(([feature, , outcome]) => [feature, outcome]),
  );
});

test('docs/configuration.md counts them', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const count = (outcome: Outcome): number => files.filter((each) => each[2] === outcome).length;
  const sentence =
    `Of ${files.length} files, one for each of its features, ${count('loads')} load as they stand, ` +
    `${count('loads once its servers are listed')} once their servers are listed, ` +
    `and ${count('refused')} are refused by name`;
  assert.ok(page.replaceAll(/\s+/g, ' ').includes(sentence), sentence);
});
