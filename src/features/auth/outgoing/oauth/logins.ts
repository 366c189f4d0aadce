/** Logins as a person at a terminal makes, sees and ends them. */
import { SecretKeyError, secretKeyVariable } from '../../../../storage/index.ts';
import { isResourceOf, LoginError } from './discover.ts';
import { createGuardedFetch, wallsFor } from './guarded-fetch.ts';
import { beginLogin, revoke, type OAuthOptions, type PendingLogin } from './login.ts';
import { loginOf, openLogins, type LoginEntry, type Logins as LoginFile } from './stored-login.ts';

/** A backend with `oauth`. */
export interface LoginTarget {
  /** The `name` of the configuration. */
  readonly server: string;
  readonly backend: string;
  readonly url: URL;
  readonly oauth: OAuthOptions;
  readonly allowPrivateIp: boolean;
}

export interface LoginStatus {
  readonly server: string;
  readonly backend: string;
  /**
   * `renewable` where it is renewed by itself, `ended` where somebody has to log in again, `sealed` where it was kept with
   * another key, `elsewhere` where it is for another URL than the backend has.
   */
  readonly state: 'none' | 'valid' | 'renewable' | 'ended' | 'sealed' | 'elsewhere';
  readonly issuer?: string;
  readonly scope?: string;
  /** Of the token that is held now, in milliseconds since 1970. */
  readonly expiresAtMs?: number;
}

export interface Logins {
  /** Where they are kept. */
  readonly path: string;
  /** @throws LoginError */
  begin(target: LoginTarget, redirectUri: string): Promise<PendingLogin>;
  status(target: LoginTarget): LoginStatus;
  /** Everything that is kept, of whichever configuration. */
  all(): readonly LoginStatus[];
  /**
   * Ends a login here, and at its server where that takes it.
   * @returns undefined where there was none
   */
  end(target: LoginTarget): Promise<{ readonly isRevoked: boolean } | undefined>;
}

/**
 * @throws LoginError where there is no key to keep any with
 */
export function createLogins(
  environment: Readonly<Record<string, string | undefined>>,
  wallClock: () => number = Date.now,
): Logins {
  const file = open(environment);
  const fetchFor = ({ url, allowPrivateIp }: LoginTarget) =>
    createGuardedFetch(wallsFor(url, allowPrivateIp));
  return {
    path: file.path,
    begin: (target, redirectUri) =>
      beginLogin({ ...target, redirectUri, logins: file, fetch: fetchFor(target), wallClock }),
    status: (target) => {
      const { server, backend } = target;
      const entry = loginOf(file.entries(), target);
      if (entry === undefined) return { server, backend, state: 'none' };
      const status = statusOf(entry, wallClock());
      const isElsewhere = entry.value !== undefined && !isResourceOf(entry.value.resource, target.url);
      return isElsewhere ? { ...status, state: 'elsewhere' } : status;
    },
    all: () => file.entries().map((entry) => statusOf(entry, wallClock())),
    end: async (target) => {
      let ended: LoginEntry | undefined;
      await file.update(async (entries) => {
        ended = loginOf(entries, target);
        return ended === undefined ? entries : entries.filter((entry) => entry !== ended);
      });
      if (ended === undefined) return undefined;
      const { owner, value } = ended;
      return { isRevoked: value !== undefined && (await revoke(owner.issuer, value, fetchFor(target))) };
    },
  };
}

function open(environment: Readonly<Record<string, string | undefined>>): LoginFile {
  try {
    const file = openLogins(environment);
    if (file !== undefined) return file;
  } catch (error) {
    if (error instanceof SecretKeyError) throw new LoginError(error.message, { cause: error });
    throw error;
  }
  throw new LoginError(
    `${secretKeyVariable} is not set, and no login is kept without it: make one with "openssl rand -base64 32", and give the same to "vmcp serve"`,
  );
}

function statusOf({ owner, value }: LoginEntry, nowMs: number): LoginStatus {
  const { server, backend, issuer } = owner;
  if (value === undefined) return { server, backend, issuer, state: 'sealed' };
  const { expiresAtMs, refreshToken, scope } = value;
  const hasEnded = expiresAtMs !== undefined && expiresAtMs <= nowMs;
  return {
    server,
    backend,
    issuer,
    state: refreshToken !== undefined ? 'renewable' : hasEnded ? 'ended' : 'valid',
    ...(scope !== undefined && { scope }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}
