/**
 * The Helm chart, rendered by Helm where it is installed. Elsewhere Go's templates with the functions of sprig stand in for
 * it (`helm/render.go`): Helm itself has not rendered the chart in this project's CI.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import { parse } from 'yaml';
import {
  kustomize,
  renderChart,
  skipWithoutKubectl,
  skipWithoutRenderer,
  theOne,
  type Manifest,
} from '../support/manifests.ts';

const root = join(import.meta.dirname, '../..');
const skip = skipWithoutKubectl() || skipWithoutRenderer();

describe('the chart with its own values', { skip }, () => {
  test('is what kustomize makes of one server', () => {
    const chart = renderChart();
    for (const manifest of kustomize('deploy/kustomize/vmcp')) {
      const rendered = theOne<object>(chart, manifest.kind);
      assert.deepEqual(comparable(rendered), comparable(manifest));
    }
    assert.equal(chart.length, kustomize('deploy/kustomize/vmcp').length);
  });

  test('with monitoring is what kustomize makes of both', () => {
    const chart = renderChart({ monitoring: { enabled: true, labels: { release: 'prometheus' } } });
    for (const { kind, metadata, ...rest } of kustomize('deploy/kustomize/monitoring')) {
      const rendered = chart.find(
        (manifest) => manifest.kind === kind && manifest.metadata.name === metadata.name,
      );
      assert.ok(rendered !== undefined, `the chart has the ${kind} ${metadata.name}`);
      const { metadata: its, ...found } = rendered;
      assert.deepEqual(found, { kind, ...rest });
      const [label, value] = kind === 'ConfigMap' ? ['grafana_dashboard', '1'] : ['release', 'prometheus'];
      assert.equal(its.labels?.[label], value);
    }
  });
});

describe('values of the chart', { skip }, () => {
  for (const mode of ['toolhive', 'services']) {
    test(`give the rights of kustomize's component for discovery by ${mode}, and the token`, () => {
      const chart = renderChart({ discovery: mode });
      const file = join(root, `deploy/kustomize/discovery-${mode}/role.yaml`);
      const { rules } = parse(readFileSync(file, 'utf8')) as { rules: unknown };
      assert.deepEqual(theOne<{ rules: unknown }>(chart, 'Role').rules, rules);
      const { spec } = theOne<Deployment>(chart, 'Deployment');
      assert.equal(spec?.template.spec?.automountServiceAccountToken, true);
    });
  }

  test('name the image, the hosts that are let in, and how many replicas there are without the autoscaler', () => {
    const chart = renderChart({
      image: { repository: 'registry.example.com/vmcp', tag: 'x' },
      allowedHosts: ['mcp.example.com'],
      autoscaling: { enabled: false },
      replicas: 3,
      imagePullSecrets: [{ name: 'pull' }],
      podAnnotations: { a: 'b' },
      nodeSelector: { disk: 'ssd' },
    });
    const { spec } = theOne<Deployment>(chart, 'Deployment');
    assert.equal(spec?.replicas, 3);
    assert.deepEqual(spec?.template.metadata?.annotations, { a: 'b' });
    const pod = spec?.template.spec;
    assert.equal(pod?.containers[0]?.image, 'registry.example.com/vmcp:x');
    assert.equal(pod?.containers[0]?.args?.at(-1), '--allowed-host=mcp.example.com');
    assert.deepEqual([pod?.imagePullSecrets, pod?.nodeSelector], [[{ name: 'pull' }], { disk: 'ssd' }]);
    assert.deepEqual(
      chart.filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
      [],
    );
  });

  test('leave the network open where they say so', () => {
    const kinds = renderChart({ networkPolicy: { enabled: false } }).map(({ kind }) => kind);
    assert.ok(!kinds.includes('NetworkPolicy'));
  });
});

/** A manifest with the configuration in it read, since the order of keys and the comments of a file are no difference. */
function comparable(manifest: Manifest): unknown {
  if (manifest.kind !== 'ConfigMap') return manifest;
  const { data } = manifest as Manifest & ConfigMap;
  return { ...manifest, data: parse(data?.['config.yaml'] ?? '') as unknown };
}
