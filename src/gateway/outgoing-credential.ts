import type { Principal } from './principal.ts';

/** HTTP headers by lower-case name. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** What a credential is told of the request that it goes with. */
export interface CredentialContext {
  readonly caller: { readonly principal: Principal };
}

/**
 * How requests to one backend say who makes them. It is asked for each HTTP request, not for each connection, so
 * that what was renewed or replaced meanwhile holds on connections that stand.
 */
export interface OutgoingCredential {
  /**
   * The headers to add, over any others of the same name: a value, not a promise, where nothing needs to be waited for.
   * @param context the caller's request that is sent on; undefined for the gateway's own (handshakes, lists, health checks)
   * @throws CredentialError, or rejects with it, when there are none to be had
   */
  headersFor(context: CredentialContext | undefined): CredentialHeaders | Promise<CredentialHeaders>;
  /**
   * The backend answered 401 to a request with these headers. Absent where the next would be the same.
   * @returns whether `headersFor` may have others now: the request is then sent once more
   */
  refused?(context: CredentialContext | undefined, headers: CredentialHeaders): boolean;
  /** True where each caller has a credential of its own, so that the gateway itself has none. */
  readonly isPerCaller?: boolean;
}

/** A request to a backend has no credential to go with. It was not sent. */
export class CredentialError extends Error {
  /** @param message reads on after 'backend "x" has no credential:'; holds no secret and no path */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CredentialError';
  }
}
