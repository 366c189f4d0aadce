/** What of a request or an answer goes into an event: without secrets, and cut. */
import type { JsonValue } from '../../protocol/index.ts';
import type { Redact } from '../../lib/redact.ts';

/** Values of members with such names are not recorded. */
const secretName =
  /(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|credential)s?$/i;

/** The same in a text that holds JSON, escaped or not. */
const secretInText =
  /((?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|credential)s?\\*"\s*:\s*\\*")[^"\\]+/gi;

/** Forms of credentials that tell themselves: after `Bearer` or `Basic`, JWTs, and this server's own keys. */
const credentials = /\b(Bearer|Basic)\s+[\w.~+/=-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bvmcp_[\w-]{16,}/gi;

const mark = '[redacted]';

/** A secret is shorter. Beyond what is recorded, so much more is masked, so that none is cut in two. */
const longestSecret = 16_384;

/**
 * The value, masked. One that is longer than `maxBytes` as JSON becomes a text, the beginning of that JSON with a mark
 * that tells how long it was.
 */
export function recordedData(value: JsonValue, maxBytes: number, redact: Redact): JsonValue {
  const json = JSON.stringify(value, withoutSecrets);
  const bytes = Buffer.byteLength(json);
  const beginning = json.length > maxBytes + longestSecret ? json.slice(0, maxBytes + longestSecret) : json;
  const masked = maskText(redact(beginning));
  if (bytes <= maxBytes) return parseOr(masked);
  return `${cut(masked, maxBytes)}…[cut, ${bytes} bytes]`;
}

/** Masks credentials in a text. */
function maskText(text: string): string {
  return text
    .replace(credentials, (_found, scheme: string | undefined) =>
      scheme === undefined ? mark : `${scheme} ${mark}`,
    )
    .replace(secretInText, `$1${mark}`);
}

function withoutSecrets(name: string, value: JsonValue): JsonValue {
  return secretName.test(name) && value !== null ? mark : value;
}

function cut(text: string, maxBytes: number): string {
  return Buffer.from(text)
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}

/** Masking can take away what made a text JSON; it is a text then. */
function parseOr(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
