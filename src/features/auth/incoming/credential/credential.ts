/** Finds the bearer token in a request, and requests that must not be read as having one. */
import type { RequestHead } from '../../../../gateway/index.ts';

/** What a request says of its sender: a token, nothing, or something that cannot be read. */
export type Presented =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  /** `status` 400 where the request contradicts itself, else 401. */
  | { readonly kind: 'malformed'; readonly status: 400 | 401; readonly description: string };

/** A header line of Node's holds 16 KiB at most; a longer token could only come from elsewhere. */
const maxTokenLength = 16_384;

/** RFC 6750 §2.1: the scheme in any case, one or more spaces, and a token of these characters. */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

export function presentedBy({ url = '', headers, rawHeaders }: RequestHead): Presented {
  if (hasTokenInQuery(url)) {
    return malformed(400, 'a token may not stand in the URL; send it in the header Authorization');
  }
  const header = headers['authorization'];
  if (header === undefined) return { kind: 'none' };
  if (countOf('authorization', rawHeaders) > 1) {
    return malformed(400, 'expected one header Authorization, found several');
  }
  const [, token] = bearer.exec(String(header)) ?? [];
  if (token === undefined || token.length > maxTokenLength) {
    return malformed(401, 'expected the header "Authorization: Bearer TOKEN"');
  }
  return { kind: 'token', token };
}

function malformed(status: 400 | 401, description: string): Presented {
  return { kind: 'malformed', status, description };
}

function hasTokenInQuery(url: string): boolean {
  const query = url.indexOf('?');
  return query !== -1 && new URLSearchParams(url.slice(query)).has('access_token');
}

/** Names and values stand in turn. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const found = rawHeaders[index] ?? '';
    if (found.length === name.length && found.toLowerCase() === name) count++;
  }
  return count;
}
