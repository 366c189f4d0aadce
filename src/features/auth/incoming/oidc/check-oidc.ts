/** Checks the access tokens of one provider: those seen before by memory, JWTs by keys, all others by asking. */
import { SubjectToken } from '../../../../gateway/index.ts';
import type { Checked, TokenCheck } from '../credential/check.ts';
import { invalid } from '../credential/check.ts';
import { checkJwt, isJwt } from './jwt.ts';
import { Introspection, type IntrospectionTerms } from './introspection.ts';
import type { Provider } from './provider.ts';
import { hashOf, TokenCache } from './token-cache.ts';

export interface OidcCheckOptions extends Omit<IntrospectionTerms, 'wallClock'> {
  readonly provider: Pick<Provider, 'keys' | 'newerKeys' | 'endpoints' | 'version'>;
  /** Where tokens are asked about; what discovery tells, for a client with a secret, unless given. */
  readonly introspectionUrl?: string | undefined;
  readonly wallClock?: () => number;
  readonly now?: () => number;
  readonly maxCached?: number;
}

const jwtKeptMs = 5 * 60_000;
const introspectedKeptMs = 60_000;
/** So that a client that repeats a bad token does not have the provider asked each time. */
const refusedKeptMs = 5_000;

export function checkOidc(options: OidcCheckOptions): TokenCheck {
  const { provider, wallClock = Date.now, now = () => performance.now(), maxCached = 2_000 } = options;
  const clocks = { now, wallClock };
  const known = new TokenCache({ maxEntries: maxCached, ...clocks });
  // Apart, so that a flood of bad tokens does not displace what is known of good ones.
  const refused = new TokenCache({ maxEntries: 500, ...clocks });
  const introspection = new Introspection({ ...options, wallClock });
  const asking = new Map<string, Promise<Checked>>();

  const ask = (token: string, hash: string): Promise<Checked> => {
    const url = options.introspectionUrl ?? (options.clientSecret && provider.endpoints?.introspectionUrl);
    if (!url) return Promise.resolve(invalid('expected a JWT of the provider, found another kind of token'));
    let asked = asking.get(hash);
    if (asked === undefined) {
      asked = introspection.check(token, url).finally(() => asking.delete(hash));
      asking.set(hash, asked);
    }
    return asked;
  };

  const learn = async (token: string, hash: string): Promise<Checked> => {
    const isSigned = isJwt(token);
    // As it is before the check: a token that was checked by keys that are gone meanwhile is checked again.
    const { version } = provider;
    const checked = withToken(
      await (isSigned ? checkJwt(token, { ...options, wallClock }) : ask(token, hash)),
      token,
    );
    if ('principal' in checked) {
      known.set(hash, checked, isSigned ? { maxMs: jwtKeptMs, version } : { maxMs: introspectedKeptMs });
    } else if (checked.fault.kind === 'invalid' && !isSigned) {
      refused.set(hash, checked, { maxMs: refusedKeptMs });
    }
    return checked;
  };

  return {
    check(token) {
      const hash = hashOf(token);
      const { version } = provider;
      return known.get(hash, version) ?? refused.get(hash, version) ?? learn(token, hash);
    },
  };
}

/** The principal, with what it was made of: credentials towards backends may be had for it. */
function withToken(checked: Checked, token: string): Checked {
  if ('fault' in checked) return checked;
  const { exp } = checked.principal.claims;
  const expiresAtMs = typeof exp === 'number' ? exp * 1000 : undefined;
  return { principal: { ...checked.principal, token: new SubjectToken(token, expiresAtMs) } };
}
