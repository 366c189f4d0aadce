import { randomBytes } from 'node:crypto';

const longestMs = 12 * 60 * 60_000;
const mostSessions = 1000;

/**
 * Who has signed in, by the secret in their cookie. What is kept is the credential, which is checked anew with each
 * request: a key that is taken back ends its sessions at once.
 */
export class Sessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, { readonly credential: string; readonly endsAtMs: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Begins a session of at most 12 hours. Returns its secret. The oldest ends where there are too many. */
  begin(credential: string): string {
    const id = randomBytes(32).toString('base64url');
    for (const [old, { endsAtMs }] of this.#sessions)
      if (endsAtMs <= this.#now() || this.#sessions.size >= mostSessions) this.#sessions.delete(old);
    this.#sessions.set(id, { credential, endsAtMs: this.#now() + longestMs });
    return id;
  }

  /** The credential behind a cookie; undefined for one that is unknown or has ended. */
  credentialOf(id: string): string | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    if (session.endsAtMs > this.#now()) return session.credential;
    this.#sessions.delete(id);
    return undefined;
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }

  clear(): void {
    this.#sessions.clear();
  }
}
