/** Makes the authenticator of one configuration. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { anonymous, type Authenticator } from '../../../gateway/index.ts';
import { holdsCertificate, trustedWith } from '../../../lib/certificates.ts';
import type { Metrics } from '../../../telemetry/kit/index.ts';
import type { IncomingAuthOptions, OidcOptions } from '../declaration.ts';
import {
  FeatureError,
  type FeatureCode,
  type FeatureHost,
  type FeatureParts,
  type Site,
} from '../../feature.ts';
import { checkApiKeys } from './api-keys.ts';
import { authenticateByToken } from './authenticator.ts';
import type { TokenCheck } from './check.ts';
import { takeForLocalUser } from './local.ts';
import { checkOidc } from './oidc/check-oidc.ts';
import { discover } from './oidc/discovery.ts';
import { KeptProviders, type KeptProvider } from './oidc/kept-providers.ts';
import { Provider } from './oidc/provider.ts';
import { createProviderHttp } from './oidc/provider-http.ts';
import { metadataUrlOf, type ResourceTerms } from './resource.ts';
import { wellKnownRoutes } from './well-known.ts';

type Host = FeatureHost<Metrics>;

export const incomingAuthCode: FeatureCode<IncomingAuthOptions | undefined, Metrics, KeptProviders> = {
  keep: () => new KeptProviders(),
  prepare: (options, host, kept, site) => (options === undefined ? {} : prepare(options, host, kept, site)),
};

function prepare(options: IncomingAuthOptions, host: Host, kept: KeptProviders, site: Site): FeatureParts {
  const { types, statusRequiresAuth } = options;
  if (types.includes('anonymous')) {
    return { authenticator: takeAnyone(statusRequiresAuth), routes: wellKnownRoutes() };
  }
  if (types.includes('local')) {
    const authenticator = takeForLocalUser(userInfo().username, statusRequiresAuth);
    return { authenticator, routes: wellKnownRoutes() };
  }
  return prepareTokens(options, host, kept, site);
}

/** For a file that says so: everyone may call, and looks alike. */
function takeAnyone(statusRequiresAuth: boolean): Authenticator {
  return {
    statusRequiresAuth,
    authenticate: () => ({ principal: anonymous }),
    authenticateStdio: () => anonymous,
  };
}

function prepareTokens(
  options: IncomingAuthOptions,
  host: Host,
  kept: KeptProviders,
  site: Site,
): FeatureParts {
  const { types, statusRequiresAuth, requireScopes } = options;
  const apiKeys = types.includes('apiKeys') ? checkApiKeys(options.apiKeys, host.environment) : undefined;
  const oidc = types.includes('oidc') ? options.oidc : undefined;
  if (oidc === undefined) {
    const authenticator = authenticateByToken({
      apiKeys,
      requiredScopes: [],
      statusRequiresAuth,
      termsFor: () => ({ realm: 'vmcp', scopes: [] }),
    });
    return { authenticator, routes: wellKnownRoutes() };
  }
  const { audience, resource, issuer, scopes } = oidc;
  const resourceTerms: ResourceTerms = { audience, resource, site };
  const checked = startOidc(oidc, host, kept);
  const authenticator = authenticateByToken({
    apiKeys,
    oidc: checked.check,
    requiredScopes: requireScopes ? scopes : [],
    statusRequiresAuth,
    termsFor: (request) => ({
      realm: issuer,
      scopes,
      resourceMetadata: metadataUrlOf(resourceTerms, request),
    }),
  });
  return {
    authenticator,
    routes: wellKnownRoutes({ ...resourceTerms, issuer, scopes }),
    retire: async () => checked.release(),
  };
}

function startOidc(
  oidc: OidcOptions,
  host: Host,
  kept: KeptProviders,
): { readonly check: TokenCheck; readonly release: () => void } {
  const { issuer, audience, clientId, introspectionUrl } = oidc;
  const ca = readBundle(oidc.caBundlePath);
  const clientSecret = secretOf(oidc, host);
  const { provider, http, release } = kept.acquire(JSON.stringify([oidc, ca]), () =>
    makeProvider(oidc, ca, host),
  );
  const fetchJson = http.fetchJson.bind(http);
  const check = checkOidc({
    provider,
    fetchJson,
    issuer,
    audience,
    clientId,
    clientSecret,
    introspectionUrl,
  });
  return { check, release };
}

function makeProvider(oidc: OidcOptions, ca: readonly string[] | undefined, host: Host): KeptProvider {
  const { issuer, jwksUrl, protectedResourceAllowPrivateIp, jwksAllowPrivateIp, insecureAllowHttp } = oidc;
  const http = createProviderHttp({
    ca,
    allowPrivateAddresses: protectedResourceAllowPrivateIp || jwksAllowPrivateIp,
    allowHttp: insecureAllowHttp,
  });
  const provider = new Provider({
    issuer,
    locate: async () => (jwksUrl === undefined ? discover(issuer, http) : { jwksUrl }),
    fetchJson: (url) => http.fetchJson(url),
    log: (level, message) => host.log(level, `incomingAuth.oidc: ${message}`),
  });
  return { provider, http };
}

/** @throws FeatureError where the file cannot be read, or holds no certificate */
function readBundle(path: string | undefined): string[] | undefined {
  if (path === undefined) return undefined;
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FeatureError(`incomingAuth.oidc.caBundlePath: ${(error as Error).message}`, { cause: error });
  }
  if (holdsCertificate(pem)) return trustedWith(pem);
  throw new FeatureError(
    `incomingAuth.oidc.caBundlePath: expected certificates as PEM in ${path}, found none`,
  );
}

/** ToolHive reads the second variable alone, whatever its file says. */
function secretOf({ clientSecretEnv }: OidcOptions, { environment }: Host): string | undefined {
  if (clientSecretEnv === undefined) return environment['TOOLHIVE_OIDC_CLIENT_SECRET'] || undefined;
  const secret = environment[clientSecretEnv] || environment['TOOLHIVE_OIDC_CLIENT_SECRET'];
  if (secret) return secret;
  throw new FeatureError(
    `incomingAuth.oidc.clientSecretEnv: the environment variable ${clientSecretEnv} is not set`,
  );
}
