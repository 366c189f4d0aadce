import type { Catalogue, Listing } from './backend.ts';
import { isTool } from './backend.ts';
import type { Tool } from '../request.ts';
import type { JsonObject, JsonValue } from '../../protocol/index.ts';

export const emptyCatalogue: Catalogue = { tools: [], resources: [], resourceTemplates: [], prompts: [] };

export const listings: readonly Listing[] = ['tools', 'resources', 'resourceTemplates', 'prompts'];

/** The field that names an entry of each listing. */
const keys: Readonly<Record<Listing, string>> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
};

type Kind = 'string' | 'number' | 'object' | 'array';

/** Of what kind the fields are that clients know. A field nobody has heard of may be of any. */
const fieldKinds: Readonly<Record<string, Kind>> = {
  name: 'string',
  title: 'string',
  description: 'string',
  mimeType: 'string',
  size: 'number',
  outputSchema: 'object',
  annotations: 'object',
  execution: 'object',
  _meta: 'object',
  icons: 'array',
  arguments: 'array',
};

/**
 * One list as a backend sent it, fit for use: entries without a name are left out, and of entries with the same name the
 * first counts. A client may refuse the list of all backends for one field of a wrong kind, so such a field is left out;
 * `null`, which many backends write for what they do not have, without a word.
 * @param onDropped told why an entry, or a field of one, was left out.
 */
export function cleanList(
  listing: Listing,
  entries: readonly JsonObject[],
  onDropped: (why: string) => void,
): JsonObject[] {
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const key = entry[keys[listing]];
    if (typeof key !== 'string' || key === '' || (listing === 'tools' && !isTool(entry))) {
      onDropped(`lists one of its ${listing} without a valid ${keys[listing]} or schema; it is left out`);
      return [];
    }
    if (seen.has(key)) {
      onDropped(`lists "${key}" twice among its ${listing}; the first counts`);
      return [];
    }
    seen.add(key);
    const misfits = misfitsOf(entry);
    for (const field of misfits) {
      if (entry[field] !== null) onDropped(`lists "${key}" among its ${listing} with ${misfitText(field)}`);
    }
    return [completed(listing, misfits.length === 0 ? entry : without(entry, misfits), key)];
  });
}

function misfitsOf(entry: JsonObject): string[] {
  return Object.keys(entry).filter((field) => {
    const kind = Object.hasOwn(fieldKinds, field) ? fieldKinds[field] : undefined;
    return kind !== undefined && entry[field] !== undefined && kindOf(entry[field]) !== kind;
  });
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function misfitText(field: string): string {
  const isMany = field === 'icons' || field === 'arguments';
  const kind = fieldKinds[field];
  return isMany
    ? `"${field}" that are no ${kind}; that field is left out`
    : `a "${field}" that is no ${kind}; that field is left out`;
}

function without(entry: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(entry).filter(([field]) => !fields.includes(field)));
}

/** With what clients need and only one thing could be meant by: arguments are always an object, a place names itself. */
function completed(listing: Listing, entry: JsonObject, key: string): JsonObject {
  if (listing === 'tools') {
    const schema = entry['inputSchema'] as JsonObject;
    return schema['type'] === 'object' ? entry : { ...entry, inputSchema: { ...schema, type: 'object' } };
  }
  return entry['name'] === undefined ? { ...entry, name: key } : entry;
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
