import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { config, load, one, problems, toLine } from '../../test/support/configurations.ts';
import { configReader } from '../server/config.ts';

describe('a sound configuration', () => {
  test('has a value for every key, those of ToolHive and the contract where the file is silent', () => {
    assert.deepEqual(config(`name: demo\n${one}`), {
      name: 'demo',
      backends: [
        {
          name: 'one',
          transport: 'streamable-http',
          url: 'http://localhost:1/mcp',
          connection: 'eager',
          metadata: {},
          headers: {},
          strategy: { type: 'unauthenticated' },
        },
      ],
      aggregation: {
        conflictResolution: 'prefix',
        conflictResolutionConfig: { prefixFormat: '{workload}_', priorityOrder: [] },
        tools: [],
        excludeAllTools: false,
        defaultToolVisibility: 'allow',
      },
      console: {},
      codeMode: {
        enabled: false,
        stepLimit: 100_000,
        mode: 'alongside',
        listed: [],
        parallelMaxConcurrency: 10,
        toolCallTimeoutMs: 30_000,
        scriptTimeoutMs: 50_000,
        maxToolCalls: 1000,
        maxResultBytes: 2 ** 20,
        memoryLimitBytes: 64 * 2 ** 20,
        approval: 'never',
        tools: [],
      },
      operational: {
        logLevel: 'info',
        timeouts: { defaultMs: 30_000, perWorkloadMs: {} },
        failureHandling: {
          healthCheckIntervalMs: 30_000,
          healthCheckTimeoutMs: 10_000,
          unhealthyThreshold: 3,
          partialFailureMode: 'best_effort',
          circuitBreaker: { enabled: false, failureThreshold: 5, timeoutMs: 60_000 },
        },
      },
      telemetry: {
        tracingEnabled: false,
        metricsEnabled: false,
        samplingRate: 0.05,
        headers: {},
        insecure: false,
        enablePrometheusMetricsPath: true,
        metricsOnTransportPort: true,
        environmentVariables: [],
        customAttributes: {},
        useLegacyAttributes: true,
      },
      metadata: {},
      passthroughHeaders: [],
      trustedProxies: [],
      sessionStorage: { provider: 'memory' },
      rateLimiting: { tools: [], scripts: 'fail' },
    });
  });

  test('is frozen to its leaves', () => {
    const loaded = config(`name: demo\n${one}`);
    for (const part of [
      loaded,
      loaded.backends,
      loaded.backends[0],
      loaded.codeMode,
      loaded.operational.timeouts,
    ])
      assert.ok(Object.isFrozen(part));
  });

  test('as ToolHive writes it loads with all it says', async () => {
    const file = new URL('../../test/fixtures/config/toolhive.yaml', import.meta.url);
    const loaded = load(await readFile(file, 'utf8'));
    const golden = new URL('../../test/golden/config/toolhive.json', import.meta.url);
    assert.deepEqual(loaded.config, JSON.parse(await readFile(golden, 'utf8')));
    assert.deepEqual(loaded.warnings.map(toLine), [
      '29:5: warning: caBundlePath: the file cannot be read: no such file',
      '61:5: warning: statusReportingInterval has no effect here: there is no Kubernetes resource to report to',
    ]);
  });

  test('takes the folder of the file for relative paths', () => {
    const text = `name: demo
backends:
  - {name: a, transport: stdio, command: node}
  - {name: b, transport: stdio, command: node, cwd: ../lib}
  - {name: c, transport: sse, url: "https://x/sse", caBundlePath: ca.pem}
telemetry: {caCertPath: otlp.pem}`;
    const { backends, telemetry } = config(text);
    assert.deepEqual(
      backends.map((backend) => (backend.transport === 'stdio' ? backend.cwd : backend.caBundlePath)),
      ['/etc/vmcp', '/etc/lib', '/etc/vmcp/ca.pem'],
    );
    assert.equal(telemetry.caCertPath, '/etc/vmcp/otlp.pem');
  });

  test('may leave a block empty, and 0 means "not set" where it does in ToolHive', () => {
    const { codeMode, telemetry, operational } = config(
      `name: demo\n${one}\ncodeMode:\n  stepLimit: 0\n  toolCallTimeout: 0s\ntelemetry: {prometheusPort: 0}\noperational:\nincomingAuth:`,
    );
    assert.equal(codeMode.stepLimit, 100_000);
    assert.equal(codeMode.toolCallTimeoutMs, 30_000);
    assert.equal(telemetry.prometheusPort, undefined);
    assert.equal(operational.timeouts.defaultMs, 30_000);
  });

  test('may say nothing where ToolHive lets it: an empty word is the default, and null is an empty text', () => {
    const { aggregation, operational, metadata, backends } = config(`name: demo
backends:
  - {name: a, transport: stdio, command: x, args: [p, ~, q], env: {A: , B: null}}
metadata: {a: ~}
aggregation: {defaultToolVisibility: ""}
operational: {logLevel: "", failureHandling: {partialFailureMode: ""}}`);
    assert.equal(aggregation.defaultToolVisibility, 'allow');
    assert.equal(operational.logLevel, 'info');
    assert.equal(operational.failureHandling.partialFailureMode, 'best_effort');
    assert.deepEqual(metadata, { a: '' });
    const [backend] = backends;
    assert.ok(backend?.transport === 'stdio');
    assert.deepEqual([backend.args, backend.env], [['p', '', 'q'], { A: '', B: '' }]);
  });

  test('reads unquoted values as the type that the key has, as Go does', () => {
    const { codeMode, telemetry, metadata } = config(
      `name: demo\n${one}\ncodeMode: {enabled: yes}\ntelemetry: {samplingRate: 0.10, serviceVersion: 1.0}\nmetadata: {version: 1.20, on: true}`,
    );
    assert.equal(codeMode.enabled, true);
    assert.equal(telemetry.samplingRate, 0.1);
    assert.equal(telemetry.serviceVersion, '1.0');
    assert.deepEqual(metadata, { version: '1.20', on: 'true' });
    const { codeMode: other } = config(`name: 1_0\n${one}\ncodeMode: {enabled: y, stepLimit: 200_000}`);
    assert.deepEqual([other.enabled, other.stepLimit], [true, 200_000]);
  });

  test('has sizes with and without a unit', () => {
    for (const [written, bytes] of [
      ['2097152', 2 ** 21],
      ['2 MiB', 2 ** 21],
      ['2Mi', 2 ** 21],
      ['"2MB"', 2_000_000],
      ['1.5 MiB', 1.5 * 2 ** 20],
    ] as const) {
      assert.equal(
        config(`name: d\n${one}\ncodeMode: {maxResultBytes: ${written}}`).codeMode.maxResultBytes,
        bytes,
      );
    }
  });

  test('takes header names in any case', () => {
    assert.deepEqual(config(`name: d\n${one}\npassthroughHeaders: [X-Tenant, x-team]`).passthroughHeaders, [
      'x-tenant',
      'x-team',
    ]);
  });
});

