import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test, type TestContext } from 'node:test';
import { FakeApi } from '../../../test/support/fake-api.ts';
import { KubernetesDiscovery, type FoundGroup } from './discovery.ts';

interface Started {
  readonly api: FakeApi;
  readonly discovery: KubernetesDiscovery;
  /** Each time that backends were told. */
  readonly told: FoundGroup[];
  /** Lets everything go on that is not waiting for time. */
  settle(): Promise<void>;
  /** Ends every wait of at most so long, and all that begin within it. */
  pass(ms: number): Promise<void>;
}

const names = (found: FoundGroup | undefined) => found?.backends.map(({ name }) => name);

function start(t: TestContext, prepare: (api: FakeApi) => void = () => undefined): Started {
  const api = new FakeApi();
  prepare(api);
  const told: FoundGroup[] = [];
  const clock = { ms: 0 };
  const waiting = new Set<{ until: number; done: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 40; turns++) await turn();
  };
  const pass = async (ms: number): Promise<void> => {
    const until = clock.ms + ms;
    for (;;) {
      await settle();
      const [next] = [...waiting].toSorted((one, other) => one.until - other.until);
      if (next === undefined || next.until > until) break;
      clock.ms = next.until;
      waiting.delete(next);
      next.done();
    }
    clock.ms = until;
    await settle();
  };
  const discovery = new KubernetesDiscovery({
    api,
    group: 'team',
    namespace: 'mcp',
    onFound: (found) => told.push(found),
    onDefect: (thrown) => assert.fail(String(thrown)),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const one = { until: clock.ms + ms, done: resolve };
        waiting.add(one);
        signal.addEventListener('abort', () => resolve());
      }),
    now: () => clock.ms,
    random: () => 1,
  });
  discovery.start();
  t.after(() => discovery.close());
  return { api, discovery, told, settle, pass };
}

