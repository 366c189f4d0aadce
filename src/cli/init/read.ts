import { parseYamlDocuments } from '../../config/index.ts';
import { JsoncError } from '../../lib/jsonc.ts';
import { readText } from '../kit/files.ts';
import { InputError } from '../kit/terminal.ts';
import { parseAs } from '../connect/edit.ts';
import type { Client } from '../kit/clients.ts';
import { convertClientConfig, type Conversion } from './convert.ts';
import { convertManifest, findManifest } from './manifest.ts';
import { messageOf } from '../../lib/thrown.ts';

/**
 * The configuration of a client, or a manifest, as a new configuration.
 * @throws InputError when the file cannot be read, or is neither
 */
export async function convertFile(file: string): Promise<Conversion> {
  const text = await readText(file);
  try {
    return convertText(text, formatOf(file, text));
  } catch (error) {
    const message = messageOf(error);
    throw new InputError(
      error instanceof JsoncError
        ? `${file}:${error.line}:${error.column}: it is not JSON: ${message}`
        : `${file}: cannot be turned into backends: ${message}`,
      { cause: error },
    );
  }
}

function convertText(text: string, format: Client['format']): Conversion {
  if (format !== 'yaml') return convertClientConfig(parseAs(format, text));
  const documents = parseYamlDocuments(text);
  const manifest = findManifest(documents);
  return manifest === undefined ? convertClientConfig(documents[0]) : convertManifest(manifest, documents);
}

/** By the name of the file, or by how it begins where the name says nothing. */
function formatOf(file: string, text: string): Client['format'] {
  if (/\.toml$/i.test(file)) return 'toml';
  if (/\.ya?ml$/i.test(file)) return 'yaml';
  if (/\.jsonc?$/i.test(file) || /^\s*(?:[{[]|\/[/*])/.test(text)) return 'json';
  return /^\s*\[[\w."-]+\]\s*$/m.test(text) ? 'toml' : 'yaml';
}
