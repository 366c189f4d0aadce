import type { JsonObject } from '../../../../protocol/index.ts';

/** True for a JSON object; not for a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
