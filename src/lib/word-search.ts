/**
 * Finds documents by words: BM25 over a few fields of each, whole words alone, with English endings taken off. Small and
 * predictable, so that whoever asks can guess what will be found. Names that are asked for come first.
 *
 * Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009).
 */

export interface SearchField {
  readonly text: string;
  /** What a word in this field is worth against one in a field of weight 1. */
  readonly weight: number;
}

export interface SearchDocument {
  /** Names by which it may be asked for as a whole. The first one breaks ties. */
  readonly names: readonly [string, ...string[]];
  readonly fields: readonly SearchField[];
}

/** How soon more of the same word adds nothing, and how much a long field counts less. */
const saturation = 1.2;
const lengthPart = 0.5;

/** Above everything that words can score: its whole name, its words as the query, the end of its name. */
const boosts = { name: 3000, words: 2000, mention: 1000, ending: 5 } as const;

/** Which documents have a word, in order, and the saturated, weighted frequency that it has in each. */
interface Postings {
  readonly at: number[];
  readonly scores: number[];
}

/** Documents made ready. Building takes time and memory in proportion to all text; searching to the words asked for. */
export class WordIndex {
  readonly #names: readonly string[];
  readonly #postings = new Map<string, Postings>();
  /** Places by whole name in lower case, and by the words of a name. */
  readonly #byName = new Map<string, number[]>();
  readonly #byWords = new Map<string, number[]>();
  /** By the last word of a name. */
  readonly #byEnding = new Map<string, { readonly at: number; readonly words: string }[]>();
  /** Where each document stands by name. */
  readonly #ranks: Int32Array;
  /** Of the search under way; 0 between searches. */
  readonly #scores: Float64Array;

  constructor(documents: readonly SearchDocument[]) {
    this.#names = documents.map(({ names }) => names[0]);
    this.#scores = new Float64Array(documents.length);
    this.#ranks = ranksOf(this.#names);
    const stems = new Map<string, string>();
    const read = (text: string): string[] => wordsOf(text).map((word) => remembered(stems, word));
    const parsed = documents.map(({ fields }) => fields.map(({ text }) => read(text)));
    const averages = averageLengths(parsed);
    for (const [at, { names, fields }] of documents.entries()) {
      for (const name of names) this.#addName(at, name, read(name));
      this.#addFields(at, fields, { parsed: parsed[at] ?? [], averages });
    }
  }

  /**
   * Places of at most `limit` documents, best first. A document is found when it has one of the words. Without any word
   * in the query all documents are found, by name.
   */
  search(query: string, limit: number): number[] {
    const words = queryWords(query);
    const scores = this.#scores;
    if (words.length === 0) return this.#best(this.#names.keys(), limit);
    const touched: number[] = [];
    const add = (at: number, score: number): void => {
      if (scores[at] === 0) touched.push(at);
      scores[at] = (scores[at] ?? 0) + score;
    };
    for (const word of new Set(words)) {
      const found = this.#postings.get(word);
      if (found === undefined) continue;
      const rarity = this.#rarity(found.at.length);
      for (let i = 0; i < found.at.length; i++) add(found.at[i] ?? 0, rarity * (found.scores[i] ?? 0));
    }
    this.#boost(query, words, add);
    const best = this.#best(touched, limit);
    for (const at of touched) scores[at] = 0;
    return best;
  }

