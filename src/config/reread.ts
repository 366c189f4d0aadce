/**
 * YAML guesses types that the schema knows better: an unquoted `0.05` where a text is expected, `yes` or `"true"` where a
 * truth value is, `100_000` or `"8080"` where a number is. The published JSON Schema takes the same texts.
 */

/** Words for yes and no, in small letters. */
export const truthWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  on: true,
  false: false,
  no: false,
  n: false,
  off: false,
};

/** A number as text in the file. */
export const numberText: RegExp = /^\+?\d[\d_]*(?:\.\d+)?$/;

/**
 * The value that the file means.
 * @param expected the type that the key has, as zod calls it
 * @param plainText the scalar as written, where it is unquoted or came out of the environment
 * @returns undefined where the value is as it is meant
 */
export function reread(expected: string, plainText: string | undefined, value: unknown): unknown {
  if (expected === 'string') return typeof value === 'object' ? undefined : plainText;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (expected === 'boolean') return truthWords[value.toLowerCase()];
  if (expected !== 'number' && expected !== 'int') return undefined;
  const isPlain = plainText !== undefined;
  const digits = /^[+-]?\d[\d_]*(?:\.\d+)?$/.test(value) ? value.replaceAll('_', '') : isPlain ? value : '';
  return digits !== '' && Number.isFinite(Number(digits)) ? Number(digits) : undefined;
}
