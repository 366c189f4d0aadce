/**
 * What can be said of a value that was thrown, rejected with, or given as the reason of an abort. It can be anything: an
 * `Error`, a `DOMException` (whose `code` is a number), a string, `null`, an object whose getters throw. Nothing here throws.
 */

/** The value itself where it is an `Error` with a message, else an `Error` that says what it was and has it as its cause. */
export function toError(thrown: unknown): Error {
  if (isError(thrown) && read(thrown, 'message') !== undefined) return thrown;
  return new Error(messageOf(thrown), { cause: thrown });
}

/**
 * What it says; never empty. An error without words is told by those of the errors that it sums up (Node has tried several
 * addresses), by its code, or by what it is.
 */
export function messageOf(thrown: unknown): string {
  return wordsOf(thrown) ?? wordsOfParts(thrown) ?? nameOf(thrown);
}

/** Its `code` where that is a string, as those of Node, undici and OpenSSL are; undefined for any other value. */
export function codeOf(thrown: unknown): string | undefined {
  return read(thrown, 'code');
}

/** Its stack, which begins with name and message, else these two. For logs alone: a stack tells of the code. */
export function stackOf(thrown: unknown): string {
  return read(thrown, 'stack') ?? `${kindOf(thrown)}: ${messageOf(thrown)}`;
}

/** The name of its class; `null`, `string` and the like for what is no object. */
export function kindOf(thrown: unknown): string {
  if (thrown === null) return 'null';
  if (typeof thrown !== 'object') return typeof thrown;
  return read(thrown, 'name') ?? 'object';
}

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error;
  } catch {
    return false; // a proxy that does not say what it is
  }
}

function wordsOf(thrown: unknown): string | undefined {
  const isObject = typeof thrown === 'object' || typeof thrown === 'function';
  const said = isObject || thrown === undefined ? read(thrown, 'message') : String(thrown);
  return said === undefined || said.trim() === '' ? undefined : said;
}

function wordsOfParts(thrown: unknown): string | undefined {
  try {
    if (!(thrown instanceof AggregateError) || thrown.errors.length === 0) return undefined;
    return thrown.errors.map((part) => wordsOf(part) ?? nameOf(part)).join('; ');
  } catch {
    return undefined;
  }
}

function nameOf(thrown: unknown): string {
  return codeOf(thrown) ?? kindOf(thrown);
}

/** A property where it is a string; undefined where reading it throws, as a getter may. */
function read(thrown: unknown, property: 'name' | 'message' | 'code' | 'stack'): string | undefined {
  if (thrown === null || thrown === undefined) return undefined;
  try {
    const value = (thrown as Partial<Record<typeof property, unknown>>)[property];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
