import { StarlarkError } from '../errors.ts';
import type { Node } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';

/**
 * How long the code of a program has become, counted while it is made: a program that would become more than it may is
 * refused before V8 sees it, which has no way back from code that is too much for it.
 */
export class CodeLength {
  readonly #source: Source;
  readonly #most: number;
  /** Characters of statements, and of the parts of expressions that are not complete yet. */
  #stated = 0;
  #parts = 0;

  /** @param most characters that the code may have */
  constructor(source: Source, most: number) {
    this.#source = source;
    this.#most = most;
  }

  get total(): number {
    return this.#stated + this.#parts;
  }

  /** A piece is complete, the expressions in it included. */
  add(characters: number): void {
    this.#stated += characters;
    this.#parts = 0;
  }

  /** An expression begins, whose code is put together from that of its parts; returns what {@link end} takes. */
  begin(): number {
    return this.#parts;
  }

  /** @throws StarlarkError 'resolve' when the code is longer than it may be */
  end(begun: number, characters: number, node: Node): void {
    this.#parts = begun + characters;
    if (this.total > this.#most) this.check(node);
  }

  /** All the code is complete. @throws StarlarkError 'resolve' when it is longer than it may be */
  all(characters: number, file: Node): void {
    this.#stated = characters;
    this.#parts = 0;
    this.check({ start: file.end, end: file.end });
  }

  /** @throws StarlarkError 'resolve' when the code is longer than it may be */
  check(node: Node): void {
    if (this.total <= this.#most) return;
    const message =
      `this program is too large when compiled: up to this line it becomes more than ${this.#most} characters of code; ` +
      'split it, or write what repeats once, as a function or a loop';
    const diagnostic = this.#source.diagnostic('resolve', message, node.start, node.start + 1);
    throw new StarlarkError('resolve', message, { diagnostics: [diagnostic] });
  }
}
