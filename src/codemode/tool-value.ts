/** A tool's result as the value that the script receives. */
import { parseWithBigInts } from '../lib/exact-json.ts';
import { decodeJson, fromJs, List } from '../starlark/index.ts';
import type { ExactJson, Value } from '../starlark/index.ts';
import type { CallReply, ContentBlock } from './protocol.ts';

/**
 * Structured content, unwrapped when it is only `{"result": …}`. Without it, a single content block becomes its value
 * and several become a list, one element each: a text block is parsed as JSON where it is JSON and is a string where it
 * is not; any other block (image, audio, resource) is a dict with the block's fields. No content is None.
 */
export function toValue(reply: Exclude<CallReply, { kind: 'failed' }>): Value {
  if (reply.kind === 'structured') return fromJs(unwrap(parseWithBigInts(reply.json) as ExactJson));
  const [first] = reply.blocks;
  if (first === undefined) return null;
  return reply.blocks.length === 1 ? blockValue(first) : new List(reply.blocks.map(blockValue));
}

function unwrap(content: ExactJson): ExactJson {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  const [first, second] = Object.entries(content);
  return first?.[0] === 'result' && second === undefined ? (first[1] ?? null) : content;
}

function blockValue(block: ContentBlock): Value {
  if ('json' in block) return fromJs(parseWithBigInts(block.json) as ExactJson);
  if (!looksLikeJson(block.text)) return block.text;
  try {
    // Exact: integers beyond 2^53 and the difference between 1 and 1.0 survive.
    return decodeJson(block.text);
  } catch {
    return block.text;
  }
}

/** Spares prose the attempt: no JSON text starts like it. */
function looksLikeJson(text: string): boolean {
  return /^\s*(?:[[{"\-\d]|true|false|null)/u.test(text);
}
