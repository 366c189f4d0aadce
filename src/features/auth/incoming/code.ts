/** Makes the authenticator of one configuration. */
import { userInfo } from 'node:os';
import { anonymous, type AuthenticationRefusal, type Authenticator } from '../../../gateway/index.ts';
import type { Metrics } from '../../../telemetry/kit/index.ts';
import type { IncomingAuthOptions } from '../declaration.ts';
import { type FeatureCode, type FeatureHost, type FeatureParts, type Site } from '../../feature.ts';
import { checkApiKeys } from './api-keys.ts';
import { authenticateByToken } from './authenticator.ts';
import { takeForLocalUser } from './local.ts';
import { KeptProviders } from './oidc/kept-providers.ts';
import { metadataUrlOf, type ResourceTerms } from './resource.ts';
import { wellKnownRoutes } from './well-known.ts';

type Host = FeatureHost<Metrics>;

export const incomingAuthCode: FeatureCode<IncomingAuthOptions | undefined, Metrics, KeptProviders> = {
  keep: () => new KeptProviders(),
  prepare: (options, host, kept, site) => (options === undefined ? {} : prepare(options, host, kept, site)),
};

function prepare(
  options: IncomingAuthOptions,
  host: Host,
  kept: KeptProviders,
  site: Site,
): FeatureParts | Promise<FeatureParts> {
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

function logRefusals({ log }: Host): (refusal: AuthenticationRefusal) => void {
  return ({ status, message }) => log('debug', `incomingAuth refused a request: ${message}`, { status });
}

async function prepareTokens(
  options: IncomingAuthOptions,
  host: Host,
  kept: KeptProviders,
  site: Site,
): Promise<FeatureParts> {
  const { types, statusRequiresAuth, requireScopes } = options;
  const apiKeys = types.includes('apiKeys') ? checkApiKeys(options.apiKeys, host.environment) : undefined;
  const oidc = types.includes('oidc') ? options.oidc : undefined;
  if (oidc === undefined) {
    const authenticator = authenticateByToken({
      apiKeys,
      requiredScopes: [],
      statusRequiresAuth,
      onRefused: logRefusals(host),
      termsFor: () => ({ realm: 'vmcp', scopes: [] }),
    });
    return { authenticator, routes: wellKnownRoutes() };
  }
  const { audience, resource, issuer, scopes } = oidc;
  const resourceTerms: ResourceTerms = { audience, resource, site };
  const { startOidc } = await import('./oidc/start-oidc.ts');
  const checked = startOidc(oidc, host, kept);
  const authenticator = authenticateByToken({
    apiKeys,
    oidc: checked.check,
    requiredScopes: requireScopes ? scopes : [],
    statusRequiresAuth,
    onRefused: logRefusals(host),
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
