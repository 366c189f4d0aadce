/** Manifests as `kubectl kustomize` and the chart make them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { skipWithout } from './counterpart.ts';

const root = join(import.meta.dirname, '../..');

/** Any object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** What a folder comes to; its path from the root of the repository. */
export function kustomize(folder: string): Manifest[] {
  return read(execFileSync('kubectl', ['kustomize', folder], { cwd: root, encoding: 'utf8' }));
}

/** Why there is no `kubectl` here, or false. */
export function skipWithoutKubectl(): string | false {
  return skipWithout('kubectl', 'kubernetes-client');
}

/** Why overlays cannot be tried here, or false. Also in CI: Debian's kubectl, 1.20, knows none in their present form. */
export function skipWithoutOverlays(): string | false {
  const missing = skipWithoutKubectl();
  if (missing !== false) return missing;
  const told = execFileSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' });
  const { clientVersion } = JSON.parse(told) as { clientVersion: { minor: string } };
  if (parseInt(clientVersion.minor) >= 21) return false;
  const message = `kubectl 1.${clientVersion.minor} makes nothing of overlays; 1.21 does`;
  process.stderr.write(`SKIPPED: ${message}\n`);
  return message;
}

/** Why the chart cannot be rendered here, or false: by Helm, or by Go with the parts that Helm itself is made of. */
export function skipWithoutRenderer(): string | false {
  const libraries = 'golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev';
  return spawnSync('helm', ['version']).status === 0 ? false : skipWithout('go', `golang-go ${libraries}`);
}

/** What the chart comes to for a release called `vmcp`. */
export function renderChart(values: object = {}): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-chart-'));
  try {
    const file = join(folder, 'values.yaml');
    writeFileSync(file, JSON.stringify(values));
    const isHelm = spawnSync('helm', ['version']).status === 0;
    const [command = '', ...args] = isHelm
      ? ['helm', 'template', 'vmcp', 'deploy/helm/vmcp', '--values', file]
      : ['go', 'run', 'test/deploy/helm/render.go', 'deploy/helm/vmcp', 'vmcp', file];
    // Debian's packages of Go's libraries lie there, in the form of before modules.
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
    return read(execFileSync(command, args, { cwd: root, env, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one object of that kind. @throws Error when there is none, or more than one */
export function theOne<T>(manifests: readonly Manifest[], kind: string): Manifest & T {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  if (found.length === 1) return found[0] as Manifest & T;
  throw new Error(`expected one ${kind}, found ${found.length}`);
}

function read(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
