/** Saved tools as they are used: their scripts read, their entries in lists written. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Tool } from '../../../gateway/index.ts';
import { decodeText } from '../../../lib/decode-text.ts';
import { whyNotRead } from '../../../lib/file-fault.ts';
import { messageOf } from '../../../lib/thrown.ts';
import type { SavedToolOptions } from './options.ts';

/** A script that is a tool. */
export interface SavedTool {
  /** As lists show it. */
  readonly tool: Tool;
  readonly script: string;
  /** What its errors call the script: the last part of the file's name, or the tool's name with `.star`. */
  readonly filename: string;
}

/** Saved tools may call each other so deep: the first that a client or its script calls is at 1. */
export const maxSavedDepth = 3;

/** What is wrong with one of the saved tools. */
export class SavedToolError extends Error {
  /** Its place in `codeMode.tools`. */
  readonly index: number;
  /** The key of it that is at fault. */
  readonly key: string;
  constructor(index: number, key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SavedToolError';
    this.index = index;
    this.key = key;
  }
}

/** A program is no longer than that, in characters; see `maxScriptLength`. */
const maxBytes = 1024 * 1024;

/** Reads the scripts. @throws SavedToolError where a file cannot be read */
export function readSavedTools(tools: readonly SavedToolOptions[]): Promise<SavedTool[]> {
  return Promise.all(tools.map(readSavedTool));
}

async function readSavedTool(options: SavedToolOptions, index: number): Promise<SavedTool> {
  const { script, file, name, title, description, inputSchema, outputSchema, annotations } = options;
  const tool: Tool = {
    name,
    ...(title !== undefined && { title }),
    description,
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
  };
  if (file === undefined) return { tool, script: script ?? '', filename: `${name}.star` };
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new Error(`expected at most ${maxBytes} bytes, found ${size}`);
    return { tool, script: decodeText(await readFile(file)), filename: basename(file) };
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? whyNotRead(cause) : messageOf(cause);
    throw new SavedToolError(index, 'file', `${file}: ${why}`, { cause });
  }
}

/** The state of the files: another text when one was written. For comparison alone. */
export async function stampOf(tools: readonly SavedToolOptions[]): Promise<string> {
  const stamps = await Promise.all(
    tools.map(async ({ file }) => {
      if (file === undefined) return '';
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found === undefined ? '-' : `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}`;
    }),
  );
  return stamps.join('\n');
}
