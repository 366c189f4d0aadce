import { errorCodes, type JsonObject, ProtocolError } from '../../../protocol/index.ts';
import { joinPieces, type TextPieces } from '../../../lib/text-pieces.ts';

/** One page of a list, still as the entries that the gateway holds. */
export class ListPage {
  readonly field: string;
  /** The whole list. */
  readonly list: readonly JsonObject[];
  /** Where in it the page starts, and before which entry it ends. */
  readonly start: number;
  readonly end: number;
  constructor(field: string, list: readonly JsonObject[], start: number, end: number) {
    this.field = field;
    this.list = list;
    this.start = start;
    this.end = Math.min(end, list.length);
  }

  get entries(): readonly JsonObject[] {
    const isWhole = this.start === 0 && this.end === this.list.length;
    return isWhole ? this.list : this.list.slice(this.start, this.end);
  }

  get nextCursor(): string | undefined {
    return this.end < this.list.length ? cursorAt(this.end) : undefined;
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
  return new ListPage(field, entries, start, start + pageSize);
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

/** From how many entries on a page is kept as bytes; the text of shorter ones is put together in no time. */
const minKeptEntries = 100;

/**
 * Writes pages. Keeps the JSON of each entry for as long as the entry lives, and the bytes of a long page for as long as
 * its list does: lists are asked for far more often than they change, and neither a list that a gateway gave nor its
 * entries are ever changed in place. So what a caller is shown is what its own list says, whoever asked before.
 */
export class ListWriter {
  readonly #texts = new WeakMap<JsonObject, string>();
  readonly #pages = new WeakMap<readonly JsonObject[], Map<string, Uint8Array>>();

  /** The JSON of a list result; `more` holds the fields beside the entries and the cursor. */
  write(page: ListPage, more: JsonObject): TextPieces {
    const { field, nextCursor } = page;
    const rest = JSON.stringify(nextCursor === undefined ? more : { nextCursor, ...more });
    const tail = rest === '{}' ? '}' : `,${rest.slice(1)}`;
    return joinPieces(`{${JSON.stringify(field)}:[`, this.#entriesOf(page), `]${tail}`);
  }

  #entriesOf(page: ListPage): TextPieces {
    if (page.end - page.start < minKeptEntries) return this.#textOf(page);
    let pages = this.#pages.get(page.list);
    if (pages === undefined) this.#pages.set(page.list, (pages = new Map()));
    const key = `${page.start} ${page.end}`;
    let bytes = pages.get(key);
    if (bytes === undefined) pages.set(key, (bytes = Buffer.from(this.#textOf(page))));
    return [bytes];
  }

  #textOf({ entries }: ListPage): string {
    return entries.map((entry) => this.#entryText(entry)).join(',');
  }

  #entryText(entry: JsonObject): string {
    let text = this.#texts.get(entry);
    if (text === undefined) {
      text = JSON.stringify(entry);
      this.#texts.set(entry, text);
    }
    return text;
  }
}
