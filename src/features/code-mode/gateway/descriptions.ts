/** The descriptions of the script tool: one for each catalog and for what is known of the backends. */
import type { BackendPresentation, ToolOrigin } from '../../../gateway/index.ts';
import type { Catalog } from '../shared/catalog.ts';
import { describe, type DescriptionOptions } from '../shared/description.ts';
import { summaryOf } from '../shared/short-text.ts';
import type { ToolSources } from '../shared/tool-groups.ts';

/** What is known of the backends. */
export interface KnownBackends {
  /** The same array until something changes. */
  toolOrigins(): readonly ToolOrigin[];
  presentations(): readonly BackendPresentation[];
}

/** What was known at one time. Two that say the same are the same. */
export interface Sources extends ToolSources {
  readonly text: string;
}

/** Reads what is known of the backends, and tells when it is not as before. */
export class SourceReader {
  readonly #backends: KnownBackends | undefined;
  #origins: readonly ToolOrigin[] | undefined;
  #sources: Sources = toSources([], []);

  /** @param backends absent where nothing is known of them */
  constructor(backends: KnownBackends | undefined) {
    this.#backends = backends;
  }

  read(): Sources {
    const origins = this.#backends?.toolOrigins();
    if (this.#backends === undefined || origins === undefined || origins === this.#origins)
      return this.#sources;
    this.#origins = origins;
    const sources = toSources(origins, this.#backends.presentations());
    if (sources.text !== this.#sources.text) this.#sources = sources;
    return this.#sources;
  }
}

/** Makes each description once. */
export class Descriptions {
  readonly #options: DescriptionOptions;
  readonly #made = new WeakMap<Catalog, { readonly sources: Sources; readonly text: string }>();

  constructor(options: DescriptionOptions) {
    this.#options = options;
  }

  of(catalog: Catalog, sources: Sources): string {
    const known = this.#made.get(catalog);
    if (known?.sources === sources) return known.text;
    const text = describe(catalog.tools, this.#options, sources);
    this.#made.set(catalog, { sources, text });
    return text;
  }
}

function toSources(origins: readonly ToolOrigin[], presentations: readonly BackendPresentation[]): Sources {
  const backends = new Map(
    origins.flatMap(({ shownAs, backend }) => (shownAs === undefined ? [] : [[shownAs, backend]])),
  );
  const purposes = new Map(presentations.map((each) => [each.name, purposeOf(each)]));
  return {
    text: JSON.stringify([[...backends], [...purposes]]),
    backendOf: (tool) => backends.get(tool),
    purposeOf: (backend) => purposes.get(backend),
  };
}

/** What a backend says that it is for: its description or, where it has none, its title and how its instructions begin. */
function purposeOf({ title = '', description = '', instructions = '' }: BackendPresentation): string {
  if (description !== '') return summaryOf(description);
  const first = summaryOf(withoutHeadings(instructions));
  return summaryOf([title, first].filter((text) => text !== '').join(': '));
}

/** Instructions are often Markdown, whose headings tell little. */
function withoutHeadings(text: string): string {
  return text.replace(/^\s*#.*$/gmu, '');
}
