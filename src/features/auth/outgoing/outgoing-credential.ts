import { CredentialError, type CredentialHeaders, type OutgoingCredential } from '../../../gateway/index.ts';
import { SecretKeyError } from '../../../storage/index.ts';
import { createExchangedCredential } from './exchange/exchanged-credential.ts';
import type { ExchangeOptions } from './exchange/grants.ts';
import { createHeaderFile } from './header-file.ts';
import { createGuardedFetch, wallsFor } from './oauth/guarded-fetch.ts';
import { createLoginCredential } from './oauth/login-credential.ts';
import type { OAuthOptions } from './oauth/login.ts';
import { openLogins } from './oauth/stored-login.ts';

/** How one backend is told who calls. */
export type StrategyOptions =
  | { readonly type: 'unauthenticated' }
  | {
      readonly type: 'header_injection';
      /** Lower-case. */
      readonly headerName: string;
      /** The value itself; absent where `headerValueFile` holds it. */
      readonly headerValue?: string;
      /** Absolute path of the file that holds the value. */
      readonly headerValueFile?: string;
    }
  | ExchangeOptions
  | LoginOptions;

/** A token that somebody logged in for. */
export interface LoginOptions extends OAuthOptions {
  readonly type: 'oauth';
  /** The `name` of the configuration. */
  readonly server: string;
  /** Whether what the backend names may have an address of a private network. */
  readonly allowPrivateIp: boolean;
}

export interface OutgoingOptions {
  /** The name of the backend. */
  readonly backend: string;
  readonly url: URL;
  /** Where the key of logins is, and their file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sent with every request, by lower-case name. A strategy's header of the same name wins. */
  readonly headers: CredentialHeaders;
  readonly strategy: StrategyOptions;
  /**
   * Told of what must not be shown, before it is sent for the first time, where the configuration does not hold it.
   * @param source the same for what replaces it
   */
  onSecrets(source: string, secrets: readonly string[]): void;
}

/** What identifies the gateway to one backend; undefined when nothing does. */
export function createOutgoingCredential(options: OutgoingOptions): OutgoingCredential | undefined {
  const { backend, headers, strategy, onSecrets } = options;
  if (strategy.type === 'unauthenticated')
    return Object.keys(headers).length === 0 ? undefined : constant(headers);
  if (strategy.type === 'oauth') return createLogin(options, strategy);
  if (strategy.type !== 'header_injection')
    return createExchangedCredential({ backend, headers, strategy, onSecrets });
  const { headerName, headerValue, headerValueFile } = strategy;
  if (headerValueFile === undefined) return constant({ ...headers, [headerName]: headerValue ?? '' });
  const file = createHeaderFile({ path: headerValueFile, onSecrets });
  return { headersFor: () => ({ ...headers, [headerName]: file.value() }) };
}

function constant(headers: CredentialHeaders): OutgoingCredential {
  const frozen = Object.freeze({ ...headers });
  return { headersFor: () => frozen };
}

function createLogin(
  { backend, url, headers, environment, onSecrets }: OutgoingOptions,
  { server, allowPrivateIp }: LoginOptions,
): OutgoingCredential {
  const fetch = createGuardedFetch(wallsFor(url, allowPrivateIp));
  const common = { server, backend, url, headers, fetch, onSecrets };
  try {
    return createLoginCredential({ ...common, logins: openLogins(environment) });
  } catch (error) {
    if (!(error instanceof SecretKeyError)) throw error;
    return {
      headersFor: () => {
        throw new CredentialError(error.message, { cause: error });
      },
    };
  }
}
