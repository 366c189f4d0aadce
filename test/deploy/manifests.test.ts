/** The manifests of kustomize, as they would be applied. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { ConfigMap, Container, PodSpec, Service, ServiceAccount } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { parse } from 'yaml';
import { configReader } from '../../src/server/config.ts';
import { yamlBlocks } from '../support/documents.ts';
import {
  kustomize,
  skipWithoutKubectl,
  skipWithoutOverlays,
  theOne,
  type Manifest,
} from '../support/manifests.ts';
import { restrictedBreaches } from '../support/pod-security.ts';

const root = join(import.meta.dirname, '../..');

interface PodMonitor {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

/** The module of kubernetes-types that knows a kind. */
const typesOf: Readonly<Record<string, string>> = {
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  NetworkPolicy: 'networking/v1',
  PodDisruptionBudget: 'policy/v1',
  Service: 'core/v1',
  ServiceAccount: 'core/v1',
};

describe('the manifests of one server', { skip: skipWithoutKubectl() }, () => {
  const manifests = kustomize('deploy/kustomize/vmcp');
  const deployment = theOne<Deployment>(manifests, 'Deployment');
  const { metadata, spec: pod } = deployment.spec!.template as {
    metadata: { labels: Record<string, string> };
    spec: PodSpec;
  };
  const container = pod.containers[0]!;

  test('have the fields that Kubernetes knows, with values of their types', () => {
    assert.deepEqual(faultsOfTypes(manifests), '');
    const wrong = structuredClone(deployment) as unknown as {
      spec: { template: { spec: { containers: object[] } } };
    };
    wrong.spec.template.spec.containers[0] = { ...container, readynessProbe: {} };
    assert.match(faultsOfTypes([wrong as unknown as Manifest]), /"readynessProbe"' does not exist/);
  });

  test('run under the restricted standard of pod security', () => {
    assert.deepEqual(restrictedBreaches(pod), []);
  });

  test('start the server as the operator of ToolHive does, and are probed where it answers', () => {
    assert.deepEqual(container.args, [
      'serve',
      '--config=/etc/vmcp-config/config.yaml',
      '--host=0.0.0.0',
      '--port=4483',
    ]);
    assert.deepEqual(container.ports, [{ name: 'http', containerPort: 4483 }]);
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    assert.deepEqual(
      probes.map((probe) => probe?.httpGet),
      ['/health', '/health', '/readyz'].map((path) => ({ path, port: 'http' })),
    );
  });

  test('give calls under way the time that the server gives them', () => {
    const pause = container.lifecycle?.preStop?.sleep?.seconds ?? NaN;
    assert.ok(pod.terminationGracePeriodSeconds! >= pause + 30, 'the server takes 30 s at most');
  });

  test('give the server no right and no token', () => {
    const account = theOne<ServiceAccount>(manifests, 'ServiceAccount');
    assert.equal(pod.serviceAccountName, account.metadata.name);
    assert.deepEqual(
      [pod.automountServiceAccountToken, account.automountServiceAccountToken],
      [false, false],
    );
    assert.deepEqual(
      manifests.filter(({ kind }) => /Role/.test(kind)),
      [],
    );
  });

  test('mount the configuration so that a change arrives, and under a name that stays', () => {
    const config = theOne<ConfigMap>(manifests, 'ConfigMap');
    assert.equal(config.metadata.name, 'vmcp-config');
    assert.deepEqual(mountOf(container, '/etc/vmcp-config'), {
      name: 'config',
      mountPath: '/etc/vmcp-config',
      readOnly: true,
    });
    assert.equal(pod.volumes?.find(({ name }) => name === 'config')?.configMap?.name, 'vmcp-config');
    const text = config.data?.['config.yaml'] ?? '';
    const loaded = configReader.parse(text, { file: '/etc/vmcp-config/config.yaml', environment: {} });
    assert.deepEqual(loaded.warnings, []);
    assert.equal(loaded.config.codeMode.enabled, true);
  });

  test('mount secrets as files that others cannot read, and need none', () => {
    const volume = pod.volumes?.find(({ name }) => name === mountOf(container, '/etc/vmcp-secrets')?.name);
    assert.deepEqual(volume?.secret, { secretName: 'vmcp-secrets', optional: true, defaultMode: 0o440 });
    assert.equal(pod.securityContext?.fsGroup, pod.securityContext?.runAsGroup);
    assert.equal(container.envFrom?.[0]?.secretRef?.optional, true);
  });

  test('select the same pods everywhere', () => {
    const policy = theOne<NetworkPolicy>(manifests, 'NetworkPolicy');
    const selectors = [
      deployment.spec?.selector.matchLabels,
      theOne<Service>(manifests, 'Service').spec?.selector,
      theOne<PodDisruptionBudget>(manifests, 'PodDisruptionBudget').spec?.selector?.matchLabels,
      policy.spec?.podSelector.matchLabels,
    ];
    for (const selector of selectors) {
      assert.deepEqual(selector, selectors[0]);
      assert.ok(Object.entries(selector ?? {}).every(([key, value]) => metadata.labels[key] === value));
    }
    const scaled = theOne<HorizontalPodAutoscaler>(manifests, 'HorizontalPodAutoscaler').spec?.scaleTargetRef;
    assert.deepEqual(scaled, { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.metadata.name });
    assert.equal(deployment.spec?.replicas, undefined, 'the autoscaler decides');
  });

  test('let in who may call, and out to anything but the addresses of a cloud’s credentials', () => {
    const { spec } = theOne<NetworkPolicy>(manifests, 'NetworkPolicy');
    assert.deepEqual(spec?.policyTypes, ['Ingress', 'Egress']);
    assert.deepEqual(
      spec?.ingress?.map(({ ports }) => ports),
      [[{ port: 'http', protocol: 'TCP' }]],
    );
    const everywhere = spec?.egress
      ?.flatMap(({ to }) => to ?? [])
      .find(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0');
    assert.deepEqual(everywhere?.ipBlock?.except, ['169.254.0.0/16']);
  });
});

describe('the overlay of docs/deploy/kubernetes.md', { skip: skipWithoutOverlays() }, () => {
  const [overlay = ''] = yamlBlocks('docs/deploy/kubernetes.md').filter((block) =>
    /kind: Kustomization/.test(block),
  );
  const [patches = ''] = yamlBlocks('docs/deploy/kubernetes.md').filter((block) =>
    block.startsWith('patches:'),
  );

  /** What comes of an overlay that lies somewhere else, with a configuration of its own. */
  function build(t: TestContext, text: string): Manifest[] {
    const folder = join(root, 'node_modules/.cache', `overlay-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'config.yaml'), 'name: mine\n');
    writeFileSync(join(folder, 'kustomization.yaml'), text.replace('../vmcp/deploy', '../../../deploy'));
    return kustomize(folder);
  }

  test('sets namespace, image and configuration', (t) => {
    const manifests = build(t, overlay);
    const deployment = theOne<Deployment>(manifests, 'Deployment');
    assert.equal(deployment.metadata.namespace, 'mcp');
    assert.equal(deployment.spec?.template.spec?.containers[0]?.image, 'registry.example.com/vmcp:0.1.0');
    const config = theOne<ConfigMap>(manifests, 'ConfigMap');
    assert.deepEqual([config.metadata.name, config.data], ['vmcp-config', { 'config.yaml': 'name: mine\n' }]);
  });

  test('takes the configuration from a Secret where it is told so', (t) => {
    const deployment = theOne<Deployment>(build(t, overlay + patches), 'Deployment');
    assert.deepEqual(deployment.spec?.template.spec?.volumes?.[0], {
      name: 'config',
      secret: { secretName: 'vmcp-config', defaultMode: 0o440 },
    });
  });
});

describe('the manifests of monitoring', { skip: skipWithoutKubectl() }, () => {
  const monitoring = kustomize('deploy/kustomize/monitoring');
  const monitor = theOne<PodMonitor>(monitoring, 'PodMonitor');

  test('scrape pods of a server in one way', () => {
    const kinds = [...monitoring, ...kustomize('deploy/kustomize/vmcp')].map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => /Monitor|ScrapeConfig|Probe/.test(kind)),
      ['PodMonitor'],
    );
    const template = theOne<Deployment>(kustomize('deploy/kustomize/vmcp'), 'Deployment').spec!.template;
    assert.deepEqual(template.metadata?.annotations ?? {}, {}, 'no annotation asks for a second scrape');
    assert.deepEqual(monitor.spec.selector.matchLabels, { app: 'virtualmcpserver' });
    assert.equal(template.metadata?.labels?.['app'], 'virtualmcpserver');
    const [endpoint, ...more] = monitor.spec.podMetricsEndpoints;
    assert.deepEqual(more, []);
    assert.ok(template.spec?.containers[0]?.ports?.some(({ name }) => name === endpoint?.port));
    assert.equal(endpoint?.path, '/metrics');
  });

  test('are those of docs/observability.md', () => {
    const blocks = yamlBlocks('docs/observability.md').filter((block) => /Monitor/.test(block));
    const documented = blocks.map((block) => parse(block) as PodMonitor & Manifest);
    assert.deepEqual(
      documented.map(({ kind, spec }) => ({ kind, spec })),
      [{ kind: 'PodMonitor', spec: monitor.spec }],
    );
  });

  test('hold every rule and the dashboard as they are in observability/', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/manifests.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
    const rules = theOne<{ spec: { groups: { name: string }[] } }>(monitoring, 'PrometheusRule');
    const names = rules.spec.groups.map(({ name }) => name);
    assert.ok(names.includes('code-mode') && names.includes('vmcp-alerts'), names.join(', '));
    const dashboard = theOne<ConfigMap>(monitoring, 'ConfigMap');
    assert.match(dashboard.data?.['code-mode.json'] ?? '', /Code mode adoption/);
    assert.equal(dashboard.metadata.labels?.['grafana_dashboard'], '1');
  });
});

describe('the check of the restricted standard', () => {
  const security = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const own = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  const container: Container = { name: 'c', securityContext: own };
  const sound: PodSpec = { securityContext: security, containers: [container] };
  const withOwn = (change: object): PodSpec => ({
    ...sound,
    containers: [{ ...container, securityContext: { ...own, ...change } }],
  });

  const cases: [breach: string, pod: PodSpec][] = [
    ['runAsNonRoot', { ...sound, securityContext: { seccompProfile: security.seccompProfile } }],
    ['seccompProfile', { ...sound, securityContext: { runAsNonRoot: true } }],
    ['seccompProfile', withOwn({ seccompProfile: { type: 'Unconfined' } })],
    ['runAsUser', withOwn({ runAsUser: 0 })],
    ['privileged', withOwn({ privileged: true })],
    ['allowPrivilegeEscalation', withOwn({ allowPrivilegeEscalation: true })],
    ['capabilities', withOwn({ capabilities: {} })],
    ['capabilities', withOwn({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } })],
    ['readOnlyRootFilesystem', withOwn({ readOnlyRootFilesystem: false })],
    ['hostNetwork', { ...sound, hostNetwork: true }],
    ['hostPath', { ...sound, volumes: [{ name: 'v', hostPath: { path: '/' } }] }],
    ['hostPort', { ...sound, containers: [{ ...container, ports: [{ containerPort: 1, hostPort: 1 }] }] }],
  ];
  for (const [breach, pod] of cases) {
    test(`finds ${breach}: ${JSON.stringify(pod).slice(0, 60)}…`, () => {
      assert.deepEqual(restrictedBreaches(sound), []);
      assert.deepEqual(restrictedBreaches(pod), [breach]);
    });
  }
});

function mountOf(container: Container, path: string): { readonly name: string } | undefined {
  return container.volumeMounts?.find(({ mountPath }) => mountPath === path);
}

/** What the compiler finds wrong with manifests as values of Kubernetes' own types; empty when nothing is. */
function faultsOfTypes(manifests: readonly Manifest[]): string {
  const folder = join(root, 'node_modules/.cache/manifests', String(process.pid));
  mkdirSync(folder, { recursive: true });
  try {
    const lines = manifests.map((manifest, index) => {
      const types = typesOf[manifest.kind];
      assert.ok(types !== undefined, `${manifest.kind} is a kind that this test knows`);
      return `export const m${index}: import('kubernetes-types/${types}.js').${manifest.kind} = ${JSON.stringify(manifest)};`;
    });
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, lines.join('\n'));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--types',
      '',
      '--module',
      'nodenext',
      '--ignoreConfig',
    ];
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, ...options, file], {
      encoding: 'utf8',
    });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