const server = (name: string, more: object = {}) => ({
  spec: { groupRef: { name: 'team' }, transport: 'streamable-http', ...more },
  status: { phase: 'Ready', url: `http://mcp-${name}-proxy.mcp.svc.cluster.local:8080/mcp` },
});
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('backends of a group', () => {
  test('are the three kinds of ToolHive that name the group, in the words of a configuration', async (t) => {
    const { told, discovery, pass } = start(t, (api) => {
      api.put('mcpservers', 'fetch', server('fetch', { transport: 'stdio', proxyMode: 'sse' }));
      api.put('mcpservers', 'direct', {
        spec: { groupRef: { name: 'team' }, transport: 'sse', proxyMode: 'streamable-http' },
        status: { url: 'http://mcp-direct-proxy:8080/sse#direct' },
      });
      api.put('mcpservers', 'other', { ...server('other'), spec: { groupRef: { name: 'others' } } });
      api.put('mcpremoteproxies', 'proxy', server('proxy'));
      api.put('mcpserverentries', 'entry', {
        spec: {
          groupRef: { name: 'team' },
          transport: 'streamable-http',
          remoteUrl: 'https://mcp.example.com/mcp',
          headerForward: { addPlaintextHeaders: { 'X-Tenant': 'one' } },
        },
        status: { phase: 'Valid' },
      });
    });
    assert.equal(discovery.isKnown, false);
    await pass(200);
    assert.deepEqual(
      told.at(-1)?.backends.map(({ entry }) => entry),
      [
        { name: 'direct', transport: 'sse', url: 'http://mcp-direct-proxy:8080/sse', headers: {} },
        {
          name: 'entry',
          transport: 'streamable-http',
          url: 'https://mcp.example.com/mcp',
          type: 'entry',
          headers: { 'X-Tenant': 'one' },
        },
        {
          name: 'fetch',
          transport: 'sse',
          url: 'http://mcp-fetch-proxy.mcp.svc.cluster.local:8080/mcp',
          headers: {},
        },
        {
          name: 'proxy',
          transport: 'streamable-http',
          url: 'http://mcp-proxy-proxy.mcp.svc.cluster.local:8080/mcp',
          headers: {},
        },
      ],
    );
    assert.equal(discovery.isKnown, true);
    assert.equal(discovery.status.source, 'toolhive');
    assert.equal(discovery.status.state, 'watching');
  });

  test('are read in v1alpha1 where v1beta1 is not served, also with a group that is a text', async (t) => {
    const { told, pass } = start(t, (api) => {
      api.versions = ['v1alpha1'];
      api.put('mcpservers', 'old', server('old', { groupRef: 'team' }));
    });
    await pass(200);
    assert.deepEqual(names(told.at(-1)), ['old']);
  });

  test('come and go within 200 ms of their event, and changes that come together are told once', async (t) => {
    const { api, told, pass } = start(t);
    await pass(200);
    assert.deepEqual(told.map(names), [[]]);
    api.put('mcpservers', 'a', server('a'));
    api.put('mcpservers', 'b', server('b'));
    await pass(200);
    assert.deepEqual(told.map(names), [[], ['a', 'b']]);
    api.delete('mcpservers', 'a');
    await pass(200);
    assert.deepEqual(names(told.at(-1)), ['b']);
  });

  test('are not told anew when nothing about them has changed', async (t) => {
    const { api, told, pass } = start(t, (fake) => fake.put('mcpservers', 'a', server('a')));
    await pass(200);
    api.put('mcpservers', 'a', { ...server('a'), metadata: { labels: { seen: 'yes' } } });
    api.put('mcpservers', 'elsewhere', { spec: { groupRef: { name: 'others' } } });
    await pass(1000);
    assert.equal(told.length, 1);
  });

  test('leave out what has no address yet, what is being deleted, and a second of the same name', async (t) => {
    const { discovery, told, pass } = start(t, (api) => {
      api.put('mcpservers', 'waiting', {
        spec: { groupRef: { name: 'team' } },
        status: { phase: 'Pending' },
      });
      api.put('mcpservers', 'going', { ...server('going'), metadata: { deletionTimestamp: 'now' } });
      api.put('mcpservers', 'twice', server('twice'));
      api.put('mcpremoteproxies', 'twice', server('twice'));
      api.put('mcpserverentries', 'invalid', {
        spec: { groupRef: { name: 'team' }, remoteUrl: 'http://x' },
        status: { phase: 'Failed' },
      });
    });
    await pass(200);
    assert.deepEqual(names(told.at(-1)), ['twice']);
    assert.deepEqual(discovery.status.skipped, [
      { name: 'waiting', kind: 'MCPServer', reason: 'it has no status.url yet; its phase is Pending' },
      { name: 'twice', kind: 'MCPRemoteProxy', reason: 'the MCPServer of the same name is served' },
      { name: 'invalid', kind: 'MCPServerEntry', reason: 'its phase is Failed, and "Valid" is expected' },
    ]);
  });
});

