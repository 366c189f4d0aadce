/** What a login at a backend's authorization server leaves behind, and where it is kept. */
import { isAbsolute, join } from 'node:path';
import {
  deriveKeys,
  openTokenFile,
  readSecretKeys,
  secretKeyVariable,
  type StoredToken,
  type TokenFile,
} from '../../../../storage/index.ts';

/** Everything that is needed to use a login and to renew it, without asking anything again. */
export interface StoredLogin {
  /** The backend, as its tokens name it. */
  readonly resource: string;
  readonly accessToken: string;
  /** In milliseconds since 1970; absent where the server does not say. */
  readonly expiresAtMs?: number;
  readonly refreshToken?: string;
  readonly scope?: string;
  readonly tokenUrl: string;
  readonly revocationUrl?: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly secretInBody?: boolean;
}

export type Logins = TokenFile<StoredLogin>;
export type LoginEntry = StoredToken<StoredLogin>;

/** For whom a login is that everyone uses. */
export const everyone = '';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file of logins of whoever runs this process: below `XDG_STATE_HOME`, or `~/.local/state`.
 * @returns undefined where no key is set: nothing is kept then
 * @throws SecretKeyError where the key is wrong
 */
export function openLogins(environment: Environment): Logins | undefined {
  const secrets = readSecretKeys(environment[secretKeyVariable]);
  if (secrets === undefined) return undefined;
  const state = environment['XDG_STATE_HOME'];
  const folder =
    state !== undefined && isAbsolute(state) ? state : join(environment['HOME'] ?? '/', '.local', 'state');
  return openTokenFile<StoredLogin>(join(folder, 'vmcp', 'tokens.json'), deriveKeys(secrets, 'tokens'));
}

/** The login of a backend that everyone uses, whoever issued it. */
export function loginOf(
  entries: readonly LoginEntry[],
  { server, backend }: { readonly server: string; readonly backend: string },
): LoginEntry | undefined {
  return entries.find(
    ({ owner }) => owner.server === server && owner.backend === backend && owner.subject === everyone,
  );
}
