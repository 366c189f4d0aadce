import { createHash } from 'node:crypto';

/**
 * A caller's own token, which an OpenID provider vouched for. It may be exchanged for another at a provider, and goes nowhere
 * else. Its text shows in no log and no JSON, and is copied into no other thread: only `reveal` gives it.
 */
export class SubjectToken {
  readonly #text: string;
  /** SHA-256 of the text, in base64: tells one token from another. */
  readonly hash: string;
  /** When it ends by its own words, in milliseconds since 1970; absent where it does not say. */
  readonly expiresAtMs: number | undefined;

  constructor(text: string, expiresAtMs: number | undefined) {
    this.#text = text;
    this.hash = createHash('sha256').update(text).digest('base64');
    this.expiresAtMs = expiresAtMs;
  }

  /** The token itself, for the provider that exchanges it. */
  reveal(): string {
    return this.#text;
  }

  toJSON(): undefined {
    return undefined;
  }
}
