import { pieceText, type TextPieces } from '../lib/text-pieces.ts';
import type { JsonObject, JsonValue } from '../protocol/index.ts';

interface Written {
  readonly text: TextPieces;
  readonly known: JsonObject;
  parsed: JsonObject | undefined;
}

/** What a result came as; never enumerable, so that a changed copy does not carry it along. */
const written: unique symbol = Symbol('written');

interface WrittenResult extends JsonObject {
  readonly [written]?: Written;
}

/** A property for each name of a member, and the same one for all results (see `leaveUnread`). */
const properties = new Map<string, PropertyDescriptor>();

/**
 * A result that is JSON text already, so that nobody on the way needs to parse and write it again. It is read like any
 * other object: its fields are parsed when first asked for.
 * @param text a JSON object
 * @param fields the names of its members: of those that the gateway itself writes, since each is remembered
 * @param known members that are known without reading the text; they are in `fields` too
 */
export function writtenResult(
  text: TextPieces,
  fields: readonly string[],
  known: JsonObject = {},
): JsonObject {
  const result: JsonObject = {};
  for (const field of fields) Object.defineProperty(result, field, propertyOf(field));
  const value: Written = { text, known, parsed: undefined };
  return Object.defineProperty(result, written, { value });
}

/** The text that a result came as, for whoever writes it out; undefined for a result like any other. */
export function writtenText(result: JsonObject): TextPieces | undefined {
  return (result as WrittenResult)[written]?.text;
}

function propertyOf(field: string): PropertyDescriptor {
  let property = properties.get(field);
  if (property === undefined) {
    const read = function (this: WrittenResult): JsonValue | undefined {
      return readMember(this, field);
    };
    property = { get: read, enumerable: true };
    properties.set(field, property);
  }
  return property;
}

function readMember({ [written]: result }: WrittenResult, field: string): JsonValue | undefined {
  if (result === undefined) return undefined;
  const known = result.known[field];
  if (known !== undefined) return known;
  result.parsed ??= JSON.parse(pieceText(result.text)) as JsonObject;
  return result.parsed[field];
}
