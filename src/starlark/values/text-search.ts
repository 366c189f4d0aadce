/**
 * Looking for a text in a text, in time that grows with their lengths added, never multiplied. JavaScript's own
 * `indexOf` is the quickest there is for short texts, but takes seconds to find `"a" * 20000 + "b" + "a" * 20000` in
 * `"a" * 160000`; for what is long enough for that to matter, Knuth, Morris and Pratt's way is taken.
 */
import type { Meter } from './meter.ts';

/** Finds one text, any number of times, in another. */
export interface TextSearch {
  /** The first place at or after `from`; -1 when there is none. */
  first(from: number): number;
  /** The last place that ends at or before `end`; -1 when there is none. */
  last(end: number): number;
}

/** Up to these lengths JavaScript's own search is quick whatever the texts. */
const quickForwards = 250;
const quickBackwards = 16;
/** As it is where the lengths multiplied come to no more than this. */
const quickProduct = 1_000_000;

/** JavaScript's own `split` is quick for separators up to this long. */
export const shortSeparator = 100;

/** The first place of `sub` in `text`; -1 when there is none. */
export function firstIndex(meter: Meter, text: string, sub: string): number {
  return searchFor(meter, text, sub).first(0);
}

/** The last place of `sub` in `text`; -1 when there is none. */
export function lastIndex(meter: Meter, text: string, sub: string): number {
  return searchFor(meter, text, sub, 'backwards').last(text.length);
}

/** A search for `sub`, which is to go one way only; pays for what goes beyond JavaScript's own. */
export function searchFor(
  meter: Meter,
  text: string,
  sub: string,
  direction: 'forwards' | 'backwards' = 'forwards',
): TextSearch {
  const quick = direction === 'forwards' ? quickForwards : quickBackwards;
  if (sub.length <= quick || sub.length * text.length <= quickProduct || sub.length > text.length) {
    return {
      first: (from) => text.indexOf(sub, from),
      last: (end) => (end < sub.length ? -1 : text.lastIndexOf(sub, end - sub.length)),
    };
  }
  meter.charge(16 + 4 * sub.length);
  meter.work((text.length + sub.length) >>> 2);
  return new LinearSearch(text, sub, direction);
}

/** Backwards, both texts are read from their ends; places are then counted from there. */
class LinearSearch implements TextSearch {
  readonly #text: string;
  readonly #sub: string;
  readonly #direction: 'forwards' | 'backwards';
  /** For each beginning of `sub`, the length of its longest end that is also a beginning of it. */
  readonly #borders: Int32Array;

  constructor(text: string, sub: string, direction: 'forwards' | 'backwards') {
    this.#text = text;
    this.#sub = sub;
    this.#direction = direction;
    this.#borders = this.#findBorders();
  }

  first(from: number): number {
    return this.#scan(from);
  }

  last(end: number): number {
    const found = this.#scan(this.#text.length - end);
    return found < 0 ? -1 : this.#text.length - found - this.#sub.length;
  }

  #scan(from: number): number {
    const { length } = this.#sub;
    let matched = 0;
    for (let at = from; at < this.#text.length; at++) {
      const unit = this.#unit(this.#text, at);
      while (matched > 0 && this.#unit(this.#sub, matched) !== unit) matched = this.#borders[matched - 1]!;
      if (this.#unit(this.#sub, matched) === unit) matched++;
      if (matched === length) return at + 1 - length;
    }
    return -1;
  }

  #findBorders(): Int32Array {
    const borders = new Int32Array(this.#sub.length);
    let matched = 0;
    for (let at = 1; at < this.#sub.length; at++) {
      const unit = this.#unit(this.#sub, at);
      while (matched > 0 && this.#unit(this.#sub, matched) !== unit) matched = borders[matched - 1]!;
      if (this.#unit(this.#sub, matched) === unit) matched++;
      borders[at] = matched;
    }
    return borders;
  }

  #unit(text: string, at: number): number {
    return text.charCodeAt(this.#direction === 'forwards' ? at : text.length - 1 - at);
  }
}
