/** Finds tools by words, for `search_tools`. Small and predictable: a model can guess what it will match. */
import type { CatalogTool } from '../shared/catalog.ts';
import { isObject } from '../shared/schema.ts';

const maxFound = 20;
/** Shorter words than this are found in every text when they need not stand alone ("a", "to"). */
const leastPart = 3;
const weights = { name: 8, parameter: 3, description: 1 } as const;

/**
 * At most 20 tools, best first: those whose names, parameters or descriptions hold most of the words of `text`, a match
 * in the name counting most. Every tool matches the empty text.
 */
export function searchTools(tools: readonly CatalogTool[], text: string): CatalogTool[] {
  const words = wordsOf(text);
  const scored = tools.map((tool) => ({ tool, score: words.length === 0 ? 1 : score(tool, words) }));
  return scored
    .filter((entry) => entry.score > 0)
    .sort((left, right) => right.score - left.score || (left.tool.name < right.tool.name ? -1 : 1))
    .slice(0, maxFound)
    .map((entry) => entry.tool);
}

function score(tool: CatalogTool, words: readonly string[]): number {
  const { properties } = tool.inputSchema;
  const places = [
    { text: tool.name, weight: weights.name },
    { text: isObject(properties) ? Object.keys(properties).join(' ') : '', weight: weights.parameter },
    { text: tool.description, weight: weights.description },
  ].map(({ text, weight }) => ({ text: wordsOf(text).join(' '), weight }));
  let total = 0;
  for (const word of words) {
    for (const { text, weight } of places) {
      if (` ${text} `.includes(` ${word} `)) total += 2 * weight;
      else if (word.length >= leastPart && text.includes(singular(word))) total += weight;
    }
  }
  return total;
}

/** A tool that lists issues may be called `list_issue`. */
function singular(word: string): string {
  return word.length > leastPart && word.endsWith('s') ? word.slice(0, -1) : word;
}

/** Lower case, parted at everything that is no letter or digit and where camelCase turns. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
