/**
 * Wishes: words by which a client chooses among what a feature lets it choose. They change what a client is shown,
 * never what it may do. A wish comes with the request that opens a session and holds for that session; in a revision
 * without sessions it comes with each request.
 */
import type { RequestHead } from './authenticator.ts';

/** One choice that a feature leaves to clients. */
export interface Wish {
  /** Its key in `Wishes`, and the parameter of the URL. */
  readonly name: string;
  /** The HTTP header, as it is written for people. It wins over the URL. */
  readonly header: string;
  /** What a client may say. */
  readonly values: readonly [string, ...string[]];
}

/** What a client wished, by the wish's name. A wish that was not made has no entry. */
export type Wishes = Readonly<Record<string, string>>;

/** A wish that cannot be read; the message says what was expected, and is meant for the client. */
export class WishError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WishError';
  }
}

/** Always the same object, where nothing is wished. */
export const noWishes: Wishes = {};

/**
 * The wishes of an HTTP request. Where header and URL both hold one, both must be sound, and the header holds.
 * @throws {WishError} for a value that is not one of the wish's
 */
export function wishesOf(
  { url, headers }: Pick<RequestHead, 'url' | 'headers'>,
  declared: readonly Wish[],
): Wishes {
  const query = queryOf(url);
  let wishes: Record<string, string> | undefined;
  for (const wish of declared) {
    const header = headers[wish.header.toLowerCase()];
    const inHeader = header === undefined ? [] : [String(header)];
    const byHeader = wished(wish, `the header ${wish.header}`, inHeader);
    const byUrl = wished(wish, `"${wish.name}" in the URL`, query?.getAll(wish.name) ?? []);
    const value = byHeader ?? byUrl;
    if (value !== undefined) (wishes ??= {})[wish.name] = value;
  }
  return wishes ?? noWishes;
}

function queryOf(url: string | undefined): URLSearchParams | undefined {
  const start = url?.indexOf('?') ?? -1;
  return url === undefined || start === -1 ? undefined : new URLSearchParams(url.slice(start + 1));
}

function wished({ values }: Wish, where: string, found: readonly string[]): string | undefined {
  const [value, second] = found;
  if (value === undefined) return undefined;
  if (second === undefined && values.includes(value)) return value;
  const words = values.map((word) => `"${word}"`).join(' or ');
  const given = second === undefined ? JSON.stringify(value.slice(0, 40)) : `${found.length} values`;
  throw new WishError(`expected ${where} to be ${words}, found ${given}`);
}
