import type { JsonObject } from '../../gateway/index.ts';
import { ProtocolError, errorCodes } from '../../gateway/index.ts';

/** One page of a list, still as the entries that the gateway holds. */
export class ListPage {
  readonly field: string;
  readonly entries: readonly JsonObject[];
  readonly nextCursor: string | undefined;
  constructor(field: string, entries: readonly JsonObject[], nextCursor: string | undefined) {
    this.field = field;
    this.entries = entries;
    this.nextCursor = nextCursor;
  }
}

/**
 * The page that `cursor` points at. A list is paged only beyond `pageSize`, since not every client asks for more.
 * @throws {ProtocolError} invalid params, for a cursor that is none of ours or points past the list's end.
 */
export function pageOf(
  field: string,
  entries: readonly JsonObject[],
  cursor: unknown,
  pageSize: number,
): ListPage {
  const start = cursor === undefined ? 0 : offsetOf(cursor);
  if (start > 0 && start >= entries.length) throw invalidCursor();
  const end = start + pageSize;
  if (start === 0 && end >= entries.length) return new ListPage(field, entries, undefined);
  return new ListPage(field, entries.slice(start, end), end < entries.length ? cursorAt(end) : undefined);
}

function cursorAt(offset: number): string {
  return Buffer.from(`after ${offset}`).toString('base64url');
}

function offsetOf(cursor: unknown): number {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  const digits = /^after ([1-9][0-9]{0,8})$/.exec(text)?.[1];
  if (digits === undefined) throw invalidCursor();
  return Number(digits);
}

function invalidCursor(): ProtocolError {
  return new ProtocolError(
    errorCodes.invalidParams,
    'expected "cursor" to be the nextCursor of this list; list again without one',
  );
}

/**
 * Writes pages. Keeps the JSON of each entry for as long as the entry lives: lists are asked for far more often than
 * they change, and entries are never changed in place.
 */
export class ListWriter {
  readonly #texts = new WeakMap<JsonObject, string>();

  /** The JSON of a list result; `more` holds the fields beside the entries and the cursor. */
  write(page: ListPage, more: JsonObject): string {
    const rest = JSON.stringify(
      page.nextCursor === undefined ? more : { nextCursor: page.nextCursor, ...more },
    );
    const entries = page.entries.map((entry) => this.#textOf(entry)).join(',');
    const tail = rest === '{}' ? '}' : `,${rest.slice(1)}`;
    return `{${JSON.stringify(page.field)}:[${entries}]${tail}`;
  }

  #textOf(entry: JsonObject): string {
    let text = this.#texts.get(entry);
    if (text === undefined) {
      text = JSON.stringify(entry);
      this.#texts.set(entry, text);
    }
    return text;
  }
}
