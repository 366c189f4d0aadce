/** ToolHive's MCPServer, MCPRemoteProxy and MCPServerEntry as backends. */
import type { ApiObject } from './api.ts';
import { Skip, type FoundBackend, type Lookup } from './candidate.ts';
import { secretAt, strategyOf } from './external-auth.ts';
import { fieldOf, listAt, present, textAt, textsAt } from './read-object.ts';

export const toolhiveGroup = 'toolhive.stacklok.dev';
/** Best first. Both have the same fields. */
export const toolhiveVersions = ['v1beta1', 'v1alpha1'] as const;

/** Kinds of backends by their plural names; where two objects have one name, the first kind wins. */
export const backendKinds = {
  mcpservers: 'MCPServer',
  mcpremoteproxies: 'MCPRemoteProxy',
  mcpserverentries: 'MCPServerEntry',
} as const;
export type BackendPlural = keyof typeof backendKinds;

export const authConfigPlural = 'mcpexternalauthconfigs';

/** Whether an object is of the group. Objects of the first versions name it as a text. */
export function isOfGroup({ metadata, spec }: ApiObject, group: string): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  return textAt(spec, 'groupRef', 'name') === group || textAt(spec, 'groupRef') === group;
}

/**
 * @param authConfigs the MCPExternalAuthConfigs of the namespace, by name
 * @throws Skip where the object is no backend yet
 */
export function toolhiveBackend(
  plural: BackendPlural,
  object: ApiObject,
  authConfigs: ReadonlyMap<string, ApiObject>,
  lookup: Lookup,
): FoundBackend {
  const name = object.metadata?.name ?? '';
  const { url, transport } = addressOf(plural, object);
  const isEntry = plural === 'mcpserverentries';
  const headers = isEntry ? forwardedHeaders(object.spec, lookup) : {};
  const caBundle = isEntry ? caBundleOf(object.spec, lookup) : undefined;
  const strategy = strategyFor(object.spec, authConfigs, lookup);
  return {
    name,
    kind: backendKinds[plural],
    entry: present({ name, transport, url, type: isEntry ? 'entry' : undefined, headers }),
    ...(strategy && { strategy }),
    ...(caBundle !== undefined && { caBundle }),
    secrets: lookup.secrets,
  };
}

function addressOf(plural: BackendPlural, { spec, status }: ApiObject): { url: string; transport: string } {
  const transport = textAt(spec, 'transport');
  const phase = textAt(status, 'phase');
  if (plural === 'mcpserverentries') {
    if (phase !== 'Valid') throw new Skip(`its phase is ${phase ?? 'not set yet'}, and "Valid" is expected`);
    return {
      url: withoutFragment(textAt(spec, 'remoteUrl') ?? ''),
      transport: transport ?? 'streamable-http',
    };
  }
  const url = textAt(status, 'url');
  if (url === undefined) throw new Skip(`it has no status.url yet; its phase is ${phase ?? 'not set yet'}`);
  // `proxyMode` has a default, and counts where the server itself speaks stdio alone.
  const viaProxy = plural === 'mcpservers' && (transport === undefined || transport === 'stdio');
  const spoken = viaProxy ? textAt(spec, 'proxyMode') : transport;
  return { url: withoutFragment(url), transport: spoken ?? 'streamable-http' };
}

/** ToolHive names the container behind `#`. */
function withoutFragment(url: string): string {
  return url.replace(/#.*/s, '');
}

function strategyFor(
  spec: unknown,
  authConfigs: ReadonlyMap<string, ApiObject>,
  lookup: Lookup,
): object | undefined {
  const name = textAt(spec, 'externalAuthConfigRef', 'name');
  if (name === undefined) return undefined;
  const config = authConfigs.get(name);
  if (config === undefined) throw new Skip(`there is no MCPExternalAuthConfig "${name}" to read`);
  return strategyOf(config.spec, lookup);
}

function forwardedHeaders(spec: unknown, lookup: Lookup): Record<string, string> {
  const fromSecrets = listAt(spec, 'headerForward', 'addHeadersFromSecret').flatMap((each) => {
    const name = textAt(each, 'headerName');
    const value = secretAt(fieldOf(each, 'valueSecretRef'), lookup);
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([...textsAt(spec, 'headerForward', 'addPlaintextHeaders'), ...fromSecrets]);
}

function caBundleOf(spec: unknown, lookup: Lookup): string | undefined {
  const name = textAt(spec, 'caBundleRef', 'configMapRef', 'name');
  if (name === undefined) return undefined;
  return lookup.configMap(name, textAt(spec, 'caBundleRef', 'configMapRef', 'key') ?? 'ca.crt');
}
