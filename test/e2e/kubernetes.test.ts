/** Discovery against a real API server: `vmcp serve` as a pod would start it, with the rights of deploy/ and no others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { skipWithoutControlPlane, startControlPlane, type ControlPlane } from '../support/control-plane.ts';
import { startProtectedBackend } from '../support/protected-backend.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { modernRequest, post } from '../support/raw-mcp.ts';
import { repositoryRoot, startVmcp, type Vmcp, type VmcpStatus } from '../support/vmcp.ts';

interface Role {
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface DiscoveryStatus {
  readonly state: string;
  readonly source?: string;
  readonly problems: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

function roleOf(mode: 'toolhive' | 'services'): Role {
  const file = join(repositoryRoot, `deploy/kustomize/discovery-${mode}/role.yaml`);
  return parse(readFileSync(file, 'utf8')) as Role;
}

/** Each right of a role by itself. */
function rightsOf({ rules }: Role): Rule[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({ apiGroups, resources: [resource], verbs: [verb] })),
    ),
  );
}

const nameOfRight = ({ resources, verbs }: Rule) => `${verbs[0]} ${resources[0]}`;
const discoveryOf = (status: VmcpStatus) => status['discovery'] as DiscoveryStatus;
const base64 = (text: string) => Buffer.from(text).toString('base64');

const skip = skipWithoutControlPlane();

