import type { Catalogue, Listing } from './backend.ts';
import { isTool } from './backend.ts';
import type { Tool } from './gateway.ts';
import type { JsonObject } from './json.ts';

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
 * first counts.
 * @param onDropped told why an entry was left out.
 */
export function cleanList(
  listing: Listing,
  entries: readonly JsonObject[],
  onDropped: (why: string) => void,
): JsonObject[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    const key = entry[keys[listing]];
    if (typeof key !== 'string' || key === '' || (listing === 'tools' && !isTool(entry))) {
      onDropped(`lists one of its ${listing} without a valid ${keys[listing]} or schema; it is left out`);
      return false;
    }
    if (seen.has(key)) {
      onDropped(`lists "${key}" twice among its ${listing}; the first counts`);
      return false;
    }
    seen.add(key);
    return true;
  });
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
  over: readonly JsonObject[],
): JsonObject[] {
  const key = keys[listing];
  const left = new Map(over.map((entry) => [entry[key], entry]));
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
