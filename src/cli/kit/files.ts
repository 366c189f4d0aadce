import { readFile, writeFile } from 'node:fs/promises';
import { decodeText } from '../../lib/decode-text.ts';
import { whyNotRead, whyNotWritten } from '../../lib/file-fault.ts';
import { InputError } from './terminal.ts';

/**
 * The text of a file that the command line names.
 * @throws InputError when it cannot be read
 */
export async function readText(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file));
  } catch (error) {
    throw new InputError(`${file}: ${whyNotRead(error)}`, { cause: error });
  }
}

/**
 * Writes a file that the command line names.
 * @param options.isNew whether a file of that name is left as it is
 * @throws InputError when it cannot be written
 */
export async function writeText(
  file: string,
  text: string,
  options: { isNew?: boolean } = {},
): Promise<void> {
  try {
    await writeFile(file, text, { flag: options.isNew === true ? 'wx' : 'w' });
  } catch (error) {
    throw new InputError(`${file}: ${whyNotWritten(error)}`, { cause: error });
  }
}
