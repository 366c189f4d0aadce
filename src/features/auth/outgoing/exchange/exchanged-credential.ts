/** A backend's credential that a provider gives: to the gateway itself, or for each caller's own token. */
import type { CredentialContext, CredentialHeaders, OutgoingCredential } from '../../../../gateway/index.ts';
import { createGuardedFetch, type GuardedFetch } from '../oauth/guarded-fetch.ts';
import { askAsClient, askForCaller, subjectTokenOf, type ExchangeOptions } from './grants.ts';
import { TokenCache, type TokenWish } from './token-cache.ts';

export interface ExchangedOptions {
  /** The name of the backend: what its tokens are known to be secrets under. */
  readonly backend: string;
  /** Sent beside the token, and with the gateway's own requests. */
  readonly headers: CredentialHeaders;
  readonly strategy: ExchangeOptions;
  /** See `OutgoingOptions`. */
  onSecrets(source: string, secrets: readonly string[]): void;
  readonly fetch?: GuardedFetch;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

/** Of callers whose token is held for one backend. */
const maxTokens = 5_000;
/** Of tokens that are looked for in what a backend says; the oldest are replaced. */
const secretsKnown = 32;

/**
 * One belongs to one backend, strategy, audience and set of scopes, and to the configurations that say so: so the cache
 * needs no more of a key than issuer and token.
 */
export function createExchangedCredential(options: ExchangedOptions): OutgoingCredential {
  const { strategy, headers, wallClock = Date.now } = options;
  // The file names these providers: that they are of a private network is for its author to decide.
  const fetch = options.fetch ?? createGuardedFetch({ allowPrivateAddresses: true, allowHttp: true });
  const ask = { fetch, wallClock };
  const cache = new TokenCache({ maxEntries: maxTokens, wallClock });
  const learn = createLearner(options);
  const withToken = (token: string): CredentialHeaders => ({ ...headers, authorization: `Bearer ${token}` });

  const isPerCaller = strategy.type !== 'client_credentials';
  const keyOf = (context: CredentialContext | undefined): string | undefined => {
    if (!isPerCaller) return '';
    const { issuer, token } = context?.caller.principal ?? {};
    return token && `${issuer}\0${token.hash}`;
  };
  const wishOf = (context: CredentialContext | undefined): TokenWish | undefined => {
    if (strategy.type === 'client_credentials')
      return { key: '', ask: () => askAsClient(strategy, ask).then(learn) };
    if (context === undefined) return undefined;
    const token = subjectTokenOf(context.caller.principal, wallClock());
    return {
      key: keyOf(context) ?? '',
      sourceEndsAtMs: token.expiresAtMs,
      ask: () => askForCaller(strategy, token, ask).then(learn),
    };
  };
  return {
    isPerCaller,
    headersFor(context) {
      const wish = wishOf(context);
      if (wish === undefined) return headers;
      const token = cache.get(wish);
      return token instanceof Promise ? token.then(withToken) : withToken(token);
    },
    refused(context, sent) {
      const key = keyOf(context);
      if (key === undefined) return false;
      cache.drop(key, (sent['authorization'] ?? '').slice('Bearer '.length));
      return true;
    },
  };
}

/** Makes tokens known as secrets, a bounded number of them. */
function createLearner({
  backend,
  onSecrets,
}: ExchangedOptions): <Token extends { readonly text: string }>(token: Token) => Token {
  let next = 0;
  return (token) => {
    onSecrets(`token of ${backend} ${next}`, [token.text]);
    next = (next + 1) % secretsKnown;
    return token;
  };
}