describe('a variable of the environment', () => {
  test('takes the place of ${NAME} in any text, several times, and is typed by its key', () => {
    const { backends, codeMode, telemetry } = config(
      'name: d\nbackends: [{name: a, transport: stdio, command: node, args: ["--x=${A}-${A}"], env: {K: "${A}"}}]\n' +
        'codeMode: {enabled: "${ON}", stepLimit: "${STEPS}"}\ntelemetry:\n  prometheusPort: ${PORT}',
      { A: 'b', ON: 'true', STEPS: '12', PORT: '9464' },
    );
    const [backend] = backends;
    assert.ok(backend?.transport === 'stdio');
    assert.deepEqual(backend.args, ['--x=b-b']);
    assert.equal(codeMode.stepLimit, 12);
    assert.equal(telemetry.prometheusPort, 9464);
  });

  test('is put in once: what it holds is not searched, and $${ stands for itself', () => {
    const { metadata } = config(`name: d\n${one}\nmetadata: {a: "\${A}", b: "$\${B} costs $5"}`, {
      A: '${B}',
      B: 'no',
    });
    assert.deepEqual(metadata, { a: '${B}', b: '${B} costs $5' });
  });

  test('must be set, though it may be empty, and must have a name', () => {
    const text = `name: d\n${one}\nmetadata:\n  a: \${NOPE}\n  b: "x\${A}y"\n  c: \${a b}\n  d: \${A\n`;
    assert.deepEqual(problems(text, { A: '' }), [
      '4:6: the environment variable NOPE is not set',
      '6:6: expected the name of an environment variable in "${…}"; write "$${" for a literal "${"',
      '7:6: expected the name of an environment variable in "${…}"; write "$${" for a literal "${"',
    ]);
  });

  test('never shows in a problem, whatever key it was put into', () => {
    const secret = 'hunter2-hunter2';
    const text =
      'name: "${S}"\nbackends: [{name: "a ${S}", transport: "${S}", url: "${S}"}]\naggregation: {conflictResolution: "${S}"}\n"k": "${S}"';
    const found = problems(text, { S: secret }).join('\n');
    assert.ok(!found.includes(secret), found);
    assert.match(found, /\$\{S\}/);
  });

  test('and credentials in the file are known as secrets, harmless values are not', () => {
    const { secrets } = load(
      'name: d\nbackends:\n  - {name: a, transport: stdio, command: x, args: ["pg://u:db-998877@h"], env: {API_TOKEN: tok-123456, LOG_LEVEL: verbose}}\n' +
        '  - {name: c, transport: sse, url: "https://ghp_11223344@h/s/0123456789abcdef0123456789abcdef/mcp?t=1"}\n' +
        '  - {name: d, transport: sse, url: "https://u:100%more@h/"}\n' +
        '  - {name: b, transport: sse, url: "https://u:pass%21word@h/sse?api_key=k-998877"}\n' +
        'telemetry: {endpoint: "h:1", tracingEnabled: true, headers: {authorization: Bearer abcdef}}\nmetadata: {home: "${HOME}", p: "${DB_PASSWORD}"}',
      { HOME: '/home/me-and-others', DB_PASSWORD: 'correct horse' },
    );
    assert.deepEqual([...secrets].toSorted(), [
      '0123456789abcdef0123456789abcdef',
      '100%more',
      'Basic Z2hwXzExMjIzMzQ0Og==',
      'Basic dToxMDAlbW9yZQ==',
      'Basic dTpkYi05OTg4Nzc=',
      'Basic dTpwYXNzIXdvcmQ=',
      'Bearer abcdef',
      'Z2hwXzExMjIzMzQ0Og==',
      'abcdef',
      'correct horse',
      'dToxMDAlbW9yZQ==',
      'dTpkYi05OTg4Nzc=',
      'dTpwYXNzIXdvcmQ=',
      'db-998877',
      'ghp_11223344',
      'ghp_11223344:',
      'k-998877',
      'pass!word',
      'pass%21word',
      'tok-123456',
      'u:100%more',
      'u:db-998877',
      'u:pass!word',
    ]);
  });

  test('and a password with a stray percent sign is known as it stands', () => {
    const text = 'name: d\nbackends: [{name: b, transport: sse, url: "https://u:100%25%ok@h/sse"}]';
    assert.ok(load(text).secrets.includes('100%25%ok'));
  });
});

