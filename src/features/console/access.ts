/** Who may ask the console what: the origin of a request, the page's token, the cookie of a sign-in. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Authentication, RequestHead } from '../../gateway/index.ts';
import type { Site } from '../feature.ts';
import { tokenHeader } from '../../console/wire/index.ts';
import type { ConsoleState } from './state.ts';

/** Why a request is refused. */
export interface Refused {
  readonly status: 401 | 403 | 415;
  readonly error: string;
  readonly login?: true;
}

/**
 * Refuses what another page could have had a browser send: a request without the same origin, JSON and the page's token.
 * All three are asked of every request, on loopback too.
 */
export function faultOf(
  { headers }: IncomingMessage,
  pageToken: string,
  { publicUrl }: Site,
): Refused | undefined {
  const { origin, host } = headers;
  if (origin === undefined || !isSameOrigin(origin, host, publicUrl))
    return {
      status: 403,
      error: `expected a request of this server's own page, found one of ${origin ?? 'no page'}`,
    };
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return { status: 415, error: `expected content of type application/json, found "${type}"` };
  if (!isSame(String(headers[tokenHeader] ?? ''), pageToken))
    return { status: 403, error: 'the page is of an earlier start of this server: load it again' };
  return undefined;
}

/** Behind a proxy the `Host` may be another one; `publicUrl` says what browsers know. */
function isSameOrigin(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  if (publicUrl !== undefined && new URL(publicUrl).origin === new URL(origin).origin) return true;
  return host !== undefined && new URL(origin).host === host.toLowerCase();
}

function isSame(found: string, expected: string): boolean {
  const [left, right] = [Buffer.from(found), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Behind TLS a cookie can be tied to this one host; without it such a cookie would not be kept. */
export function isBehindTls({ publicUrl }: Site): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}

function cookieName(site: Site): string {
  return isBehindTls(site) ? '__Host-vmcp-console' : 'vmcp-console';
}

/** The header that has a browser keep a session, or forget it where `id` is empty. */
export function cookieOf(id: string, site: Site): string {
  const where = isBehindTls(site) ? 'Path=/; Secure' : 'Path=/console/';
  const until = id === '' ? '; Max-Age=0' : '';
  return `${cookieName(site)}=${id}; ${where}; HttpOnly; SameSite=Strict${until}`;
}

/** The secret in a request's cookie, where there is one. */
export function sessionOf({ headers }: IncomingMessage, site: Site): string | undefined {
  const prefix = `${cookieName(site)}=`;
  const found = (headers.cookie ?? '').split(/; */).find((pair) => pair.startsWith(prefix));
  return found?.slice(prefix.length);
}

/**
 * Who is behind a request: by its cookie, else by what it brings itself.
 * @param authenticate of the configuration in force
 */
export async function personOf(
  request: IncomingMessage,
  state: ConsoleState,
  site: Site,
  authenticate: (head: RequestHead) => Authentication | Promise<Authentication>,
): Promise<Authentication & { readonly signedIn: boolean }> {
  const session = sessionOf(request, site);
  const credential = session === undefined ? undefined : state.sessions.credentialOf(session);
  const head = credential === undefined ? request : withCredential(request, credential);
  return { ...(await authenticate(head)), signedIn: credential !== undefined };
}

/** A request as it would be with this credential, for the authenticator that clients meet. */
export function withCredential(request: IncomingMessage, credential: string): RequestHead {
  const authorization = `Bearer ${credential}`;
  const { method, url, socket } = request;
  return { method, url, socket, headers: { authorization }, rawHeaders: ['authorization', authorization] };
}
