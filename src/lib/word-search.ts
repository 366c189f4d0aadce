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

/** Characters that are read, or words that are counted, between two chances to give way: some tenths of a millisecond. */
const piece = { characters: 8192, words: 1024 } as const;

/** Documents made ready. Building takes time and memory in proportion to all text; searching to the words asked for. */
export class WordIndex {
  readonly #names: readonly string[];
  /** Numbers of words without their endings, and where each of them is found. */
  readonly #stems: ReadonlyMap<string, number>;
  readonly #postings: Postings[] = [];
  /** Places by whole name in lower case, and by the words of a name. */
  readonly #byName = new Map<string, number[]>();
  readonly #byWords = new Map<string, number[]>();
  /** By the last word of a name. */
  readonly #byEnding = new Map<string, { readonly at: number; readonly words: string }[]>();
  /** Where each document stands by name. */
  readonly #ranks: Int32Array;
  /** Of the search under way; 0 between searches. */
  readonly #scores: Float64Array;

  private constructor(documents: readonly SearchDocument[], stems: ReadonlyMap<string, number>) {
    this.#names = documents.map(({ names }) => names[0]);
    this.#stems = stems;
    this.#scores = new Float64Array(documents.length);
    this.#ranks = ranksOf(this.#names);
  }

  /** An index, built in one go. */
  static of(documents: readonly SearchDocument[]): WordIndex {
    for (const pieces = WordIndex.inPieces(documents); ;) {
      const { done, value } = pieces.next();
      if (done === true) return value;
    }
  }

  /** An index, built in pieces of less than a millisecond: all of it takes about 0.1 s for 5,000 tools. */
  static *inPieces(documents: readonly SearchDocument[]): Generator<undefined, WordIndex> {
    const words = new Words();
    const index = new WordIndex(documents, words.stems);
    yield;
    let left: number = piece.characters;
    for (const [at, { names, fields }] of documents.entries()) {
      for (const name of names) index.#addName(at, name);
      for (const [field, { text }] of fields.entries()) left -= words.read(field, text);
      if (left > 0) continue;
      left = piece.characters;
      yield;
    }
    left = piece.words;
    for (const [at, { fields }] of documents.entries()) {
      for (const [field, { weight }] of fields.entries())
        left -= words.count(field, documents.length, (word, frequency) => {
          index.#addPosting(word, at, weight * frequency);
        });
      if (left > 0) continue;
      left = piece.words;
      yield;
    }
    return index;
  }

  /** How many entries a search of `query` goes through, which its time is in proportion to. */
  reach(query: string): number {
    const words = queryWords(query);
    if (words.length === 0) return this.#names.length;
    return [...new Set(words)].reduce((sum, word) => sum + (this.#postingsOf(word)?.at.length ?? 0), 0);
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
      const found = this.#postingsOf(word);
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

  #postingsOf(word: string): Postings | undefined {
    const number = this.#stems.get(word);
    return number === undefined ? undefined : this.#postings[number];
  }

  #addName(at: number, name: string): void {
    push(this.#byName, name.toLowerCase(), at);
    const words = wordsOf(name).map(stem);
    const joined = words.join(' ');
    push(this.#byWords, joined, at);
    const last = words.at(-1);
    if (last !== undefined) push(this.#byEnding, last, { at, words: joined });
  }

  #addPosting(word: number, at: number, score: number): void {
    const postings = (this.#postings[word] ??= { at: [], scores: [] });
    const last = postings.at.length - 1;
    if (postings.at[last] === at) postings.scores[last] = (postings.scores[last] ?? 0) + score;
    else {
      postings.at.push(at);
      postings.scores.push(score);
    }
  }
}

/**
 * The words of all fields as numbers, first read and then counted, in the same order: how long a field is on average is
 * known once all are read. Numbers, since a list of words for each field is several times the work for the collector.
 */
class Words {
  readonly stems = new Map<string, number>();
  /** Words come again and again: each is cut once. */
  readonly #known = new Map<string, number>();
  readonly #numbers: number[] = [];
  readonly #lengths: number[] = [];
  /** Words of each field in all documents. */
  readonly #sums: number[] = [];
  #countedNumbers = 0;
  #countedFields = 0;
  /** How often the field that is counted has each word; 0 between fields. */
  #counts = new Uint32Array(0);

  /** Returns what it took, in characters. */
  read(field: number, text: string): number {
    const words = wordsOf(text);
    for (const word of words) this.#numbers.push(this.#numberOf(word));
    this.#lengths.push(words.length);
    this.#sums[field] = (this.#sums[field] ?? 0) + words.length;
    return text.length + 1;
  }

  /** Tells the saturated frequency of each word of the next field. Returns what it took, in words. */
  count(field: number, documents: number, add: (word: number, frequency: number) => void): number {
    if (this.#counts.length < this.stems.size) this.#counts = new Uint32Array(this.stems.size);
    const counts = this.#counts;
    const start = this.#countedNumbers;
    const length = this.#lengths[this.#countedFields++] ?? 0;
    const end = (this.#countedNumbers += length);
    const average = Math.max(1, (this.#sums[field] ?? 0) / documents);
    const norm = saturation * (1 - lengthPart + lengthPart * (length / average));
    for (let i = start; i < end; i++) {
      const word = this.#numbers[i] ?? 0;
      counts[word] = (counts[word] ?? 0) + 1;
    }
    for (let i = start; i < end; i++) {
      const word = this.#numbers[i] ?? 0;
      const count = counts[word] ?? 0;
      if (count === 0) continue;
      counts[word] = 0;
      add(word, (count * (saturation + 1)) / (count + norm));
    }
    return length + 1;
  }

  #numberOf(word: string): number {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const cut = stem(word);
    const number = this.stems.get(cut) ?? this.stems.size;
    this.stems.set(cut, number);
    this.#known.set(word, number);
    return number;
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

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
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
