import type { Catalogue, Listing } from './backend.ts';
import type { Tool } from '../request.ts';
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type Misfit,
  misfitText,
  repairEntry,
} from '../../protocol/index.ts';

export const emptyCatalogue: Catalogue = { tools: [], resources: [], resourceTemplates: [], prompts: [] };

export const listings: readonly Listing[] = ['tools', 'resources', 'resourceTemplates', 'prompts'];

/** The field that names an entry of each listing. */
const keys: Readonly<Record<Listing, string>> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
};

/**
 * One list as a backend sent it, fit for use: entries without a name are left out, and of entries with the same name the
 * first counts. A client may refuse the list of all backends for one field that is not as the specification has it, so
 * such a field is repaired or left out (`protocol/fields`).
 * @param onProblem told of each kind of misfit once, with the entries that have it.
 */
export function cleanList(
  listing: Listing,
  entries: readonly JsonValue[],
  onProblem: (why: string) => void,
): JsonObject[] {
  const seen = new Set<string>();
  const misfits = new MisfitsOfList(listing);
  const clean = entries.flatMap((given, index) => {
    const found: Misfit[] = [];
    const entry = repairEntry(listing, given, found);
    const key = entry?.[keys[listing]];
    misfits.add(nameOf(listing, given, index), found, entry !== undefined);
    if (entry === undefined || typeof key !== 'string') return []; // which has been said
    if (key === '') {
      onProblem(`lists ${nameOf(listing, given, index)} with an empty ${keys[listing]}; it is left out`);
      return [];
    }
    if (seen.has(key)) {
      onProblem(`lists "${key}" twice among its ${listing}; the first counts`);
      return [];
    }
    seen.add(key);
    return [entry];
  });
  misfits.tell(onProblem);
  return clean;
}

/** How an entry is called in what is said of it: by its name, else by its place. */
function nameOf(listing: Listing, entry: JsonValue, index: number): string {
  const { [keys[listing]]: key, name } = isObject(entry) ? entry : {};
  const known = [key, name].find((each) => typeof each === 'string' && each !== '');
  return known === undefined ? `entry ${index + 1}` : JSON.stringify(cut(String(known)));
}

function cut(text: string): string {
  return text.length <= longestName ? text : `${text.slice(0, longestName)}…`;
}

const longestName = 200;
const mostNamed = 5;

/** Gathers what is odd in a list, so that what many entries have in common is said once. */
class MisfitsOfList {
  readonly #listing: Listing;
  readonly #entries = new Map<string, string[]>();

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  add(name: string, misfits: readonly Misfit[], isKept: boolean): void {
    for (const misfit of misfits) {
      const said = misfitText(misfit);
      const text = isKept || misfit.done !== undefined ? said : `${said}; the entry is left out`;
      const names = this.#entries.get(text);
      if (names === undefined) this.#entries.set(text, [name]);
      else if (names.at(-1) !== name) names.push(name);
    }
  }

  tell(onProblem: (why: string) => void): void {
    for (const [text, names] of this.#entries) {
      const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
      const which = names.slice(0, mostNamed).join(', ');
      onProblem(`lists ${which}${more} among its ${this.#listing} with ${text}`);
    }
  }
}

/** The catalogue with some lists replaced, and which of them differ from before. */
export function withLists(
  catalogue: Catalogue,
  lists: ReadonlyMap<Listing, JsonObject[]>,
): { catalogue: Catalogue; changed: Listing[] } {
  const changed = [...lists.keys()].filter(
    (listing) => !isSame(catalogue[listing], lists.get(listing) ?? []),
  );
  const next: Catalogue = {
    tools: (lists.get('tools') as Tool[] | undefined) ?? catalogue.tools,
    resources: lists.get('resources') ?? catalogue.resources,
    resourceTemplates: lists.get('resourceTemplates') ?? catalogue.resourceTemplates,
    prompts: lists.get('prompts') ?? catalogue.prompts,
  };
  return { catalogue: next, changed };
}

/** True when two catalogues offer the same. */
export function isSameCatalogue(left: Catalogue, right: Catalogue): boolean {
  return listings.every((listing) => isSame(left[listing], right[listing]));
}

/** One list with the entries of another over it: those of the same name replaced, others added. */
export function overlaid(
  listing: Listing,
  list: readonly JsonObject[],
  over: readonly JsonValue[],
): JsonValue[] {
  const key = keys[listing];
  const left = new Map(over.map((entry, index) => [isObject(entry) ? entry[key] : index, entry]));
  const replaced = list.map((entry) => {
    const other = left.get(entry[key]);
    left.delete(entry[key]);
    return other ?? entry;
  });
  return [...replaced, ...left.values()];
}

/** Requests that name one entry of a list, and where in their parameters they do. */
const namings: Readonly<Record<string, Listing>> = {
  'tools/call': 'tools',
  'prompts/get': 'prompts',
  'resources/read': 'resources',
};

/** True when a request names an entry that the own catalogue has, and the other does not have just so. */
export function namesOwn(
  { method, params }: { readonly method: string; readonly params: JsonObject },
  own: Catalogue,
  all: Catalogue,
): boolean {
  const listing = Object.hasOwn(namings, method) ? namings[method] : undefined;
  if (listing === undefined) return false;
  const key = keys[listing];
  const find = (entries: readonly JsonObject[]): JsonObject | undefined =>
    entries.find((entry) => entry[key] === params[key]);
  const entry = find(own[listing]);
  return entry !== undefined && JSON.stringify(entry) !== JSON.stringify(find(all[listing]));
}

function isSame(left: readonly JsonObject[], right: readonly JsonObject[]): boolean {
  return left.length === right.length && JSON.stringify(left) === JSON.stringify(right);
}
