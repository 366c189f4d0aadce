import { pieceElements, type Pieces } from '../../eval/pieces.ts';
import { uncounted } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { TextBuilder } from '../../values/text-builder.ts';

/** How `json.indent` lays a text out. */
export interface Layout {
  /** Put before every line but the first. */
  readonly prefix: string;
  /** Put once for each level. */
  readonly indent: string;
}

/** Cutting out a token and adding it, in elements. */
const perToken = 8;
/** So many characters are gone through in a piece, and in elements what each takes. */
const pieceLength = 2 ** 14;
const perCharacter = 0.5;

/** Lays out a text that is known to be JSON: one element a line, tokens as they were. */
export function* indentJson(
  thread: Thread,
  text: string,
  layout: Layout,
  length: number = pieceLength,
): Pieces<string> {
  const writer = new Indenter(thread, text, layout);
  do {
    if (thread.piece(length * perCharacter)) yield uncounted;
  } while (!writer.goOn(length));
  return writer.finish();
}

class Indenter {
  readonly #thread: Thread;
  readonly #text: string;
  readonly #layout: Layout;
  readonly #out: TextBuilder;
  #at = 0;
  #depth = 0;
  /** Where a token that is not written yet has begun; -1 between tokens. */
  #start = -1;
  #isInString = false;
  /** Whether a container has begun, of which nothing has been seen yet. */
  #isEmpty = false;

  constructor(thread: Thread, text: string, layout: Layout) {
    this.#thread = thread;
    this.#text = text;
    this.#layout = layout;
    this.#out = new TextBuilder(thread);
  }

  /** Goes through so many characters more, or fewer where much is to be written for them. True at the end. */
  goOn(characters: number): boolean {
    const end = Math.min(this.#at + characters, this.#text.length);
    const enough = this.#thread.worked + pieceElements;
    while (this.#at < end && this.#thread.worked < enough) {
      if (this.#isInString) this.#skipString(end);
      else this.#take(this.#text.charCodeAt(this.#at));
    }
    return this.#at >= this.#text.length;
  }

  finish(): string {
    this.#endToken();
    return this.#out.finish();
  }

  /** Goes on within a string, to its end if it lies before `end`. */
  #skipString(end: number): void {
    const text = this.#text;
    let at = this.#at;
    while (at < end && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    this.#isInString = at >= end && text.charCodeAt(at) !== 0x22;
    this.#at = this.#isInString ? at : at + 1;
  }

  #take(unit: number): void {
    switch (unit) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        this.#endToken();
        break;
      case 0x7b:
      case 0x5b:
        this.#beginMember();
        this.#out.add(unit === 0x7b ? '{' : '[');
        this.#depth++;
        this.#isEmpty = true;
        break;
      case 0x7d:
      case 0x5d:
        this.#endToken();
        this.#depth--;
        if (!this.#isEmpty) this.#newLine();
        this.#isEmpty = false;
        this.#out.add(unit === 0x7d ? '}' : ']');
        break;
      case 0x2c:
        this.#endToken();
        this.#out.add(',');
        this.#newLine();
        break;
      case 0x3a:
        this.#endToken();
        this.#out.add(': ');
        break;
      default:
        if (this.#start < 0) {
          this.#beginMember();
          this.#start = this.#at;
        }
        this.#isInString = unit === 0x22;
    }
    this.#at++;
  }

  /** What begins is in a container that is not empty, then. */
  #beginMember(): void {
    if (this.#isEmpty) this.#newLine();
    this.#isEmpty = false;
  }

  #endToken(): void {
    if (this.#start < 0) return;
    this.#thread.work(perToken);
    this.#out.add(this.#text.slice(this.#start, this.#at));
    this.#start = -1;
  }

  #newLine(): void {
    const { prefix, indent } = this.#layout;
    this.#thread.work(perToken);
    this.#out.add(`\n${prefix}`);
    for (let level = 0; level < this.#depth; level++) this.#out.add(indent);
  }
}
