/** Puts together what checks the tokens of one provider. Loaded where the file has one: it brings `jose`. */
import { messageOf } from '../../../../lib/thrown.ts';
import { readFileSync } from 'node:fs';
import { holdsCertificate, trustedWith } from '../../../../lib/certificates.ts';
import type { Metrics } from '../../../../telemetry/kit/index.ts';
import type { OidcOptions } from '../../declaration.ts';
import { FeatureError, type FeatureHost } from '../../../feature.ts';
import type { TokenCheck } from '../credential/check.ts';
import { checkOidc } from './check-oidc.ts';
import { discover } from './discovery.ts';
import type { KeptProvider, KeptProviders } from './kept-providers.ts';
import { Provider } from './provider.ts';
import { createProviderHttp } from './provider-http.ts';

type Host = FeatureHost<Metrics>;

/**
 * Begins to fetch the provider's keys, unless that goes on already.
 * @throws FeatureError where a file or a secret that the options name is not there
 */
export function startOidc(
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
    throw new FeatureError(`incomingAuth.oidc.caBundlePath: ${messageOf(error)}`, { cause: error });
  }
  if (holdsCertificate(pem)) return trustedWith(pem);
  throw new FeatureError(
    `incomingAuth.oidc.caBundlePath: expected certificates as PEM in ${path}, found none`,
  );
}

/** ToolHive reads the second variable alone, whatever its file says: a name that leads nowhere is a fault where it matters. */
function secretOf({ clientSecretEnv, introspectionUrl }: OidcOptions, host: Host): string | undefined {
  const { environment } = host;
  const secret =
    (clientSecretEnv && environment[clientSecretEnv]) || environment['TOOLHIVE_OIDC_CLIENT_SECRET'];
  if (secret || clientSecretEnv === undefined) return secret || undefined;
  const message = `incomingAuth.oidc.clientSecretEnv: the environment variable ${clientSecretEnv} is not set`;
  if (introspectionUrl !== undefined) throw new FeatureError(message);
  host.log('warn', `${message}; tokens that are not JWTs are refused`);
  return undefined;
}
