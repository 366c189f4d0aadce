/** What a tool answered, on stdout as JSON. */
import type { JsonObject, JsonValue, ToolResult } from '../../server/index.ts';
import { parseWithBigInts, stringifyExactly } from '../../lib/exact-json.ts';
import type { Terminal } from '../kit/terminal.ts';

/** Prints a value: on one line for a program, indented for a person. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${stringifyExactly(value, terminal.stdoutIsTerminal ? 2 : 0)}\n`);
}

/**
 * The value that a result holds: its structured content or, without, its blocks. A single block is the value itself, several
 * are a list. A text that is JSON is the value of it.
 */
export function valueOf({ structuredContent, content = [] }: ToolResult): unknown {
  if (structuredContent !== undefined) return structuredContent;
  const values = content.map(blockValue);
  return values.length === 1 ? values[0] : values.length === 0 ? null : values;
}

/** The texts of a result, such as those that say what went wrong. */
export function textsOf({ content = [] }: ToolResult): string[] {
  return content.flatMap((block) => {
    const text = isObject(block) ? block['text'] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

function blockValue(block: JsonValue): unknown {
  const text = isObject(block) && block['type'] === 'text' ? block['text'] : undefined;
  if (typeof text !== 'string') return block;
  try {
    return parseWithBigInts(text);
  } catch {
    return text;
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
