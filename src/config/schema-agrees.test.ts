/**
 * What is red in an editor is refused by `vmcp validate`, and the other way round, over a corpus of files: one sound file
 * with every key, each of its values replaced by a few others, and files written by hand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse, stringify } from 'yaml';
import { configReader } from '../server/config.ts';
import { ConfigError } from './problem.ts';

const environment = {
  NUMBER: '5',
  YES: 'true',
  TEXT: 'word',
  PERIOD: '30s',
  URL: 'https://mcp.example.com/a',
};

/** A file with every key in it. */
const whole = `
name: all
groupRef: tools
publicUrl: https://mcp.example.com
backends:
  - name: files
    transport: stdio
    connection: lazy
    command: npx
    args: [-y, server]
    env: { PORT: 8080 }
    cwd: .
    metadata: { team: a }
  - name: web
    transport: streamable-http
    url: https://mcp.example.com/web
    type: entry
    proxy: none
    headers: { X-Api-Key: abcdef }
  - { name: old, transport: sse, url: 'https://mcp.example.com/sse' }
outgoingAuth:
  source: inline
  default: { type: unauthenticated }
  backends:
    web:
      type: token_exchange
      tokenExchange:
        tokenUrl: https://login.example.com/token
        clientId: vmcp
        clientSecretEnv: TEXT
        audience: web
        scopes: [read]
        subjectTokenType: access_token
    old:
      type: client_credentials
      clientCredentials: { tokenUrl: 'https://login.example.com/token', clientId: vmcp, clientSecret: abcdefgh }
aggregation:
  conflictResolution: prefix
  conflictResolutionConfig: { prefixFormat: '{workload}_', priorityOrder: [files] }
  tools:
    - workload: files
      filter: [read]
      excludeAll: false
      overrides: { read: { name: fetch, description: Reads, annotations: { title: Read, readOnlyHint: true } } }
  excludeAllTools: false
  defaultToolVisibility: allow
operational:
  logLevel: info
  timeouts: { default: 30s, perWorkload: { files: 10s } }
  failureHandling:
    healthCheckInterval: 30s
    unhealthyThreshold: 3
    healthCheckTimeout: 5s
    partialFailureMode: best_effort
    circuitBreaker: { enabled: true, failureThreshold: 5, timeout: 60s }
telemetry:
  endpoint: localhost:4318
  serviceName: vmcp
  serviceVersion: '1'
  tracingEnabled: true
  metricsEnabled: true
  samplingRate: '0.05'
  headers: { X-Tenant: a }
  insecure: true
  prometheusPort: 9464
  environmentVariables: [HOME]
  customAttributes: { region: eu }
metadata: { team: a }
passthroughHeaders: [X-Request-Id]
trustedProxies: [10.0.0.0/8]
sessionStorage: { provider: redis, address: 'redis:6379', db: 1, tls: true, onStoreFailure: closed }
incomingAuth:
  type: oidc
  oidc:
    issuer: https://login.example.com
    audience: vmcp
    jwksUrl: https://login.example.com/keys
    scopes: [mcp]
    insecureAllowHttp: false
  requireScopes: true
  statusRequiresAuth: true
audit:
  enabled: true
  component: vmcp
  includeRequestData: true
  maxDataSize: 1024
  maxFiles: 3
  onFailure: continue
rateLimiting:
  perUser: { maxTokens: 10, refillPeriod: 1m }
  tools: [{ name: files_read, shared: { maxTokens: 5, refillPeriod: { duration: 1m } } }]
  scripts: wait
codeMode:
  enabled: true
  mode: optIn
  listed: [files_read]
  stepLimit: 1000
  toolCallTimeout: 30s
  maxResultBytes: 1 MiB
  memoryLimit: 64Mi
console: { enabled: true }
`;

/** Texts as they stand in a file, so that `yes` and `"yes"` are two. */
const replacements = [
  '',
  'true',
  'yes',
  '"off"',
  '0',
  '7',
  '"7"',
  '-7',
  '1.5',
  '30s',
  '""',
  'nonsense words',
  '[]',
  '[a]',
  '{}',
  '{a: b}',
  '${NUMBER}',
  '${YES}',
];