describe('a configuration that is not sound', () => {
  const cases: [title: string, text: string, expected: string[]][] = [
    [
      'a misspelt key is named in its place with what was meant',
      'name: d\nbackends:\n  - name: github\n    transprot: sse\n    url: http://x\n',
      ['4:5: unknown key "transprot" in backend "github". Did you mean "transport"?'],
    ],
    [
      'a key that resembles nothing is unknown all the same',
      `name: d\n${one}\nzzz: 1`,
      [
        '3:1: unknown key "zzz". Expected one of "name", "groupRef", "publicUrl", "backends", "outgoingAuth", "aggregation", "operational", "telemetry", "metadata", "passthroughHeaders", "trustedProxies", "sessionStorage", "incomingAuth", "audit", "rateLimiting", "codeMode", "console".',
      ],
    ],
    [
      'a misspelt list of backends is not also missed',
      'name: d\nbackend: []\n',
      ['2:1: unknown key "backend". Did you mean "backends"?'],
    ],
    [
      'an address that may hold a password or a key is not repeated',
      'name: d\nbackends:\n  - {name: a, transport: sse, url: "db://me:secret@x"}\n  - {name: b, transport: sse, url: "x/?key=1"}',
      [
        '3:36: backends[0].url: expected a URL that begins with http:// or https://, found a text',
        '4:36: backends[1].url: expected a URL that begins with http:// or https://, found a text',
      ],
    ],
    ['a missing name is missed', one, ['1:1: the file lacks "name"']],
    ['an empty name is none', `name: ""\n${one}`, ['1:7: name: expected some text, found none']],
    [
      'without backends there is nothing to serve',
      'name: d',
      ['1:1: expected at least one entry in "backends", found none'],
    ],
    [
      'an empty list of backends is none',
      'name: d\nbackends: []',
      ['2:11: expected at least one entry in "backends", found none'],
    ],
    [
      'a group and no backends cannot be looked up',
      'name: d\ngroupRef: team\nbackends: []',
      [
        '2:11: groupRef alone is not enough: list its servers under "backends", or in Kubernetes set "outgoingAuth.source: discovered"',
      ],
    ],
    [
      'a size has a unit that there is',
      `name: d\n${one}\ncodeMode: {memoryLimit: 1XB}`,
      [
        '3:25: codeMode.memoryLimit: expected a size: a number of bytes, or a text such as "64 MiB", found "1XB"',
      ],
    ],
    [
      'a group alone cannot be looked up',
      'name: d\ngroupRef: team\n',
      [
        '2:11: groupRef alone is not enough: list its servers under "backends", or in Kubernetes set "outgoingAuth.source: discovered"',
      ],
    ],
    [
      'two backends of one name are told apart by nobody',
      'name: d\nbackends:\n  - {name: a, transport: sse, url: "http://a"}\n  - {name: a, transport: sse, url: "http://b"}',
      ['4:12: two backends are called "a"; the first is on line 3'],
    ],
    [
      'each transport has its own keys',
      'name: d\nbackends:\n  - {name: a, transport: stdio, url: "http://a"}\n  - {name: b, transport: sse, command: x}',
      [
        '3:5: backend "a" lacks "command"',
        '3:33: "url" goes only with "transport: streamable-http" or "transport: sse"',
        '4:5: backend "b" lacks "url"',
        '4:31: "command" goes only with "transport: stdio"',
      ],
    ],
    [
      'a backend is connected eagerly or lazily, and in no third way',
      `name: d\nbackends:\n  - name: one\n    transport: stdio\n    command: x\n    connection: lasy\n`,
      ['6:17: backends[0].connection: expected one of "eager", "lazy", found "lasy". Did you mean "lazy"?'],
    ],
    [
      'a word that is none of those is named with the one that was meant',
      `name: d\n${one}\naggregation: {conflictResolution: prioritty}`,
      [
        '3:35: aggregation.conflictResolution: expected one of "prefix", "priority", "manual", found "prioritty". Did you mean "priority"?',
      ],
    ],
    [
      'types are checked, and what was found is said without its value',
      `name: d\n${one}\ncodeMode: {enabled: maybe, stepLimit: "xx", parallelMaxConcurrency: 1.5}\nmetadata: [x]`,
      [
        '3:21: codeMode.enabled: expected true or false, found a text',
        '3:39: codeMode.stepLimit: expected a number, found a text',
        '3:69: codeMode.parallelMaxConcurrency: expected a whole number, found the number 1.5',
        '4:11: metadata: expected a mapping, found a list',
      ],
    ],
    [
      'durations are Go durations',
      `name: d\n${one}\noperational: {timeouts: {default: 30, perWorkload: {one: 0s}}}\ncodeMode: {toolCallTimeout: -1s, scriptTimeout: 1000h}`,
      [
        '3:35: operational.timeouts.default: expected a duration such as "30s" or "1m30s", found the number 30',
        '3:58: operational.timeouts.perWorkload.one: expected a duration longer than 0, found "0s"',
        '4:29: codeMode.toolCallTimeout: expected a duration that is not negative, found "-1s"',
        '4:49: codeMode.scriptTimeout: expected a duration of at most 596h (a longer timer cannot be set), found "1000h"',
      ],
    ],
    [
      'numbers below their least are refused',
      `name: d\n${one}\ncodeMode: {stepLimit: -1, memoryLimit: 10}\ntelemetry: {prometheusPort: 70000}`,
      [
        '3:23: codeMode.stepLimit: expected at least 0, found the number -1',
        '3:40: codeMode.memoryLimit: expected a size of at least 65536 bytes, found the number 10',
        '4:29: telemetry.prometheusPort: expected at most 65535, found the number 70000',
      ],
    ],
    [
      'what ToolHive knows and is not built yet says so',
      `name: d\n${one}\noptimizer: {}\ncompositeTools: []\ncompositeToolRefs: []\nsessionStorage: {provider: redis, address: x, passwordRef: {name: x}}\nincomingAuth: {type: anonymous, authz: {type: cedar, policies: [x], primaryUpstreamProvider: y}}\noutgoingAuth: {source: mixed, default: {type: oauth_proxy}}\naggregation: {tools: [{workload: one, toolConfigRef: {name: x}}]}`,
      [
        '3:1: "optimizer" cannot be used: the optimizer is not built yet',
        '4:1: "compositeTools" cannot be used: composite tools are not built yet',
        '5:1: "compositeToolRefs" cannot be used: composite tools are not built yet',
        '6:44: sessionStorage.address: expected HOST:PORT, such as "redis:6379", found "x"',
        '6:47: "passwordRef" cannot be used: a Secret is not read here; set the environment variable THV_SESSION_REDIS_PASSWORD',
        '7:69: "primaryUpstreamProvider" cannot be used: the authorization server that this key names a provider of is not built yet',
        '8:24: outgoingAuth.source: "mixed" is not built yet; what works is "inline", "discovered"',
        '8:47: outgoingAuth.default.type: "oauth_proxy" is not built yet; what works is "unauthenticated", "header_injection", "token_exchange", "xaa", "client_credentials"',
        '9:39: "toolConfigRef" cannot be used: toolConfigRef names a Kubernetes resource, and looking it up is not built yet',
      ],
    ],
    [
      'a strategy has what it needs',
      `name: d\n${one}\naggregation: {conflictResolution: priority, tools: [{workload: one, overrides: {a: {}}}, {workload: one}]}`,
      [
        '3:35: the strategy "priority" needs conflictResolutionConfig.priorityOrder',
        '3:84: aggregation.tools[0].overrides.a: expected at least one of name, description and annotations, found none of them',
        '3:101: "tools" has two entries for "one"; the first is on line 3',
      ],
    ],
    [
      'manual conflict resolution needs overrides',
      `name: d\n${one}\naggregation: {conflictResolution: manual}`,
      ['3:35: the strategy "manual" needs the overrides that settle each conflict, in "tools"'],
    ],
    [
      'a backend that could win a name and then be hidden is refused',
      `name: d\n${one}\naggregation:\n  conflictResolution: priority\n  defaultToolVisibility: deny\n  conflictResolutionConfig: {priorityOrder: [one]}`,
      [
        '6:46: "one" may win a name and then be hidden by "defaultToolVisibility: deny"; give it an entry in "tools" or take it out',
      ],
    ],
    [
      'health checks must not overtake each other',
      `name: d\n${one}\noperational: {failureHandling: {healthCheckInterval: 5s, healthCheckTimeout: 5s, circuitBreaker: {enabled: true, timeout: 10ms}}}`,
      [
        '3:78: healthCheckTimeout must be less than healthCheckInterval, or checks queue up',
        '3:123: operational.failureHandling.circuitBreaker.timeout: expected a duration of at least 1s, found "10ms"',
      ],
    ],
    [
      'an OTLP endpoint to which nothing is sent is a mistake',
      `name: d\n${one}\ntelemetry: {endpoint: "otel:4318"}`,
      [
        '3:23: an endpoint is set, but neither "tracingEnabled" nor "metricsEnabled" is true: switch one on, or remove the endpoint',
      ],
    ],
    [
      'endpoints, rates and URLs have their form',
      'name: d\nbackends: [{name: a, transport: sse, url: "localhost:1"}, {name: b, transport: sse, url: "http://h:99999"}]\ntelemetry: {endpoint: "not an endpoint", metricsEnabled: true, samplingRate: 2}',
      [
        '2:43: backends[0].url: expected a URL that begins with http:// or https://, found "localhost:1"',
        '2:90: backends[1].url: expected a whole URL: a host, a port up to 65535 if any, no spaces, found "http://h:99999"',
        '3:23: telemetry.endpoint: expected host:port, or a URL that begins with http:// or https://, found "not an endpoint"',
        '3:78: telemetry.samplingRate: expected a share between 0 and 1, such as "0.05", found the number 2',
      ],
    ],
    [
      'a port that there is not, and headers that no request can have, are told before a collector is asked',
      `name: d\n${one}\ntelemetry:\n  endpoint: "otel:99999"\n  metricsEnabled: true\n  headers: {"a b": x, key: "hu\\nsh", fine: "é"}`,
      [
        '4:13: telemetry.endpoint: expected host:port, or a URL that begins with http:// or https://, found "otel:99999"',
        '6:13: telemetry.headers: expected the name of an HTTP header, found "a b"',
        '6:28: telemetry.headers.key: expected the value of an HTTP header, found a character that none may hold',
      ],
    ],
    [
      "headers that carry credentials or are MCP's own do not pass",
      `name: d\n${one}\npassthroughHeaders: [Authorization, cookie, X-Forwarded-For, Mcp-Session-Id, "a b", ok]`,
      [
        `3:22: "Authorization" may not be forwarded: it carries credentials, belongs to one connection, or is MCP's own`,
        `3:37: "cookie" may not be forwarded: it carries credentials, belongs to one connection, or is MCP's own`,
        `3:45: "X-Forwarded-For" may not be forwarded: it carries credentials, belongs to one connection, or is MCP's own`,
        `3:62: "Mcp-Session-Id" may not be forwarded: it carries credentials, belongs to one connection, or is MCP's own`,
        '3:78: passthroughHeaders[4]: expected the name of an HTTP header, found "a b"',
      ],
    ],
    [
      'a backend name must fit into tool names',
      'name: d\nbackends: [{name: "a b", transport: sse, url: "http://a"}]',
      [
        '2:19: backends[0].name: expected a name of letters, digits, ".", "_" and "-" that begins with a letter or digit, found "a b"',
      ],
    ],
    [
      'an entry that says nothing is told from one that is not there',
      `name: d\nbackends:\n  -\noutgoingAuth: {source: inline, backends: {a: }}\naggregation:\n  tools:\n    - workload:\n      overrides:\n        t: ~`,
      [
        '3:4: backends[0]: expected a mapping, found nothing',
        '4:46: outgoingAuth.backends.a: expected a mapping, found nothing',
        '7:16: aggregation.tools[0].workload: expected some text, found none',
        '9:12: aggregation.tools[0].overrides.t: expected a mapping, found nothing',
      ],
    ],
    [
      'names of transports elsewhere are known',
      'name: d\nbackends: [{name: a, transport: http, url: "http://a"}]',
      [
        '2:33: backends[0].transport: expected one of "stdio", "streamable-http", "sse", found "http". Did you mean "streamable-http"?',
      ],
    ],
    [
      'keys of the first versions of ToolHive are known',
      `name: d\n${one}\ngroup: team\nincoming_auth: {type: anonymous}\noperational: {failure_handling: {}}\naggregation: {conflict_resolution_config: {}}`,
      [
        '3:1: unknown key "group". Did you mean "groupRef"?',
        '4:1: unknown key "incoming_auth". Did you mean "incomingAuth"?',
        '5:15: unknown key "failure_handling" in "operational". Did you mean "failureHandling"?',
        '6:15: unknown key "conflict_resolution_config" in "aggregation". Did you mean "conflictResolutionConfig"?',
      ],
    ],
    [
      'a value that looks like a secret is not repeated, wherever it was put by mistake',
      'name: d\nbackends: [{name: a, transport: ghp_0123456789, url: sk-0123456789}]\noperational: {timeouts: {default: AKIA0123456789}}',
      [
        '2:33: backends[0].transport: expected one of "stdio", "streamable-http", "sse", found a text.',
        '3:35: operational.timeouts.default: expected a duration such as "30s" or "1m30s", found a text',
      ],
    ],
  ];
  for (const [title, text, expected] of cases) {
    test(title, () => assert.deepEqual(problems(text), expected));
  }

  test('is reported as a compiler would, with the file', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'vmcp-config-'));
    t.after(() => rm(dir, { recursive: true }));
    const file = join(dir, 'vmcp.yaml');
    await writeFile(file, 'name: d\nnmae: e\n');
    await assert.rejects(configReader.load(file, {}), {
      name: 'ConfigError',
      code: 'invalid_config',
      message: `${file}:1:1: expected at least one entry in "backends", found none\n${file}:2:1: unknown key "nmae". Did you mean "name"?`,
    });
    await assert.rejects(configReader.load(join(dir, 'none.yaml'), {}), {
      message: `${join(dir, 'none.yaml')}:1:1: no such file`,
    });
    await assert.rejects(configReader.load(dir, {}), { message: /expected a file, found a folder/ });
  });
});
