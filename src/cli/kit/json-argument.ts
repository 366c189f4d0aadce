import { parseWithBigInts } from '../../lib/exact-json.ts';
import type { ExactJson } from '../../starlark/index.ts';
import { readText } from './files.ts';
import { UsageError } from './terminal.ts';
import { messageOf } from '../../lib/thrown.ts';

/**
 * The object of `--data`: JSON, or `@FILE` for what a file holds; empty when it is not given.
 * @throws UsageError when it is no JSON object
 * @throws InputError when the file cannot be read
 */
export async function readData(text: string | undefined): Promise<{ readonly [key: string]: ExactJson }> {
  if (text === undefined) return {};
  if (!text.startsWith('@')) return readObject('--data', text);
  const file = text.slice(1);
  return readObject(`--data ${file}`, await readText(file));
}

/**
 * A JSON object that stands on the command line; a whole number that JavaScript's cannot hold is a bigint.
 * @param what what the message calls it
 * @throws UsageError when it is no JSON object
 */
export function readObject(what: string, text: string): { readonly [key: string]: ExactJson } {
  const value = readJson(what, text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { readonly [key: string]: ExactJson };
  throw new UsageError(`${what}: expected a JSON object such as '{"key": "value"}', found ${kindOf(value)}`);
}

function readJson(what: string, text: string): unknown {
  try {
    return parseWithBigInts(text);
  } catch (error) {
    throw new UsageError(`${what}: expected JSON: ${messageOf(error)}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : `${String(value)}`;
}
