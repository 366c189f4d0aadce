import type { JsonObject, JsonValue } from '../protocol/index.ts';

/** The JSON string that a block's text came as; never enumerable, so that a copy, whose text has been read, has none. */
const unread: unique symbol = Symbol('unread');

interface UnreadBlock {
  [unread]?: string | undefined;
}

/**
 * One for all blocks. A getter of each object's own, and all that it refers to, V8 keeps until it collects everything,
 * be it made by `defineProperty` or written in an object literal.
 */
const textProperty: PropertyDescriptor & ThisType<UnreadBlock> = {
  get: readText,
  enumerable: true,
  configurable: true,
};

function readText(this: UnreadBlock): unknown {
  const json = this[unread];
  if (json === undefined) throw new Error('the text of this block was taken unread');
  return JSON.parse(json);
}

/**
 * Gives a content block a text that is still the JSON string it came as, quotes and escapes included. It is read like
 * any other text, each time that it is asked for, which throws a SyntaxError where it is no JSON string.
 */
export function leaveUnread(block: JsonObject, json: string): void {
  Object.defineProperty(block, 'text', textProperty);
  Object.defineProperty(block, unread, { value: json, writable: true });
}

/**
 * Takes from a block the JSON string that is its text, where nobody has read it yet. The block is of no use then: what it
 * came through may keep it for long (see `Once`), and is to keep no large text.
 */
export function takeUnreadText(block: JsonValue): string | undefined {
  const json = (block as UnreadBlock | null)?.[unread];
  if (json !== undefined) (block as UnreadBlock)[unread] = undefined;
  return json;
}
