import type { Authentication, Authenticator, Principal, RequestHead } from '../../../gateway/index.ts';

const loopback = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * Takes every caller for the user who runs the server. A request that came through a proxy is refused: it may be from
 * another machine.
 * @param user the name of the operating system's user
 */
export function takeForLocalUser(user: string, statusRequiresAuth: boolean): Authenticator {
  const principal: Principal = { issuer: 'vmcp:local', subject: user, claims: {}, groups: [], scopes: [] };
  return {
    statusRequiresAuth,
    authenticate: (request) => faultOf(request) ?? { principal },
    authenticateStdio: () => principal,
  };
}

function faultOf({ headers, socket }: RequestHead): Authentication | undefined {
  const proxied = Object.keys(headers).find(
    (name) => name === 'forwarded' || name.startsWith('x-forwarded-'),
  );
  if (proxied !== undefined) return refuse(`a request with the header ${proxied} came through a proxy`);
  if (!loopback.test(socket.remoteAddress ?? '')) return refuse('the request came from another machine');
  return undefined;
}

function refuse(why: string): Authentication {
  const message = `${why}; "incomingAuth.type: local" serves programs on this machine alone`;
  return { refusal: { status: 403, message, body: { error: 'access_denied', error_description: message } } };
}
