/**
 * JSON as JavaScript reads it, but for numbers that it cannot hold, whole ones and those too large for any: an id of 64 bits, or the bounds of one in a
 * schema, would be read as its neighbour and written so. They are kept as their digits, which `JSON.stringify` writes as
 * they were; to whoever looks at them they are objects of no use.
 */
interface RawJson {
  readonly rawJSON: string;
}

const { isRawJSON, rawJSON } = JSON as typeof JSON & {
  isRawJSON(value: unknown): value is RawJson;
  rawJSON(text: string): RawJson;
};

/** Only what has this may have such a number; nearly nothing has, and this is all that it costs. */
const longDigits = /(?:^|[:[,\s-])\d{16}|\d[eE]\+?\d{3}/;
const wholeNumber = /^-?\d+$/;

/** Whether a text may have numbers that JavaScript cannot hold. */
export function hasLongNumbers(text: string): boolean {
  return longDigits.test(text);
}

/** @throws {SyntaxError} when the text is not JSON. */
export function parseExactly(text: string): unknown {
  return hasLongNumbers(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/**
 * The same, with whole numbers that JavaScript's cannot hold as bigints, for whoever counts with them.
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseWithBigInts(text: string): unknown {
  return hasLongNumbers(text) ? JSON.parse(text, toBigInt) : JSON.parse(text);
}

/**
 * The text of a JSON value in which whole numbers may be bigints.
 * @param indent columns of each level; 0 writes it on one line
 */
export function stringifyExactly(value: unknown, indent = 0): string {
  try {
    return indent === 0 ? JSON.stringify(value) : JSON.stringify(value, undefined, indent);
  } catch (error) {
    // There is a bigint. Looked for in each text, it would make writing several times slower.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, toDigits, indent);
  }
}

function toDigits(_key: string, part: unknown): unknown {
  return typeof part === 'bigint' ? rawJSON(String(part)) : part;
}

interface Place {
  readonly source?: string;
}

function keepDigits(_key: string, value: unknown, place?: Place): unknown {
  // What is too large for any number would be written as null.
  const digits = value === Infinity || value === -Infinity ? place?.source : longDigitsOf(value, place);
  return digits === undefined ? value : rawJSON(digits);
}

function toBigInt(_key: string, value: unknown, place?: Place): unknown {
  const digits = longDigitsOf(value, place);
  return digits === undefined ? value : BigInt(digits);
}

/** How a whole number was written that JavaScript's cannot hold; undefined for all else. */
function longDigitsOf(value: unknown, { source }: Place = {}): string | undefined {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return undefined;
  if (source === undefined || !wholeNumber.test(source) || source === String(value)) return undefined;
  return source;
}

/** True for a whole number that was kept as its digits. */
export function isLongNumber(value: unknown): boolean {
  return isRawJSON(value);
}

/** The nearest number that JavaScript can hold, for a number however it was kept; undefined for all else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isRawJSON(value) ? Number(value.rawJSON) : undefined;
}

/** Makes numbers of the members of an object that were kept as digits, for whoever needs to look at them. */
export function readMembers(object: object): void {
  const members = object as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (isRawJSON(value)) members[name] = Number(value.rawJSON);
  }
}
