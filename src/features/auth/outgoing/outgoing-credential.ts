import type { CredentialHeaders, OutgoingCredential } from '../../../gateway/index.ts';
import { createExchangedCredential } from './exchange/exchanged-credential.ts';
import type { ExchangeOptions } from './exchange/grants.ts';
import { createHeaderFile } from './header-file.ts';

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
  | ExchangeOptions;

export interface OutgoingOptions {
  /** The name of the backend. */
  readonly backend: string;
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