const small = 'name: a\nbackends: [{name: b, transport: stdio, command: c}]\n';
const byHand: readonly string[] = [
  small,
  'name: a',
  'backends: [{name: b, transport: stdio, command: c}]',
  'name: a\nbackends: []',
  'name: a\nbackends:',
  'name: a\ngroupRef: g',
  'name: a\nbackends: [{name: b, command: c}]',
  'name: a\nbackends: [{name: b, transport: http, url: "https://x.example"}]',
  'name: a\nbackends: [{name: b, transport: stdio, url: "https://x.example"}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "https://x.example", command: c}]',
  'name: a\nbackends: [{name: b, transport: stdio, command: npx -y foo}]',
  'name: a\nbackends: [{name: b, transport: stdio, command: c, env: {PORT: 8080, ON: true, NONE: }}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "${URL}"}]',
  'name: a\nbackends: [{name: b, transport: sse, url: x.example}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "https://x.example", tls: {certFile: a}}]',
  'name: a\nbackends: [{name: b c, transport: stdio, command: c}]',
  'name: a\nbackends: [{name: 7, transport: stdio, command: c}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "${URL}", oauth: {}}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "https://x.example", oauth: {clientSecretEnv: TEXT}}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "https://x.example", oauth: {clientId: c, clientSecretEnv: TEXT}}]',
  'name: a\nbackends: [{name: b, transport: sse, url: "https://x.example", oauth: {perUser: true}}]',
  `${small}port: 4483`,
  `${small}mcpServers: {}`,
  `${small}optimizer: {}`,
  `${small}codeMode:`,
  `${small}codeMode: {stepLimit: "\${NUMBER}"}`,
  `${small}codeMode: {mode: optIn}`,
  `${small}codeMode: {enabled: yes, mode: optIn}`,
  `${small}codeMode: {enabled: true, mode: sometimes}`,
  `${small}codeMode: {enabled: true, stepLimt: 3}`,
  `${small}aggregation: {conflictResolution: manual}`,
  `${small}aggregation: {conflictResolution: priority}`,
  `${small}aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [b]}}`,
  `${small}aggregation: {tools: [{workload: b, overrides: {x: {}}}]}`,
  `${small}aggregation: {tools: [{workload: b, toolConfigRef: {name: x}}]}`,
  `${small}aggregation: {tools: [{filter: [x]}]}`,
  `${small}outgoingAuth: {source: inline}`,
  `${small}outgoingAuth: {source: discovered}`,
  `${small}outgoingAuth: {source: inline, default: {type: header_injection}}`,
  `${small}outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: X-A}}}`,
  `${small}outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: X-A, headerValue: v}}}`,
  `${small}outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: X-A, headerValue: v, headerValueFile: f}}}`,
  `${small}outgoingAuth: {source: inline, default: {type: unauthenticated, headerInjection: {headerName: X-A, headerValue: v}}}`,
  `${small}outgoingAuth: {source: inline, default: {type: token_exchange}}`,
  `${small}outgoingAuth: {source: inline, default: {type: xaa}}`,
  `${small}outgoingAuth: {source: inline, default: {type: obo}}`,
  `${small}sessionStorage: {provider: redis}`,
  `${small}sessionStorage: {provider: redis, address: "redis:6379", caCertPath: /ca.pem}`,
  `${small}telemetry: {endpoint: "localhost:4318"}`,
  `${small}telemetry: {endpoint: localhost, tracingEnabled: true}`,
  `${small}telemetry: {samplingRate: 1.5}`,
  `${small}telemetry: {samplingRate: "\${NUMBER}"}`.replace('NUMBER', 'RATE'),
  `${small}incomingAuth:`,
  `${small}incomingAuth: {}`,
  `${small}incomingAuth: {type: anonymous}`,
  `${small}incomingAuth: {type: anonymous, types: [oidc]}`,
  `${small}incomingAuth: {type: oidc}`,
  `${small}incomingAuth: {type: apiKeys}`,
  `${small}incomingAuth: {type: apiKeys, apiKeys: [{name: a}]}`,
  `${small}incomingAuth: {type: apiKeys, apiKeys: [{name: a, env: TEXT}]}`,
  `${small}incomingAuth: {type: apiKeys, apiKeys: [{name: a, env: TEXT, sha256: "${'0'.repeat(64)}"}]}`,
  `${small}incomingAuth: {type: anonymous, authz: {type: cedar}}`,
  `${small}incomingAuth: {type: anonymous, authz: {type: cedar, policies: ["permit(principal, action, resource);"]}}`,
  `${small}incomingAuth: {type: anonymous, authz: {type: none}}`,
  `${small}rateLimiting: {perUser: {maxTokens: 0, refillPeriod: 1m}}`,
  `${small}rateLimiting: {perUser: {maxTokens: 1}}`,
  `${small}rateLimiting: {tools: [{name: b_x}]}`,
  `${small}rateLimiting: {tools: [{name: execute_tool_script, shared: {maxTokens: 1, refillPeriod: 1m}}]}`,
  `${small}sessionStorage: {provider: redis}`,
  `${small}operational: {timeouts: {default: 30}}`,
  `${small}operational: {timeouts: {default: -30s}}`,
  `${small}trustedProxies: [10.0.0.0/8, "::1", fc00::/7]`,
  `${small}trustedProxies: [example.com]`,
];