describe('a group in Kubernetes', { skip, timeout: 300_000 }, () => {
  let plane: ControlPlane;
  let open: ControlledBackend;
  let namespaces = 0;

  before(async () => {
    [plane, open] = await Promise.all([startControlPlane(), startControlledBackend()]);
  });
  after(async () => {
    plane?.close();
    await open?.close();
  });

  interface Namespace {
    readonly name: string;
    readonly account: string;
    /** Creates an object of ToolHive's, and writes its status as the operator would. */
    create(plural: string, name: string, spec: object, status?: object): Promise<void>;
    remove(plural: string, name: string): Promise<void>;
    secret(name: string, data: Readonly<Record<string, string>>): Promise<void>;
    allow(rules: readonly Rule[]): Promise<void>;
    /** As the operator does; `configuration` goes over what it renders. */
    serve(t: TestContext, configuration?: object): Promise<Vmcp>;
  }

  async function makeNamespace(rules: readonly Rule[]): Promise<Namespace> {
    const name = `mcp-${++namespaces}`;
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name } });
    const account = await plane.serviceAccount(name, 'vmcp');
    const kinds = `/apis/toolhive.stacklok.dev/v1beta1/namespaces/${name}`;
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}`;
    const kindOf: Readonly<Record<string, string>> = {
      mcpservers: 'MCPServer',
      mcpremoteproxies: 'MCPRemoteProxy',
      mcpserverentries: 'MCPServerEntry',
      mcpexternalauthconfigs: 'MCPExternalAuthConfig',
    };
    const made: Namespace = {
      name,
      account,
      create: async (plural, object, spec, status) => {
        const head = { apiVersion: 'toolhive.stacklok.dev/v1beta1', kind: kindOf[plural] };
        await plane.ask('POST', `${kinds}/${plural}`, { ...head, metadata: { name: object }, spec });
        if (status !== undefined)
          await plane.ask(
            'PATCH',
            `${kinds}/${plural}/${object}/status`,
            { status },
            'application/merge-patch+json',
          );
      },
      remove: async (plural, object) => void (await plane.ask('DELETE', `${kinds}/${plural}/${object}`)),
      secret: async (object, data) => {
        const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)]));
        await plane.ask('POST', `/api/v1/namespaces/${name}/secrets`, {
          metadata: { name: object },
          data: encoded,
        });
      },
      allow: async (allowed) => {
        await plane.ask('PUT', `${rbac}/roles/vmcp`, { metadata: { name: 'vmcp' }, rules: allowed });
      },
      serve: async (t, more = {}) => {
        const configuration = {
          name: 'team-vmcp',
          groupRef: 'team',
          incomingAuth: { type: 'anonymous' },
          outgoingAuth: { source: 'discovered' },
          operational: { failureHandling: { healthCheckInterval: '1s', healthCheckTimeout: '500ms' } },
          ...more,
        };
        const vmcp = await startVmcp(configuration, {
          args: ['--host=0.0.0.0'],
          env: {
            THV_SESSION_REDIS_PASSWORD: 'not-needed',
            KUBERNETES_SERVICE_HOST: '127.0.0.1',
            KUBERNETES_SERVICE_PORT: String(plane.port),
            VMCP_SERVICE_ACCOUNT_DIR: account,
            VMCP_NAME: 'team-vmcp',
            VMCP_NAMESPACE: name,
          },
        });
        t.after(() => vmcp.stop());
        return vmcp;
      },
    };
    await plane.ask('POST', `${rbac}/roles`, { metadata: { name: 'vmcp' }, rules });
    await plane.ask('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'vmcp' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'vmcp' },
      subjects: [{ kind: 'ServiceAccount', name: 'vmcp', namespace: name }],
    });
    return made;
  }

  const ofGroup = { groupRef: { name: 'team' }, transport: 'streamable-http' };
  const addServer = (space: Namespace, name: string, url = open.url) =>
    space.create('mcpservers', name, { ...ofGroup, image: 'x' }, { phase: 'Ready', url });

  /** One backend of each kind, each of which needs rights of its own. */
  async function fill(space: Namespace): Promise<void> {
    await space.secret('key', { value: 'first-secret' });
    await plane.ask('POST', `/api/v1/namespaces/${space.name}/configmaps`, {
      metadata: { name: 'ca' },
      data: { 'ca.crt': readFileSync(join(space.account, 'ca.crt'), 'utf8') },
    });
    await space.create('mcpexternalauthconfigs', 'key', {
      type: 'headerInjection',
      headerInjection: { headerName: 'X-Key', valueSecretRef: { name: 'key', key: 'value' } },
    });
    await addServer(space, 'server');
    await space.create(
      'mcpremoteproxies',
      'proxy',
      { ...ofGroup, remoteUrl: 'https://example.com', externalAuthConfigRef: { name: 'key' } },
      { phase: 'Ready', url: open.url },
    );
    await space.create(
      'mcpserverentries',
      'entry',
      {
        ...ofGroup,
        remoteUrl: open.url,
        caBundleRef: { configMapRef: { name: 'ca', key: 'ca.crt' } },
      },
      { phase: 'Valid' },
    );
  }

  const names = ({ backends }: VmcpStatus) => backends.map(({ name }) => name).toSorted();
  const hasAll =
    (...expected: string[]) =>
    (status: VmcpStatus) =>
      JSON.stringify(names(status)) === JSON.stringify(expected) &&
      status.backends.every(({ health }) => health === 'healthy');

  async function toolNames(vmcp: Vmcp): Promise<string[]> {
    const { body, headers } = modernRequest('tools/list', {});
    const answer = (await post(vmcp.mcpUrl, body, headers)).messages.at(-1) as {
      result: { tools: { name: string }[] };
    };
    return answer.result.tools.map(({ name }) => name);
  }

  describe('without the kinds of ToolHive', () => {
    const labels = { 'vmcp.dev/group': 'team' };
    const addService = async (space: Namespace): Promise<void> => {
      const spec = { ports: [{ port: 8080 }] };
      await plane.ask('POST', `/api/v1/namespaces/${space.name}/services`, {
        metadata: { name: 'tools', labels },
        spec,
      });
    };

    test('is the Services with its label, with exactly the rights of deploy/', async (t) => {
      const space = await makeNamespace(roleOf('services').rules);
      const vmcp = await space.serve(t);
      await eventually(async () => assert.equal((await vmcp.get('/readyz')).status, 200));
      await addService(space);
      // Nothing answers by that name here.
      const status = await vmcp.status((now) => names(now).includes('tools'));
      assert.equal(discoveryOf(status).source, 'services');
      assert.deepEqual(discoveryOf(status).problems, []);
    });

    for (const taken of rightsOf(roleOf('services'))) {
      test(`without the right to ${nameOfRight(taken)} no backend is found, and /status names it`, async (t) => {
        const rights = rightsOf(roleOf('services')).filter(
          (right) => nameOfRight(right) !== nameOfRight(taken),
        );
        const space = await makeNamespace(rights);
        await addService(space);
        const vmcp = await space.serve(t);
        const told = `cannot ${taken.verbs[0]} resource "services"`;
        const status = await vmcp.status((now) => discoveryOf(now).problems.join('\n').includes(told));
        assert.deepEqual(names(status), []);
      });
    }
  });

  describe('with the kinds of ToolHive', () => {
    before(() => plane.installKinds());

    test('is served with exactly the rights of deploy/, and the gauge has the name of the resource', async (t) => {
      const space = await makeNamespace(roleOf('toolhive').rules);
      await fill(space);
      const vmcp = await space.serve(t);
      const status = await vmcp.status(hasAll('entry', 'proxy', 'server'));
      assert.deepEqual(discoveryOf(status).problems, []);
      assert.equal(discoveryOf(status).source, 'toolhive');
      assert.equal((await vmcp.get('/readyz')).status, 200);
      const gauge = (await vmcp.metrics()).find(({ name }) => name === 'toolhive_vmcp_code_mode_enabled');
      assert.equal(gauge?.labels['vmcp_server_name'], 'team-vmcp');
    });

    for (const taken of rightsOf(roleOf('toolhive'))) {
      test(`without the right to ${nameOfRight(taken)} what needs it is not served, and /status names it`, async (t) => {
        const rest = rightsOf(roleOf('toolhive')).filter(
          (right) => nameOfRight(right) !== nameOfRight(taken),
        );
        const space = await makeNamespace(rest);
        await fill(space);
        const vmcp = await space.serve(t);
        const needs: Readonly<Record<string, string>> = {
          mcpservers: 'server',
          mcpremoteproxies: 'proxy',
          mcpserverentries: 'entry',
          mcpexternalauthconfigs: 'proxy',
          secrets: 'proxy',
          configmaps: 'entry',
        };
        const missing = needs[taken.resources[0] ?? ''] ?? '';
        const served = ['entry', 'proxy', 'server'].filter((name) => name !== missing);
        const status = await vmcp.status((now) => hasAll(...served)(now) && isTold(now));
        assert.ok(isTold(status));

        function isTold(now: VmcpStatus): boolean {
          const { problems, skipped } = discoveryOf(now);
          const said = [...problems, ...skipped.map(({ reason }) => reason)].join('\n');
          return said.includes(`cannot ${taken.verbs[0]} resource "${taken.resources[0]}"`);
        }
      });
    }

    test('gains and loses a backend within 2 s, and a running call of another goes on', async (t) => {
      const space = await makeNamespace(roleOf('toolhive').rules);
      await addServer(space, 'first');
      const vmcp = await space.serve(t);
      await vmcp.status(hasAll('first'));
      const key = `kube-${space.name}`;
      const call = modernRequest('tools/call', { name: 'first_hold', arguments: { key } });
      const running = post(vmcp.mcpUrl, call.body, call.headers);
      const held = await open.held(key);

      const began = performance.now();
      await addServer(space, 'second');
      await eventually(async () => assert.ok((await toolNames(vmcp)).includes('second_ok')));
      const gainedMs = performance.now() - began;
      await space.remove('mcpservers', 'second');
      await eventually(async () => assert.ok(!(await toolNames(vmcp)).includes('second_ok')));
      t.diagnostic(`a tool of the new backend was listed after ${Math.round(gainedMs)} ms`);
      assert.ok(gainedMs < 2_000, `${gainedMs} ms`);
      held.release();
      const { result } = (await running).messages.at(-1) as { result?: { isError?: boolean } };
      assert.ok(result !== undefined && result.isError !== true);
    });

    test('has a rotated Secret as soon as its backend answers 401', async (t) => {
      let valid = 'first-token-value';
      const guarded = await startProtectedBackend({
        subjectOf: (token) => (token === valid ? 'vmcp' : undefined),
      });
      t.after(() => guarded.close());
      const space = await makeNamespace(roleOf('toolhive').rules);
      await space.secret('token', { value: valid });
      await space.create('mcpexternalauthconfigs', 'token', {
        type: 'bearerToken',
        bearerToken: { tokenSecretRef: { name: 'token', key: 'value' } },
      });
      const spec = { ...ofGroup, image: 'x', externalAuthConfigRef: { name: 'token' } };
      await space.create('mcpservers', 'guarded', spec, { phase: 'Ready', url: guarded.url });
      const vmcp = await space.serve(t);
      await vmcp.status(hasAll('guarded'));

      valid = 'second-token-value';
      const path = `/api/v1/namespaces/${space.name}/secrets/token`;
      const began = performance.now();
      await plane.ask('PATCH', path, { data: { value: base64(valid) } }, 'application/merge-patch+json');
      await eventually(() => assert.ok(guarded.tokens.includes(valid)), 30_000);
      await vmcp.status(hasAll('guarded'));
      t.diagnostic(`the new token was sent after ${Math.round(performance.now() - began)} ms`);
      assert.ok(!vmcp.log().includes('token-value'), 'the log has no token');
    });

    test('is ready where it is empty, and not before it is known', async (t) => {
      const space = await makeNamespace(roleOf('toolhive').rules);
      const vmcp = await space.serve(t);
      await eventually(async () => assert.equal((await vmcp.get('/readyz')).status, 200));
      assert.deepEqual(names(await vmcp.status()), []);
    });

    test('is served on while the API server is gone, which /status says, and followed once it is back', async (t) => {
      const space = await makeNamespace(roleOf('toolhive').rules);
      await addServer(space, 'first');
      const vmcp = await space.serve(t);
      await vmcp.status(hasAll('first'));
      await plane.stop();
      const status = await vmcp.status((now) => discoveryOf(now).state === 'stale');
      assert.match(discoveryOf(status).problems.join('\n'), /^mcp\w+: /m);
      assert.ok((await toolNames(vmcp)).includes('first_ok'));
      assert.equal((await vmcp.get('/readyz')).status, 200);
      await plane.start();
      await addServer(space, 'second');
      await vmcp.status(hasAll('first', 'second'));
      await vmcp.status((now) => discoveryOf(now).state === 'watching');
    });
  });
});
