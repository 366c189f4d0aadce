/** Finds what is wrong with a script or with its data, in the page itself: nothing is sent and nothing runs. */
import { diagnose } from '../../starlark/analysis/index.ts';
import type { Fault } from './editor.tsx';

/** What code mode gives to scripts beside their tools. */
export const hostFunctions: readonly string[] = ['call_tool', 'search_tools', 'describe_tool'];

/**
 * @param functions names of the tools
 * @param variables keys of the data
 */
export function checkScript(
  text: string,
  functions: readonly string[],
  variables: readonly string[],
): Fault[] {
  if (text.trim() === '') return [];
  const starts = lineStarts(text);
  const offset = (line: number, column: number): number => (starts[line - 1] ?? text.length) + column - 1;
  return diagnose(text, { predeclared: [...functions, ...hostFunctions], variables }).map(
    ({ span, message }) => ({
      from: offset(span.line, span.column),
      to: Math.max(offset(span.endLine, span.endColumn), offset(span.line, span.column) + 1),
      message,
    }),
  );
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The data of a script, or why there is none. An empty text is no data. */
export function readData(
  text: string,
): { readonly data: Record<string, unknown> } | { readonly fault: string } {
  if (text.trim() === '') return { data: {} };
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return { data: { ...data } };
    return { fault: 'Expected an object: each of its keys becomes a variable of the script.' };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
