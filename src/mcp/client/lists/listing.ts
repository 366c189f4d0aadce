import type { BackendInfo, Listing } from '../../../gateway/index.ts';
import {
  errorCodes,
  type JsonObject,
  type JsonValue,
  kindOf,
  ProtocolError,
} from '../../../protocol/index.ts';
import { BackendError } from '../../../gateway/index.ts';
import type { FieldLog } from '../../wire/field-log.ts';

/** How each listing is asked for, where its entries stand in the answer, and which capability offers it. */
const listings: Readonly<Record<Listing, { method: string; field: string; capability: string }>> = {
  tools: { method: 'tools/list', field: 'tools', capability: 'tools' },
  resources: { method: 'resources/list', field: 'resources', capability: 'resources' },
  resourceTemplates: {
    method: 'resources/templates/list',
    field: 'resourceTemplates',
    capability: 'resources',
  },
  prompts: { method: 'prompts/list', field: 'prompts', capability: 'prompts' },
};

/** A backend that lists more is asked no further, which the error says. */
const maxEntries = 20_000;
const maxPages = 2_000;

/** All entries of one listing, page after page. Empty when the backend does not offer it. */
export async function listAll(
  listing: Listing,
  info: BackendInfo,
  backend: string,
  fields: FieldLog,
  ask: (method: string, params: JsonObject) => Promise<JsonObject>,
): Promise<JsonValue[]> {
  const { method, field, capability } = listings[listing];
  if (info.capabilities[capability] === undefined) return [];
  const entries: JsonValue[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await askPage(method, cursor, ask);
    if (page === undefined) return [];
    const found = page[field];
    if (Array.isArray(found)) for (const entry of found) entries.push(entry);
    else
      fields.warn(
        `answered ${method} with "${field}": expected an array, found ${kindOf(found)}; it is read as empty`,
      );
    const next = page['nextCursor'];
    if (typeof next !== 'string' && next !== undefined && next !== null)
      fields.warn(
        `answered ${method} with "nextCursor": expected a string, found ${kindOf(next)}; the list ends there`,
      );
    cursor = typeof next === 'string' && next !== '' ? next : undefined;
    if (entries.length > maxEntries || seen.size >= maxPages || (cursor !== undefined && seen.has(cursor))) {
      throw new BackendError('bad-answer', backend, `lists ${field} without end (${entries.length} so far)`);
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  return entries;
}

/** Undefined when the backend declared the capability but does not know this listing, as many do with templates. */
async function askPage(
  method: string,
  cursor: string | undefined,
  ask: (method: string, params: JsonObject) => Promise<JsonObject>,
): Promise<JsonObject | undefined> {
  try {
    return await ask(method, cursor === undefined ? {} : { cursor });
  } catch (error) {
    if (error instanceof ProtocolError && error.code === errorCodes.methodNotFound) return undefined;
    throw error;
  }
}
