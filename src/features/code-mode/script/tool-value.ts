/** A tool's result as the value that the script receives. */
import { CodeModeError } from '../shared/errors.ts';
import { parseWithBigInts } from '../../../lib/exact-json.ts';
import { decodeJson, fromJs, List } from '../../../starlark/index.ts';
import type { ExactJson, Value } from '../../../starlark/index.ts';
import type { CallReply, ContentBlock } from '../shared/protocol.ts';

/** How any JSON value begins. */
const jsonBeginnings = '[ { " - 0 1 2 3 4 5 6 7 8 9 true false null'.split(' ');

/** What a tool answered, with its texts read. */
export type ToolAnswer =
  | { readonly kind: 'structured'; readonly json: string }
  | { readonly kind: 'content'; readonly blocks: readonly AnswerBlock[] };

type AnswerBlock = { readonly text: string } | { readonly json: string };

/**
 * Reads the texts that came as JSON strings.
 * @throws CodeModeError `tool_unavailable` where one is none
 */
export function readTexts(reply: Exclude<CallReply, { kind: 'failed' }>, tool: string): ToolAnswer {
  if (reply.kind === 'structured') return reply;
  return { kind: 'content', blocks: reply.blocks.map((block) => readText(block, tool)) };
}

function readText(block: ContentBlock, tool: string): AnswerBlock {
  if (!('jsonString' in block)) return block;
  try {
    return { text: JSON.parse(block.jsonString) as string };
  } catch (cause) {
    const message = `${tool}: the backend answered with something that is no MCP message`;
    throw new CodeModeError('tool_unavailable', message, { tool, cause });
  }
}

/**
 * Structured content, unwrapped when it is only `{"result": …}`. Without it, a single content block becomes its value
 * and several become a list, one element each: a text block is parsed as JSON where it is JSON and is a string where it
 * is not; any other block (image, audio, resource) is a dict with the block's fields. No content is None.
 */
export function toValue(answer: ToolAnswer): Value {
  if (answer.kind === 'structured') return fromJs(unwrap(parseWithBigInts(answer.json) as ExactJson));
  const [first] = answer.blocks;
  if (first === undefined) return null;
  return answer.blocks.length === 1 ? blockValue(first) : new List(answer.blocks.map(blockValue));
}

function unwrap(content: ExactJson): ExactJson {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  const [first, second] = Object.entries(content);
  return first?.[0] === 'result' && second === undefined ? (first[1] ?? null) : content;
}

function blockValue(block: AnswerBlock): Value {
  if ('json' in block) return fromJs(parseWithBigInts(block.json) as ExactJson);
  if (!looksLikeJson(block.text)) return block.text;
  try {
    // Exact: integers beyond 2^53 and the difference between 1 and 1.0 survive.
    return decodeJson(block.text);
  } catch {
    return block.text;
  }
}

/** Spares prose the attempt: no JSON text starts like it. Not by a regular expression: V8 keeps what one matched last. */
function looksLikeJson(text: string): boolean {
  let start = 0;
  while (start < text.length && ' \t\n\r'.includes(text.charAt(start))) start++;
  return jsonBeginnings.some((beginning) => text.startsWith(beginning, start));
}
