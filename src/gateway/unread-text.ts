import type { JsonObject, JsonValue } from './json.ts';

/** The JSON string that a block's text came as; never enumerable, so that a copy, whose text has been read, has none. */
const unread: unique symbol = Symbol('unread');

interface UnreadBlock {
  readonly [unread]?: string;
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
  return JSON.parse(this[unread] ?? 'null');
}

/**
 * Gives a content block a text that is still the JSON string it came as, quotes and escapes included. It is read like
 * any other text, each time that it is asked for, which throws a SyntaxError where it is no JSON string.
 */
export function leaveUnread(block: JsonObject, json: string): void {
  Object.defineProperty(block, 'text', textProperty);
  Object.defineProperty(block, unread, { value: json });
}

/** The JSON string that is the text of this block, where nobody has read it yet. */
export function unreadText(block: JsonValue): string | undefined {
  return (block as UnreadBlock | null)?.[unread];
}
