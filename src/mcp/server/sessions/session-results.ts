/**
 * Tools and their results as the revisions before 2026-07-28 can take them: there, structured results are objects, and so
 * says every output schema. A client of theirs may refuse a whole list for one schema that says otherwise.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/changelog#minor-changes (number 10)
 */
import type { JsonObject } from '../../../protocol/index.ts';
import { writtenText } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';

/** Lists of tools as older clients see them; each is made once. */
export class LegacyToolLists {
  readonly #made = new WeakMap<readonly JsonObject[], readonly JsonObject[]>();

  /** The list itself where older clients can take all of it, as nearly always. */
  of(tools: readonly JsonObject[]): readonly JsonObject[] {
    let made = this.#made.get(tools);
    if (made === undefined) {
      made = tools.every(hasObjectsAlone) ? tools : tools.map(withoutForeignSchema);
      this.#made.set(tools, made);
    }
    return made;
  }
}

/**
 * A result of `tools/call` as older clients can take it: a value that is no object stands in one, as `result`, and in a
 * text beside it. The output schema, which spoke of the value itself, they were not shown.
 */
export function toLegacyToolResult(result: JsonObject): JsonObject {
  // What was written by the gateway itself is an object, and reading it would cost.
  if (writtenText(result) !== undefined) return result;
  const { structuredContent, content } = result;
  if (structuredContent === undefined || isObject(structuredContent)) return result;
  const blocks = Array.isArray(content) ? content : [];
  const hasText = blocks.some((block) => isObject(block) && block['type'] === 'text');
  const text = { type: 'text', text: JSON.stringify(structuredContent) };
  return {
    ...result,
    content: hasText ? blocks : [...blocks, text],
    structuredContent: { result: structuredContent },
  };
}

function hasObjectsAlone({ outputSchema }: JsonObject): boolean {
  return outputSchema === undefined || (isObject(outputSchema) && outputSchema['type'] === 'object');
}

function withoutForeignSchema(tool: JsonObject): JsonObject {
  if (hasObjectsAlone(tool)) return tool;
  const { outputSchema: _foreign, ...rest } = tool;
  return rest;
}
