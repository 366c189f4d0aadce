/** What the host does next: it answers the calls under way with these places in the order of their beginning, or cancels. */
export type Action = { readonly settle: readonly number[] } | 'cancel';

/**
 * The host's part in a program, from a list of numbers. The reference and the language each have one of the same list,
 * and ask it at the same places; once the list is used up, calls are answered in the order in which they were made.
 */
export class Schedule {
  readonly #choices: readonly number[];
  #next = 0;
  #cancelled = false;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  /** Nothing can go on but by the host. */
  whenIdle(under: number): Action {
    const choice = this.#choices[this.#next++] ?? 0;
    if (choice % 16 === 15 && !this.#cancelled) return this.#cancel();
    const first = Math.floor(choice / 16) % under;
    if (choice % 4 === 3) return { settle: Array.from({ length: under }, (_, at) => (first + at) % under) };
    return { settle: [first] };
  }

  /** A branch computes, and gives way. */
  whenPaused(under: number): Action {
    const choice = this.#choices[this.#next++] ?? 0;
    if (choice % 8 === 7 && !this.#cancelled) return this.#cancel();
    return { settle: choice % 2 === 1 && under > 0 ? [Math.floor(choice / 8) % under] : [] };
  }

  #cancel(): Action {
    this.#cancelled = true;
    return 'cancel';
  }
}
