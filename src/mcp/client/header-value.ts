const sentinel = /^=\?base64\?.*\?=$/s;
const safe = /^[\x20-\x7e]*$/;

/**
 * A string as an HTTP header carries it in 2026-07-28: as it is when it is plain ASCII, else base64 between markers.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 */
export function headerValue(value: string): string {
  if (safe.test(value) && value.trim() === value && !sentinel.test(value)) return value;
  return `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}
