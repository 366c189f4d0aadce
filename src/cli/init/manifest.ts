/** Turns what is applied to a cluster for ToolHive's operator into a configuration that is served without one. */
import { ConfigError, type BackendEntry } from '../../config/index.ts';
import { configReader } from '../../server/index.ts';
import type { Conversion } from './convert.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The `VirtualMCPServer` among the documents of a manifest; undefined where there is none. */
export function findManifest(documents: readonly unknown[]): Tree | undefined {
  return documents.find((each): each is Tree => isTree(each) && each['kind'] === 'VirtualMCPServer');
}

/**
 * A configuration made from a `VirtualMCPServer`. Remote servers that the same file declares become backends; what runs in
 * the cluster has no address outside it, and is named.
 */
export function convertManifest(manifest: Tree, documents: readonly unknown[]): Conversion {
  const spec = isTree(manifest['spec']) ? manifest['spec'] : {};
  const config = isTree(spec['config']) ? spec['config'] : {};
  const name = textAt(manifest, 'metadata', 'name') ?? textAt(config, 'name') ?? 'my-vmcp';
  const group = textAt(spec, 'groupRef', 'name') ?? textAt(config, 'groupRef') ?? textAt(config, 'group');
  const notes: string[] = [];
  const remote = remoteServers(documents);
  const backends = Array.isArray(config['backends']) ? (config['backends'] as BackendEntry[]) : remote;
  if (backends.length === 0) {
    const of = group === undefined ? '' : ` of the group ${group}`;
    notes.push(`the servers${of} run in the cluster: list them under "backends", each with its URL`);
  }
  for (const server of clusterServers(documents))
    notes.push(`left out: ${server} has no address outside the cluster`);
  const settings = carriedSettings(config, notes);
  if (isTree(spec['incomingAuth']) && spec['incomingAuth']['type'] === 'anonymous')
    settings['incomingAuth'] = { type: 'anonymous' };
  for (const key of Object.keys(spec).filter((each) => !ofTheOperator.has(each))) {
    if (!(key in settings))
      notes.push(`left out: spec.${key}, which the operator reads; write it anew where it is needed`);
  }
  return {
    config: {
      name,
      backends,
      notes: new Map(),
      settings: { ...(group !== undefined && { groupRef: group }), ...settings },
    },
    variables: [],
    notes,
  };
}

/** Keys of a spec that say how it runs in the cluster, and nothing of what it serves. */
const ofTheOperator: ReadonlySet<string> = new Set([
  'config',
  'groupRef',
  'imagePullSecrets',
  'podTemplateSpec',
  'replicas',
  'serviceAccount',
  'serviceType',
  'sessionAffinity',
]);

/** Names of a configuration that have a place of their own in what is written. */
const elsewhere: ReadonlySet<string> = new Set(['name', 'backends', 'group', 'groupRef']);

/** The keys of `spec.config` that can be served here; the reasons of the others go to the notes. */
function carriedSettings(config: Tree, notes: string[]): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (elsewhere.has(key)) continue;
    const fault = faultOf(key, value);
    if (fault === undefined) settings[key] = value;
    else notes.push(`left out: ${key}: ${fault}`);
  }
  return settings;
}

/** Why a key cannot be served, as a configuration that had it would say. */
function faultOf(key: string, value: unknown): string | undefined {
  const backends = [{ name: 'x', transport: 'streamable-http', url: 'http://localhost/mcp' }];
  const text = JSON.stringify({ name: 'x', backends, [key]: value });
  try {
    configReader.parse(text, { file: '', environment: {} });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.find(({ severity }) => severity === 'error')?.message;
  }
}

/** Servers that are reached by a URL of their own. */
function remoteServers(documents: readonly unknown[]): BackendEntry[] {
  return documents.flatMap((document) => {
    const url = textAt(document, 'spec', 'remoteUrl') ?? textAt(document, 'spec', 'remoteURL');
    const name = textAt(document, 'metadata', 'name');
    if (url === undefined || name === undefined) return [];
    const transport = textAt(document, 'spec', 'transport') === 'sse' ? 'sse' : 'streamable-http';
    return [{ name, transport, url }];
  });
}

function clusterServers(documents: readonly unknown[]): string[] {
  return documents.flatMap((document) => {
    const name = textAt(document, 'metadata', 'name');
    return isTree(document) && document['kind'] === 'MCPServer' && name !== undefined
      ? [`the MCPServer ${name}`]
      : [];
  });
}

function textAt(root: unknown, ...path: readonly string[]): string | undefined {
  const value = path.reduce<unknown>((tree, key) => (isTree(tree) ? tree[key] : undefined), root);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
