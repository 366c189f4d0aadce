import { isDeepStrictEqual } from 'node:util';
import { parse as parseToml } from 'smol-toml';
import { editYamlMember, parseYaml } from '../../config/index.ts';
import { removeMember, setMember } from '../../lib/jsonc-edit.ts';
import { parseJsonc } from '../../lib/jsonc.ts';
import type { Client } from '../kit/clients.ts';
import { editTable, type TomlTable } from './toml-edit.ts';
import { messageOf } from '../../lib/thrown.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The value of a client's configuration. @throws Error when the text is not in that format */
export function parseAs(format: Client['format'], text: string): unknown {
  if (text.trim() === '') return {};
  switch (format) {
    case 'json':
      return parseJsonc(text);
    case 'toml':
      return readToml(text);
    case 'yaml':
      return parseYaml(text) ?? {};
  }
}

function readToml(text: string): unknown {
  try {
    return JSON.parse(JSON.stringify(parseToml(text)));
  } catch (error) {
    // Further lines quote the text, which may hold secrets.
    const [message = ''] = messageOf(error).split('\n');
    throw new Error(`it is not TOML: ${message}`, { cause: error });
  }
}

/**
 * The text of a client's configuration with the entry of a server, or without it.
 * @param entry undefined removes it
 * @throws Error when the text cannot be read, or cannot be changed there without changing something else
 */
export function editEntry(
  format: Client['format'],
  text: string,
  path: readonly [string, ...string[]],
  entry: Tree | undefined,
): string {
  const before = parseAs(format, text);
  const changed = change(format, text, path, entry);
  const wanted = withEntry(before, path, entry);
  if (saysTheSame(format, changed, withoutEmpty(wanted, path[0]), path[0])) return changed;
  throw new Error('it is written in a way that vmcp does not change; change it by hand');
}

function change(
  format: Client['format'],
  text: string,
  path: readonly [string, ...string[]],
  entry: Tree | undefined,
): string {
  switch (format) {
    case 'json':
      return entry === undefined ? removeMember(text, path) : setMember(text, path, entry);
    case 'toml':
      return editTable(text, path, entry as TomlTable | undefined);
    case 'yaml':
      return editYamlMember(text, [path[0], path.slice(1).join('.')], entry);
  }
}

/** What the changed text is to say: all that it said before, and the entry. */
function withEntry(root: unknown, [name, ...below]: readonly string[], entry: Tree | undefined): unknown {
  const tree = isTree(root) ? root : {};
  if (name === undefined) return entry;
  if (below.length > 0) {
    if (entry === undefined && !isTree(tree[name])) return tree;
    return { ...tree, [name]: withEntry(tree[name], below, entry) };
  }
  const { [name]: _, ...others } = tree;
  return entry === undefined ? others : { ...others, [name]: entry };
}

function saysTheSame(format: Client['format'], text: string, wanted: unknown, name: string): boolean {
  try {
    return isDeepStrictEqual(withoutEmpty(parseAs(format, text), name), wanted);
  } catch {
    return false;
  }
}

/** A table of TOML without anything in it is not there. */
function withoutEmpty(root: unknown, name: string): unknown {
  if (!isTree(root) || !isDeepStrictEqual(root[name], {})) return root;
  const { [name]: _, ...others } = root;
  return others;
}

/** What stands at a path; undefined where there is nothing. */
export function entryAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((tree, name) => (isTree(tree) ? tree[name] : undefined), root);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