describe('credentials of a found backend', () => {
  const types: readonly [string, object, object][] = [
    ['unauthenticated', {}, { type: 'unauthenticated' }],
    [
      'headerInjection',
      { headerInjection: { headerName: 'X-Key', valueSecretRef: { name: 's', key: 'k' } } },
      { type: 'header_injection', headerInjection: { headerName: 'X-Key', headerValue: 'secret-value' } },
    ],
    [
      'bearerToken',
      { bearerToken: { tokenSecretRef: { name: 's', key: 'k' } } },
      {
        type: 'header_injection',
        headerInjection: { headerName: 'Authorization', headerValue: 'Bearer secret-value' },
      },
    ],
    [
      'tokenExchange',
      {
        tokenExchange: {
          tokenUrl: 'https://idp/token',
          clientId: 'c',
          audience: 'a',
          externalTokenHeaderName: 'X-Token',
          clientSecretRef: { name: 's', key: 'k' },
        },
      },
      {
        type: 'token_exchange',
        tokenExchange: {
          tokenUrl: 'https://idp/token',
          clientId: 'c',
          audience: 'a',
          clientSecret: 'secret-value',
        },
      },
    ],
    [
      'xaa',
      {
        xaa: {
          idpTokenUrl: 'https://idp',
          targetTokenUrl: 'https://t',
          idpClientSecretRef: { name: 's', key: 'k' },
        },
      },
      {
        type: 'xaa',
        xaa: { idpTokenUrl: 'https://idp', targetTokenUrl: 'https://t', idpClientSecret: 'secret-value' },
      },
    ],
  ];
  for (const [type, block, strategy] of types) {
    test(`of the type ${type} are a strategy`, async (t) => {
      const { told, pass } = start(t, (api) => {
        api.put('mcpservers', 'a', server('a', { externalAuthConfigRef: { name: 'auth' } }));
        api.put('mcpexternalauthconfigs', 'auth', { spec: { type, ...block } });
        api.put('secrets', 's', { data: { k: base64('secret-value\n') } });
      });
      await pass(200);
      assert.deepEqual(told.at(-1)?.backends[0]?.strategy, strategy);
    });
  }

  for (const type of ['embeddedAuthServer', 'awsSts', 'upstreamInject', 'obo']) {
    test(`of the type ${type} keep the backend out, and /status says why`, async (t) => {
      const { discovery, told, pass } = start(t, (api) => {
        api.put('mcpservers', 'a', server('a', { externalAuthConfigRef: { name: 'auth' } }));
        api.put('mcpexternalauthconfigs', 'auth', { spec: { type } });
      });
      await pass(200);
      assert.deepEqual(names(told.at(-1)), []);
      assert.match(discovery.status.skipped[0]?.reason ?? '', new RegExp(`"${type}" cannot be used`));
    });
  }

  const withSecret = (api: FakeApi): void => {
    api.put('mcpservers', 'a', server('a', { externalAuthConfigRef: { name: 'auth' } }));
    api.put('mcpservers', 'b', server('b'));
    api.put('mcpexternalauthconfigs', 'auth', {
      spec: { type: 'bearerToken', bearerToken: { tokenSecretRef: { name: 'named', key: 'token' } } },
    });
    api.put('secrets', 'named', { data: { token: base64('first') } });
    api.put('secrets', 'not-named', { data: { token: base64('other') } });
  };
  const valueOf = (found: FoundGroup | undefined) =>
    JSON.stringify(found?.backends.find(({ name }) => name === 'a')?.strategy);

  test('are read from the named Secrets alone, by get', async (t) => {
    const { api, pass } = start(t, withSecret);
    await pass(300_000);
    const asked = new Set(api.asked.filter((each) => each.includes('secrets')));
    assert.deepEqual([...asked], ['get secrets/named']);
  });

  test('are read again each minute', async (t) => {
    const { api, told, pass } = start(t, withSecret);
    await pass(200);
    assert.match(valueOf(told.at(-1)) ?? '', /Bearer first/);
    api.put('secrets', 'named', { data: { token: base64('second') } });
    await pass(59_000);
    assert.match(valueOf(told.at(-1)) ?? '', /Bearer first/);
    await pass(1_100);
    assert.match(valueOf(told.at(-1)) ?? '', /Bearer second/);
  });

  test('are read again when the backend refuses them, and not more often than each 5 s', async (t) => {
    const { api, discovery, told, pass } = start(t, withSecret);
    await pass(6_000);
    api.put('secrets', 'named', { data: { token: base64('second') } });
    const before = api.asked.length;
    discovery.credentialRefused();
    discovery.credentialRefused();
    await pass(200);
    discovery.credentialRefused();
    await pass(200);
    assert.equal(api.asked.length, before + 1);
    await pass(5_000);
    assert.equal(api.asked.length, before + 2);
    assert.match(valueOf(told.at(-1)) ?? '', /Bearer second/);
  });

  test('that are taken away take the backend away, and cost the others nothing', async (t) => {
    const { api, discovery, told, pass } = start(t, withSecret);
    await pass(200);
    assert.deepEqual(names(told.at(-1)), ['a', 'b']);
    api.delete('secrets', 'named');
    await pass(60_200);
    assert.deepEqual(names(told.at(-1)), ['b']);
    assert.deepEqual(discovery.status.skipped, [
      { name: 'a', kind: 'MCPServer', reason: 'Secret "named": it does not exist' },
    ]);
  });

  test('hold on while the API server is gone', async (t) => {
    const { api, discovery, told, pass } = start(t, withSecret);
    await pass(200);
    api.down = new Error('connect ECONNREFUSED');
    api.endWatches(new Error('other side closed'));
    await pass(130_000);
    assert.equal(told.length, 1);
    assert.equal(discovery.status.state, 'stale');
    assert.match(discovery.status.problems[0] ?? '', /mcpservers: connect ECONNREFUSED/);
    api.down = undefined;
    await pass(15_000);
    assert.equal(discovery.status.state, 'watching');
    assert.deepEqual(discovery.status.problems, []);
  });

  test('of an entry are headers from Secrets and certificates from a ConfigMap', async (t) => {
    const { told, pass } = start(t, (api) => {
      api.put('mcpserverentries', 'e', {
        spec: {
          groupRef: { name: 'team' },
          transport: 'sse',
          remoteUrl: 'https://e/sse',
          caBundleRef: { configMapRef: { name: 'ca', key: 'ca.crt' } },
          headerForward: {
            addHeadersFromSecret: [{ headerName: 'X-Key', valueSecretRef: { name: 's', key: 'k' } }],
          },
        },
        status: { phase: 'Valid' },
      });
      api.put('secrets', 's', { data: { k: base64('secret-value') } });
      api.put('configmaps', 'ca', { data: { 'ca.crt': 'PEM' } });
    });
    await pass(200);
    const [backend] = told.at(-1)?.backends ?? [];
    assert.ok(backend);
    assert.deepEqual((backend.entry as { headers: object }).headers, { 'X-Key': 'secret-value' });
    assert.equal(backend.caBundle, 'PEM');
    assert.deepEqual(backend.secrets, ['secret-value']);
  });
});

