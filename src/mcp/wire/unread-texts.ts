import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject } from '../../protocol/index.ts';
import { leaveUnread } from '../../gateway/index.ts';
import { exceedsDepth } from './depth.ts';
import type { ParsedMessage } from './jsonrpc.ts';
import { maxMessageDepth, parseMessage, readMessage, tooDeep } from './jsonrpc.ts';

/** Characters from which a text is left unread. */
const longLength = 64 * 1024;

/** What stands for a long string while the rest is read. No message can know it. */
const placeholder: string = randomUUID();

/**
 * Reads one message as `parseMessage` does, but for the long texts of a tool's result: they are left as they came (see
 * `leaveUnread`), for whoever passes them on to be read elsewhere. To undo the escapes of half a megabyte takes 2 ms.
 * What is wrong within such a text shows only when it is read.
 * @throws {WireError}
 */
export function parseMessageButTexts(text: string): ParsedMessage {
  if (text.length < longLength) return parseMessage(text);
  const pieces: string[] = [];
  const strings: string[] = [];
  let from = 0;
  const onString = (open: number, close: number): void => {
    if (close - open < longLength) return;
    pieces.push(text.slice(from, open), JSON.stringify(`${placeholder}${strings.length}`));
    strings.push(text.slice(open, close + 1));
    from = close + 1;
  };
  if (exceedsDepth(text, maxMessageDepth, onString)) throw tooDeep(maxMessageDepth);
  if (strings.length > 0) {
    const parsed = readMessage(pieces.join('') + text.slice(from));
    if (parsed.kind === 'result' && putBack(parsed.message.result, strings)) return parsed;
  }
  return readMessage(text);
}

/** False when some of the strings are not the text of a block. */
function putBack({ content }: JsonObject, strings: readonly string[]): boolean {
  if (!Array.isArray(content)) return false;
  const missing = new Map(strings.map((string, index) => [`${placeholder}${index}`, string]));
  for (const block of content) {
    if (!isObject(block) || block['type'] !== 'text' || typeof block['text'] !== 'string') continue;
    const string = missing.get(block['text']);
    if (string === undefined) continue;
    missing.delete(block['text']);
    leaveUnread(block, string);
  }
  return missing.size === 0;
}
