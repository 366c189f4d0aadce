/**
 * Checks tokens that are no JWTs: asks the provider about each (RFC 7662). What no provider has issued costs one question,
 * so there are few at once, and a refusal is remembered for a while.
 */
import { isObject, type JsonObject, type JsonValue } from '../../../../protocol/index.ts';
import { invalid, type Checked } from '../credential/check.ts';
import { faultOfClaims, principalOf, skewS } from './claims.ts';
import type { ProviderRequest } from './provider-http.ts';

export interface IntrospectionTerms {
  readonly fetchJson: (url: string, request: ProviderRequest) => Promise<JsonValue>;
  readonly issuer: string;
  readonly audience: string;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** Questions under way at once; a caller beyond them is asked to come back. */
const maxAsked = 32;

export class Introspection {
  readonly #terms: IntrospectionTerms;
  #asked = 0;

  constructor(terms: IntrospectionTerms) {
    this.#terms = terms;
  }

  /** Whose the token is. Never rejects. */
  async check(token: string, url: string): Promise<Checked> {
    if (this.#asked >= maxAsked) return unavailable('too many tokens are being checked; try again');
    this.#asked++;
    try {
      return this.#read(await this.#ask(token, url));
    } catch {
      return unavailable('the provider cannot be asked about this token now; try again');
    } finally {
      this.#asked--;
    }
  }

  #ask(token: string, url: string): Promise<JsonValue> {
    const { fetchJson, clientId, clientSecret } = this.#terms;
    const form = { token, token_type_hint: 'access_token' };
    if (clientId === undefined) return fetchJson(url, { form });
    if (clientSecret === undefined) return fetchJson(url, { form: { ...form, client_id: clientId } });
    // RFC 6749 §2.3.1: both are encoded as in a form, then joined.
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    return fetchJson(url, { form, authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
  }

  #read(answer: unknown): Checked {
    if (!isObject(answer) || typeof answer['active'] !== 'boolean') {
      return unavailable('the provider gave no answer about this token');
    }
    if (!answer['active']) return invalid('the provider says that the token is not active');
    const { active: _, ...claims } = answer;
    const fault = this.#faultOf(claims) ?? faultOfClaims(claims);
    return fault === undefined ? { principal: principalOf(claims, this.#terms.issuer) } : invalid(fault);
  }

  #faultOf({ aud, iss, exp, nbf }: JsonObject): string | undefined {
    const { audience, issuer, wallClock } = this.#terms;
    const nowS = wallClock() / 1000;
    const audiences = Array.isArray(aud) ? aud : [aud];
    if (!audiences.includes(audience)) return 'the token is for another audience (aud)';
    if (iss !== undefined && iss !== issuer) return 'the token is of another issuer (iss)';
    if (exp !== undefined && (typeof exp !== 'number' || exp + skewS <= nowS)) return 'the token has expired';
    if (nbf !== undefined && (typeof nbf !== 'number' || nbf - skewS > nowS)) {
      return 'the token is not valid yet (nbf)';
    }
    return undefined;
  }
}

function unavailable(description: string): Checked {
  return { fault: { kind: 'unavailable', description, retryAfterS: 5 } };
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
