/** Texts that HTTP can carry in a header, and what in them is secret. */

/** A field name of HTTP (RFC 9110 §5.1). */
export const headerName: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** True where HTTP can carry the text as a header's value: visible characters, spaces and tabs; no line break. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/**
 * What is wrong with a text as the value of a header that identifies somebody; undefined when nothing is. It says what was
 * expected and what was found without quoting the text, which may be a secret.
 */
export function faultOfCredential(text: string): string | undefined {
  const expected = 'expected the value of an HTTP header';
  if (text.trim() === '') return `${expected}, found none`;
  if (!isHeaderValue(text)) return `${expected}, found a character that none may hold, such as a line break`;
  if (text !== text.trim())
    return `${expected}, found a space at its ${text.trimStart() === text ? 'end' : 'beginning'}`;
  return undefined;
}

/**
 * What must not be shown of a header's value: the whole, and the parts that a server may quote by themselves: what stands
 * after a scheme (`Bearer TOKEN`), the name and password inside `Basic`, the values of a cookie or of parameters.
 */
export function secretsInHeader(value: string): string[] {
  const [, scheme = '', credential = ''] = /^([!#$%&'*+.^_`|~\w-]+) +(\S.*)$/.exec(value) ?? [];
  const parameters = [...value.matchAll(/[^\s;,=]+=(?:"([^"]*)"|([^;,\s"]*))/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  return [value, credential, ...(/^basic$/i.test(scheme) ? secretsOfBasic(credential) : []), ...parameters];
}

function secretsOfBasic(credential: string): string[] {
  const pair = Buffer.from(credential, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? [pair] : [pair, pair.slice(colon + 1)];
}

/** Servers refuse longer ones; Node's own take 16 KiB for all headers together. */
export const maxHeaderValueBytes = 16_384;
