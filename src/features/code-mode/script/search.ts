/** Finds tools by words, for `search_tools`. */
import { WordIndex, type SearchDocument } from '../../../lib/word-search.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import { isObject } from '../shared/schema.ts';

const maxFound = 20;
const weights = { name: 3, parameter: 1, description: 1 } as const;

/** What is longer is searched up to here. */
const maxTextLength = 16_384;
/** How long the index is worked at in one go, in ms. */
const sliceMs = 1;

/** The search over one list of tools; its index is made at the first search, and kept for as long as the list is. */
export class ToolSearch {
  readonly #tools: readonly CatalogTool[];
  #building: Generator<undefined, WordIndex> | undefined;
  #index: WordIndex | undefined;

  constructor(tools: readonly CatalogTool[]) {
    this.#tools = tools;
  }

  /** Undefined until {@link build} is done. */
  get index(): WordIndex | undefined {
    return this.#index;
  }

  /**
   * Makes the index. After each millisecond `giveWay` is waited for; what it throws ends this call, and another one goes
   * on from there. Two may be under way: each does a part.
   */
  async build(giveWay: () => Promise<void>): Promise<WordIndex> {
    while (this.#index === undefined) {
      this.#work(performance.now() + sliceMs);
      if (this.#index === undefined) await giveWay();
    }
    return this.#index;
  }

  #work(until: number): void {
    this.#building ??= this.#pieces();
    do {
      const { done, value } = this.#building.next();
      if (done !== true) continue;
      this.#index = value;
      this.#building = undefined;
      return;
    } while (performance.now() < until);
  }

  *#pieces(): Generator<undefined, WordIndex> {
    const documents: SearchDocument[] = [];
    for (const tool of this.#tools) {
      documents.push(toDocument(tool));
      if (documents.length % maxFound === 0) yield;
    }
    return yield* WordIndex.inPieces(documents);
  }

  /**
   * At most 20 tools, best first: those whose names, parameters or descriptions hold words of `text`, a match in the name
   * counting most, and tools that `text` names before all others. Every tool matches the empty text.
   */
  find(index: WordIndex, text: string): CatalogTool[] {
    return index.search(text, maxFound).flatMap((at) => this.#tools[at] ?? []);
  }
}

function toDocument({ name, identifier, description, inputSchema }: CatalogTool): SearchDocument {
  const { properties } = inputSchema;
  const parameters = isObject(properties) ? Object.keys(properties).join(' ').slice(0, maxTextLength) : '';
  return {
    names: [name, identifier],
    fields: [
      { text: name, weight: weights.name },
      { text: parameters, weight: weights.parameter },
      { text: description.slice(0, maxTextLength), weight: weights.description },
    ],
  };
}
