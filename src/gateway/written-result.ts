import type { JsonObject, JsonValue } from './json.ts';

/** The text of a result that came as text; never enumerable, so that a changed copy does not carry it along. */
const written: unique symbol = Symbol('written');

/**
 * A result that is JSON text already, so that nobody on the way needs to parse and write it again. It is read like any
 * other object: its fields are parsed when first asked for.
 * @param text a JSON object
 * @param fields the names of its members
 */
export function writtenResult(text: string, fields: readonly string[]): JsonObject {
  let parsed: JsonObject | undefined;
  const result: JsonObject = {};
  for (const field of fields) {
    const get = (): JsonValue | undefined => (parsed ??= JSON.parse(text) as JsonObject)[field];
    Object.defineProperty(result, field, { get, enumerable: true });
  }
  return Object.defineProperty(result, written, { value: text });
}

/** The text that a result came as, for whoever writes it out; undefined for a result like any other. */
export function writtenText(result: JsonObject): string | undefined {
  return (result as { readonly [written]?: string })[written];
}