  /** The best of some places. Most of many are dropped after one comparison. */
  #best(places: Iterable<number>, limit: number): number[] {
    const best: number[] = [];
    for (const at of places) {
      if (best.length === limit && !this.#isBefore(at, best[limit - 1] ?? at)) continue;
      let position = best.length === limit ? limit - 1 : best.length;
      for (; position > 0; position--) {
        const above = best[position - 1] ?? at;
        if (!this.#isBefore(at, above)) break;
        best[position] = above;
      }
      best[position] = at;
    }
    return best;
  }

  #isBefore(left: number, right: number): boolean {
    const [one, other] = [this.#scores[left] ?? 0, this.#scores[right] ?? 0];
    return one > other || (one === other && (this.#ranks[left] ?? 0) < (this.#ranks[right] ?? 0));
  }

  #boost(query: string, words: readonly string[], add: (at: number, score: number) => void): void {
    const whole = query.trim().toLowerCase();
    for (const at of this.#byName.get(whole) ?? []) add(at, boosts.name);
    const joined = words.join(' ');
    for (const at of this.#byWords.get(joined) ?? []) add(at, boosts.words);
    for (const part of new Set(whole.split(/\s+/u)))
      if (part !== whole && /[_\-./]/u.test(part))
        for (const at of this.#byName.get(part) ?? []) add(at, boosts.mention);
    const last = words.at(-1);
    const endings = last === undefined ? undefined : this.#byEnding.get(last);
    for (const { at, words: name } of endings ?? []) if (name.endsWith(` ${joined}`)) add(at, boosts.ending);
  }

  /** A word that few documents have tells more. Never negative. */
  #rarity(found: number): number {
    return Math.log(1 + (this.#names.length - found + 0.5) / (found + 0.5));
  }

  #addName(at: number, name: string, words: readonly string[]): void {
    push(this.#byName, name.toLowerCase(), at);
    const joined = words.join(' ');
    push(this.#byWords, joined, at);
    const last = words.at(-1);
    if (last !== undefined) push(this.#byEnding, last, { at, words: joined });
  }

  #addFields(
    at: number,
    fields: readonly SearchField[],
    { parsed, averages }: { parsed: readonly (readonly string[])[]; averages: readonly number[] },
  ): void {
    for (const [index, { weight }] of fields.entries()) {
      const words = parsed[index] ?? [];
      const length = 1 - lengthPart + lengthPart * (words.length / (averages[index] ?? 1));
      const counts = new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const [word, count] of counts)
        this.#addPosting(word, at, (weight * count * (saturation + 1)) / (count + saturation * length));
    }
  }

  #addPosting(word: string, at: number, score: number): void {
    let postings = this.#postings.get(word);
    if (postings === undefined) {
      postings = { at: [], scores: [] };
      this.#postings.set(word, postings);
    }
    const last = postings.at.length - 1;
    if (postings.at[last] === at) postings.scores[last] = (postings.scores[last] ?? 0) + score;
    else {
      postings.at.push(at);
      postings.scores.push(score);
    }
  }
}

function ranksOf(names: readonly string[]): Int32Array {
  const order = [...names.keys()].sort((left, right) => compare(names[left] ?? '', names[right] ?? ''));
  const ranks = new Int32Array(names.length);
  for (const [rank, at] of order.entries()) ranks[at] = rank;
  return ranks;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Words come again and again: each is cut once. */
function remembered(stems: Map<string, string>, word: string): string {
  let known = stems.get(word);
  if (known === undefined) {
    known = stem(word);
    stems.set(word, known);
  }
  return known;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}

function averageLengths(parsed: readonly (readonly (readonly string[])[])[]): number[] {
  const sums: number[] = [];
  for (const fields of parsed)
    for (const [index, words] of fields.entries()) sums[index] = (sums[index] ?? 0) + words.length;
  return sums.map((sum) => Math.max(1, sum / parsed.length));
}

/** Lower case, parted at everything that is no letter or digit and where camelCase turns. */
export function wordsOf(text: string): string[] {
  // Most texts are ASCII, and these patterns are several times as quick.
  if (!/[^\0-\x7f]/.test(text))
    return (
      text
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? []
    );
  return (
    text
      .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Words of a question that are in texts about anything. */
const common: ReadonlySet<string> = new Set(
  (
    'a about an and any are as at be by can do does for from get how i if in into is it its me my of on or our over ' +
    'so some that the their them there these this those to us use used using want we what when where which who will ' +
    'with would you your'
  ).split(' '),
);

/** The words to look for: without common ones, unless there are no others. */
function queryWords(query: string): string[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => !common.has(word));
  return (telling.length > 0 ? telling : words).map(stem);
}

/**
 * A word without the endings of plurals and verbs, so that `issues` finds `issue`, `queries` `query`, and `searching`
 * `search`. Both sides are cut alike: what is left need not be a word.
 */
export function stem(word: string): string {
  if (word.endsWith('ied') && word.length > 4) return `${word.slice(0, -3)}y`;
  const single = withoutPlural(word);
  for (const ending of ['ing', 'ed'])
    if (
      single.endsWith(ending) &&
      single.length - ending.length >= 3 &&
      /[aeiouy]/u.test(single.slice(0, -ending.length))
    )
      return withoutE(withoutDouble(single.slice(0, -ending.length)));
  return withoutE(single);
}

function withoutPlural(word: string): string {
  if (word.length < 4 || !word.endsWith('s') || /(?:ss|us|is)$/u.test(word)) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|z|ss)es$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

/** `listing` is of `list`, `running` of `run`. */
function withoutDouble(word: string): string {
  return /([bdgmnprt])\1$/u.test(word) ? word.slice(0, -1) : word;
}

/** `creating` and `create` meet. */
function withoutE(word: string): string {
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word;
}
