import { pieceText, type TextPieces } from '../lib/text-pieces.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** The text of a result that came as text; never enumerable, so that a changed copy does not carry it along. */
const written: unique symbol = Symbol('written');

/**
 * A result that is JSON text already, so that nobody on the way needs to parse and write it again. It is read like any
 * other object: its fields are parsed when first asked for.
 * @param text a JSON object
 * @param fields the names of its members
 * @param known members that are known without reading the text; they are in `fields` too
 */
export function writtenResult(
  text: TextPieces,
  fields: readonly string[],
  known: JsonObject = {},
): JsonObject {
  let parsed: JsonObject | undefined;
  const result: JsonObject = {};
  for (const field of fields) {
    const get = (): JsonValue | undefined =>
      known[field] ?? (parsed ??= JSON.parse(pieceText(text)) as JsonObject)[field];
    Object.defineProperty(result, field, { get, enumerable: true });
  }
  return Object.defineProperty(result, written, { value: text });
}

/** The text that a result came as, for whoever writes it out; undefined for a result like any other. */
export function writtenText(result: JsonObject): TextPieces | undefined {
  return (result as { readonly [written]?: TextPieces })[written];
}
