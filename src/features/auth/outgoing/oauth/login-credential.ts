/** A backend's credential that somebody logged in for. It is used by every caller, and renewed when it ends. */
import {
  CredentialError,
  type CredentialHeaders,
  type OutgoingCredential,
} from '../../../../gateway/index.ts';
import { messageOf } from '../../../../lib/thrown.ts';
import { isResourceOf } from './discover.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { loginOf, type LoginEntry, type Logins, type StoredLogin } from './stored-login.ts';
import { askForToken, GrantRefused } from './token-endpoint.ts';

export interface LoginCredentialOptions {
  /** The `name` of the configuration. */
  readonly server: string;
  readonly backend: string;
  /** Of the backend. A login for another is not used. */
  readonly url: URL;
  /** Sent beside the token. */
  readonly headers: CredentialHeaders;
  /** Undefined where there is no key to keep any with. */
  readonly logins: Logins | undefined;
  readonly fetch: GuardedFetch;
  /** See `OutgoingOptions`. */
  onSecrets(source: string, secrets: readonly string[]): void;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

/** Before its end a token is renewed. */
const marginMs = 60_000;

export function createLoginCredential(options: LoginCredentialOptions): OutgoingCredential {
  const { server, backend, url, headers, logins, fetch, onSecrets, wallClock = Date.now } = options;
  const advice = `run "vmcp auth login ${backend}"`;
  let refused: string | undefined;
  let known: LoginEntry | undefined;
  let renewing: Promise<StoredLogin> | undefined;

  const current = (): { readonly entry: LoginEntry; readonly login: StoredLogin } => {
    if (logins === undefined)
      throw new CredentialError(`VMCP_SECRET_KEY is not set, so no login is kept: set it, then ${advice}`);
    const entry = loginOf(read(logins), { server, backend });
    if (entry === undefined) throw new CredentialError(`not logged in: ${advice}`);
    const login = entry.value;
    if (login === undefined)
      throw new CredentialError(`its login was kept with another VMCP_SECRET_KEY: ${advice}`);
    if (!isResourceOf(login.resource, url))
      throw new CredentialError(`its login is for another URL: ${advice}`);
    if (entry !== known) {
      known = entry;
      onSecrets(`login of ${backend}`, [
        login.accessToken,
        login.refreshToken ?? '',
        login.clientSecret ?? '',
      ]);
    }
    return { entry, login };
  };
  const isUsable = ({ accessToken, expiresAtMs = Infinity }: StoredLogin): boolean =>
    accessToken !== refused && expiresAtMs - marginMs > wallClock();

  const renew = async (stale: StoredLogin): Promise<StoredLogin> => {
    await logins?.update(async (entries) => {
      const entry = loginOf(entries, { server, backend });
      const login = entry?.value;
      // Another process was here first, or somebody logged in or out.
      if (entry === undefined || login === undefined || login.accessToken !== stale.accessToken)
        return entries;
      const renewed = await refresh(login);
      return entries.map((each) => (each === entry ? { owner: entry.owner, value: renewed } : each));
    });
    return current().login;
  };
  const refresh = async (login: StoredLogin): Promise<StoredLogin> => {
    const { refreshToken } = login;
    if (refreshToken === undefined)
      throw new CredentialError(
        `its login has ended, and the server gave nothing to renew it with: ${advice}`,
      );
    try {
      const issued = await askForToken(
        login,
        { type: 'refresh_token', parameters: { refresh_token: refreshToken, resource: login.resource } },
        { fetch, wallClock },
      );
      const { expiresAtMs: _, ...rest } = login;
      return {
        ...rest,
        accessToken: issued.text,
        ...(issued.expiresAtMs !== undefined && { expiresAtMs: issued.expiresAtMs }),
        refreshToken: issued.refreshToken ?? refreshToken,
        ...(issued.scope !== undefined && { scope: issued.scope }),
      };
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      throw new CredentialError(`${error.message}; ${advice}`, { cause: error });
    }
  };
  const withToken = ({ accessToken }: StoredLogin): CredentialHeaders => ({
    ...headers,
    authorization: `Bearer ${accessToken}`,
  });
  return {
    headersFor() {
      const { login } = current();
      if (isUsable(login)) return withToken(login);
      // One that cannot be renewed is tried to its very end.
      if (login.refreshToken === undefined && login.accessToken !== refused && !hasEnded(login, wallClock()))
        return withToken(login);
      renewing ??= renew(login).finally(() => (renewing = undefined));
      return renewing.then(withToken);
    },
    refused(_context, sent) {
      refused = (sent['authorization'] ?? '').slice('Bearer '.length);
      return known?.value?.refreshToken !== undefined;
    },
  };
}

function hasEnded({ expiresAtMs = Infinity }: StoredLogin, nowMs: number): boolean {
  return expiresAtMs <= nowMs;
}

function read(logins: Logins): readonly LoginEntry[] {
  try {
    return logins.entries();
  } catch (error) {
    throw new CredentialError(`the file of logins cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