describe('without the kinds of ToolHive', () => {
  const labels = { 'vmcp.dev/group': 'team' };

  test('backends are the Services with the label of the group', async (t) => {
    const { discovery, told, pass } = start(t, (api) => {
      api.versions = [];
      api.put('services', 'plain', { metadata: { labels }, spec: { ports: [{ port: 8080 }] } });
      api.put('services', 'said', {
        metadata: {
          labels,
          annotations: {
            'vmcp.dev/path': 'tools/sse',
            'vmcp.dev/transport': 'sse',
            'vmcp.dev/port': 'web',
            'vmcp.dev/scheme': 'https',
          },
        },
        spec: {
          ports: [
            { name: 'web', port: 443 },
            { name: 'metrics', port: 9090 },
          ],
        },
      });
      api.put('services', 'others', { metadata: { labels: { 'vmcp.dev/group': 'others' } } });
      api.put('services', 'two', {
        metadata: { labels },
        spec: {
          ports: [
            { port: 1, name: 'a' },
            { port: 2, name: 'b' },
          ],
        },
      });
    });
    await pass(200);
    assert.deepEqual(
      told.at(-1)?.backends.map(({ entry }) => entry),
      [
        { name: 'plain', transport: 'streamable-http', url: 'http://plain.mcp.svc:8080/mcp' },
        { name: 'said', transport: 'sse', url: 'https://said.mcp.svc:443/tools/sse' },
      ],
    );
    assert.equal(discovery.status.source, 'services');
    assert.match(discovery.status.skipped[0]?.reason ?? '', /several ports or none \(a, b\)/);
  });

  test('an API server that is not there yet is asked until it answers, and not taken for one without ToolHive', async (t) => {
    const { api, discovery, told, pass } = start(t, (fake) => {
      fake.down = new Error('connect ECONNREFUSED');
      fake.put('mcpservers', 'a', server('a'));
    });
    await pass(10_000);
    assert.equal(discovery.isKnown, false);
    assert.deepEqual(discovery.status.problems, ['the API server: connect ECONNREFUSED']);
    api.down = undefined;
    await pass(3_000);
    assert.deepEqual(names(told.at(-1)), ['a']);
  });
});
