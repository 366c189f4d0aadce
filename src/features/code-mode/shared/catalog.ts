/**
 * A catalog is the list of tools that one caller may use, made ready for scripts: identifiers chosen, and the whole as JSON
 * text for the script threads. Callers who see the same tools share one catalog, so the work is done once for each
 * version of the list.
 */
import type { Tool } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { nameTools } from './naming.ts';
import { reservedNames } from './names.ts';

/** A tool as scripts know it. */
export interface CatalogTool {
  /** The real name: what the gateway, metrics and logs know. */
  readonly name: string;
  /** The function's name in a script. */
  readonly identifier: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
}

export interface Catalog {
  /** Sorted by real name. Never holds `execute_tool_script`. */
  readonly tools: readonly CatalogTool[];
  /** `tools` as JSON: what a script thread receives, once. */
  readonly text: string;
}

/** How many versions of the list are kept: callers with different rights, and the lists before a change. */
const maxCatalogs = 64;

interface Entry {
  readonly tools: readonly Tool[];
  readonly catalog: Catalog;
}

/** Finds or makes the catalog of a list of tools. One belongs to each provider. */
export class Catalogs {
  /** Least recently used first. */
  #entries: Entry[] = [];

  /** The catalog of `tools`: a known one when every tool is the same object, or the same text, as before. */
  of(tools: readonly Tool[]): Catalog {
    const known = this.#entries.find((entry) => sameTools(entry.tools, tools));
    if (known !== undefined) return this.#keep(known);
    const callable = toCatalogTools(tools);
    const text = JSON.stringify(callable);
    const twin = this.#entries.find(({ catalog }) => catalog.text === text);
    const catalog = twin?.catalog ?? { tools: callable, text };
    return this.#keep({ tools: [...tools], catalog });
  }

  #keep(entry: Entry): Catalog {
    this.#entries = [...this.#entries.filter((other) => other !== entry), entry].slice(-maxCatalogs);
    return entry.catalog;
  }
}

function sameTools(left: readonly Tool[], right: readonly Tool[]): boolean {
  return (
    left === right || (left.length === right.length && left.every((tool, index) => tool === right[index]))
  );
}

/** Tools as scripts know them: sorted as they were. */
export function toCatalogTools(tools: readonly Tool[]): CatalogTool[] {
  const identifiers = nameTools(
    tools.map((tool) => tool.name),
    reservedNames(),
  );
  return tools.map((tool) => ({
    name: tool.name,
    identifier: identifiers.get(tool.name) ?? tool.name,
    description: tool.description ?? '',
    inputSchema: tool.inputSchema,
    ...(tool.outputSchema === undefined ? {} : { outputSchema: tool.outputSchema }),
  }));
}