/**
 * What compares a value with another one, or with the world around the file: no JSON Schema can say it. Nor can it know what
 * a variable holds.
 */
const onlyValidateKnows: readonly RegExp[] = [
  /no entry in "backends"|not a backend|unknown backend|is called|no backend/,
  /two entries|each type once|the same header/,
  /healthCheckTimeout must be less/,
  /expected a duration of at (least|most)/,
  /expected a size of at least/,
  /may not be forwarded|may not be set/,
  /certificate|cannot be read|no such file|folder/i,
  /environment variable/,
];

const validateSchema = new Ajv2020({ strict: false, allErrors: false }).compile(
  JSON.parse(JSON.stringify(configReader.toJsonSchema())) as object,
);

function refusals(text: string): readonly string[] {
  try {
    configReader.parse(text, { file: '/srv/vmcp.yaml', environment });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  }
}

function isRed(text: string): string | undefined {
  return validateSchema(parse(text)) ? undefined : new Ajv2020().errorsText(validateSchema.errors);
}

/** The whole file, each of its scalars in turn written otherwise. */
function* variants(): Generator<string> {
  const mark = 'REPLACE_THIS';
  const tree: unknown = parse(whole);
  for (const [turn, path] of leaves(tree).entries()) {
    const marked = stringify(withMark(tree, path, mark));
    // A third of them in turn, or else this would take a minute.
    for (const text of replacements.filter((_, index) => index % 3 === turn % 3)) {
      yield marked.replace(mark, () => (text.startsWith('${') ? `"${text}"` : text));
    }
  }
}

function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]));
}

function withMark(value: unknown, [step, ...rest]: readonly string[], mark: string): unknown {
  if (step === undefined) return mark;
  const change = (each: unknown, key: string): unknown => (key === step ? withMark(each, rest, mark) : each);
  if (Array.isArray(value)) return value.map((each, index) => change(each, String(index)));
  return Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, change(each, key)]));
}

test('the sound file is sound to both', () => {
  assert.deepEqual(refusals(whole), []);
  assert.equal(isRed(whole), undefined);
});

test('what is red in an editor is refused, and the other way round', () => {
  const corpus = [...byHand, ...variants()];
  const disagreements: string[] = [];
  const counts = { sound: 0, refused: 0, onlyValidate: 0 };
  for (const text of corpus) {
    const [refused, red] = [refusals(text), isRed(text)];
    if (refused.length === 0) {
      counts.sound += 1;
      if (red !== undefined) disagreements.push(`red, yet sound: ${red}\n${changed(text)}`);
    } else if (red !== undefined) {
      counts.refused += 1;
    } else if (
      text.includes('${') ||
      refused.some((message) => onlyValidateKnows.some((known) => known.test(message)))
    ) {
      counts.onlyValidate += 1;
    } else {
      disagreements.push(`refused, yet not red: ${refused.join('; ')}\n${changed(text)}`);
    }
  }
  assert.deepEqual(disagreements, []);
  assert.ok(corpus.length > 500 && counts.sound > 100 && counts.refused > 100, JSON.stringify(counts));
  assert.ok(counts.onlyValidate < corpus.length / 5, JSON.stringify(counts));
});

/** The lines that are not those of the whole file. */
function changed(text: string): string {
  const known = new Set(stringify(parse(whole)).split('\n'));
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n');
}

test('every key of the JSON Schema has a description', () => {
  const bare: string[] = [];
  const look = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'if' || key === 'not') continue;
      look(value, `${path}/${key}`);
      if (key !== 'properties' || !Object.hasOwn(node, 'additionalProperties')) continue;
      for (const [name, each] of Object.entries(value as Record<string, { description?: string }>))
        if (!each.description) bare.push(`${path}/${name}`);
    }
  };
  look(JSON.parse(JSON.stringify(configReader.toJsonSchema())), '');
  assert.deepEqual(bare, []);
});
