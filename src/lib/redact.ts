/** Puts a mark in the place of every secret in a text. */
export type Redact = (text: string) => string;

const mark = '[redacted]';

/** Makes a function that knows these secrets, also as they stand inside a JSON string or a URL. */
export function createRedact(secrets: Iterable<string>): Redact {
  const forms = [...secrets].flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]);
  // A longer one first, so that of two secrets of which one begins the other nothing is left over.
  const words = [...new Set(forms)]
    .filter((form) => form !== '')
    .toSorted((one, other) => other.length - one.length);
  if (words.length === 0) return (text) => text;
  const pattern = new RegExp(words.map(escape).join('|'), 'g');
  return (text) => text.replace(pattern, mark);
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
