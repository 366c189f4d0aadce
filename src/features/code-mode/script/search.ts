/** Finds tools by words, for `search_tools`. */
import { WordIndex, type SearchDocument } from '../../../lib/word-search.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import { isObject } from '../shared/schema.ts';

const maxFound = 20;
const weights = { name: 3, parameter: 1, description: 1 } as const;

/** The search over one list of tools; its index is made at the first search, and kept for as long as the list is. */
export class ToolSearch {
  readonly #tools: readonly CatalogTool[];
  #index: WordIndex | undefined;

  constructor(tools: readonly CatalogTool[]) {
    this.#tools = tools;
  }

  /**
   * At most 20 tools, best first: those whose names, parameters or descriptions hold words of `text`, a match in the name
   * counting most, and tools that `text` names before all others. Every tool matches the empty text.
   */
  find(text: string): CatalogTool[] {
    this.#index ??= new WordIndex(this.#tools.map(toDocument));
    return this.#index.search(text, maxFound).flatMap((at) => this.#tools[at] ?? []);
  }
}

function toDocument({ name, identifier, description, inputSchema }: CatalogTool): SearchDocument {
  const { properties } = inputSchema;
  const parameters = isObject(properties) ? Object.keys(properties).join(' ') : '';
  return {
    names: [name, identifier],
    fields: [
      { text: name, weight: weights.name },
      { text: parameters, weight: weights.parameter },
      { text: description, weight: weights.description },
    ],
  };
}
