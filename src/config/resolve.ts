import { resolve } from 'node:path';
import type {
  BackendConfig,
  BaseConfig,
  ProxyConfig,
  SessionStorageConfig,
  StrategyConfig,
} from './schema/config.ts';
import type { FileSurroundings } from './file-view.ts';
import { compact } from './kit/parts.ts';
import { proxyOf } from './schema/proxy.ts';
import { valueAt } from './tree.ts';
import type {
  WrittenBackend,
  WrittenConfig,
  WrittenHttpBackend,
  WrittenLogin,
  WrittenOutgoingAuth,
  WrittenStrategy,
} from './schema/written.ts';

/**
 * Makes a Config of a sound file: paths become absolute, and each backend gets what other keys and the environment say of
 * it: its strategy and its proxy.
 */
export function resolveConfig<Config extends BaseConfig>(
  { outgoingAuth, ...written }: WrittenConfig<Config>,
  surroundings: FileSurroundings,
): Config {
  const { folder } = surroundings;
  const { caCertPath } = written.telemetry;
  return {
    ...written,
    ...(outgoingAuth?.source === 'discovered' && { discovery: { group: written.groupRef ?? '' } }),
    backends: (written.backends as readonly WrittenBackend[]).map((backend): BackendConfig =>
      backend.transport === 'stdio'
        ? { ...backend, cwd: resolve(folder, backend.cwd) }
        : resolveHttpBackend(
            backend,
            { outgoingAuth, name: written.name, publicUrl: written.publicUrl },
            surroundings,
          ),
    ),
    telemetry:
      caCertPath === undefined
        ? written.telemetry
        : { ...written.telemetry, caCertPath: resolve(folder, caCertPath) },
    sessionStorage: resolveSessionStorage(written.sessionStorage, folder),
  } as unknown as Config;
}

/** Makes the files at these paths absolute, and those in lists of files. `*` in a path stands for each item of a list. */
export function resolveFiles<Config extends object>(
  config: Config,
  files: readonly (readonly string[])[],
  { folder }: FileSurroundings,
): Config {
  const absolute = (value: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) {
      if (Array.isArray(value)) return value.map((each) => resolve(folder, String(each)));
      return typeof value === 'string' ? resolve(folder, value) : value;
    }
    if (step === '*') return Array.isArray(value) ? value.map((each) => absolute(each, rest)) : value;
    const inner = valueAt(value, [step]);
    return inner === undefined ? value : { ...(value as object), [step]: absolute(inner, rest) };
  };
  return files.reduce<Config>((whole, path) => absolute(whole, path) as Config, config);
}

function resolveSessionStorage(written: SessionStorageConfig, folder: string): SessionStorageConfig {
  if (written.provider === 'memory' || written.tls?.caCertPath === undefined) return written;
  return { ...written, tls: { caCertPath: resolve(folder, written.tls.caCertPath) } };
}

function resolveHttpBackend(
  { proxy: writtenProxy, caBundlePath, tls, oauth, ...backend }: WrittenHttpBackend,
  { outgoingAuth, name, publicUrl }: Whole,
  { environment, folder }: FileSurroundings,
): BackendConfig {
  const named = Object.entries(outgoingAuth?.backends ?? {}).find(([name]) => name === backend.name)?.[1];
  const strategy = named ?? outgoingAuth?.default ?? { type: 'unauthenticated' };
  const proxy =
    writtenProxy === undefined ? proxyOf(new URL(backend.url), environment) : proxyAsWritten(writtenProxy);
  return {
    ...backend,
    ...(caBundlePath !== undefined && { caBundlePath: resolve(folder, caBundlePath) }),
    ...(tls && { tls: { certFile: resolve(folder, tls.certFile), keyFile: resolve(folder, tls.keyFile) } }),
    ...(proxy && { proxy }),
    strategy:
      oauth === undefined
        ? resolveStrategy(strategy, { environment, folder })
        : resolveLogin(oauth, { name, publicUrl, environment }),
  };
}

/** What a backend is told that other keys of the file say. */
interface Whole {
  readonly outgoingAuth: WrittenOutgoingAuth | undefined;
  readonly name: string;
  readonly publicUrl: string | undefined;
}

function resolveLogin(
  { clientSecretEnv, ...oauth }: WrittenLogin,
  { name, publicUrl, environment }: Omit<Whole, 'outgoingAuth'> & Pick<FileSurroundings, 'environment'>,
): StrategyConfig {
  // An authorization server looks it up from outside.
  const own = publicUrl?.startsWith('https:') ? `${publicUrl}/oauth/client-metadata.json` : undefined;
  return compact({
    type: 'oauth' as const,
    server: name,
    ...oauth,
    clientMetadataUrl: oauth.clientMetadataUrl ?? own,
    clientSecret: clientSecretEnv === undefined ? undefined : environment[clientSecretEnv],
  });
}

function proxyAsWritten(written: string): ProxyConfig | undefined {
  return written === 'none' ? undefined : { url: written, from: 'proxy' };
}

function resolveStrategy(
  strategy: WrittenStrategy,
  { environment, folder }: FileSurroundings,
): StrategyConfig {
  if (strategy.type === 'unauthenticated') return strategy;
  switch (strategy.type) {
    case 'client_credentials': {
      const { clientSecretEnv, clientSecret, ...rest } = strategy.clientCredentials;
      return {
        type: strategy.type,
        ...rest,
        clientSecret: clientSecret ?? environment[clientSecretEnv ?? ''] ?? '',
      };
    }
    case 'token_exchange': {
      const { clientSecretEnv, clientSecret, ...rest } = strategy.tokenExchange;
      return compact({
        type: strategy.type,
        ...rest,
        clientSecret: clientSecret ?? environment[clientSecretEnv ?? ''],
      });
    }
    case 'xaa': {
      const { idpClientSecretEnv, targetClientSecretEnv, idpClientSecret, targetClientSecret, ...rest } =
        strategy.xaa;
      return compact({
        type: strategy.type,
        ...rest,
        idpClientSecret: idpClientSecret ?? environment[idpClientSecretEnv ?? ''],
        targetClientSecret: targetClientSecret ?? environment[targetClientSecretEnv ?? ''],
      });
    }
    case 'header_injection':
      return resolveInjection(strategy, { environment, folder });
  }
}

function resolveInjection(
  strategy: Extract<WrittenStrategy, { type: 'header_injection' }>,
  { environment, folder }: FileSurroundings,
): StrategyConfig {
  const { headerName, headerValue, headerValueEnv, headerValueFile } = strategy.headerInjection;
  const { type } = strategy;
  if (headerValueFile !== undefined)
    return { type, headerName, headerValueFile: resolve(folder, headerValueFile) };
  return { type, headerName, headerValue: headerValue ?? environment[headerValueEnv ?? ''] ?? '' };
}
