/** YAML files that are not ours: read, and changed in one place with every other line as it is. */
import { Document, isMap, isScalar, parseAllDocuments, parseDocument, type Pair, type YAMLMap } from 'yaml';

/**
 * The value of a YAML text.
 * @throws Error that says where it is not YAML
 */
export function parseYaml(text: string): unknown {
  return documentOf(text).toJS() as unknown;
}

/**
 * The values of all documents of a YAML text, which `---` parts.
 * @throws Error that says where it is not YAML
 */
export function parseYamlDocuments(text: string): unknown[] {
  return [...parseAllDocuments(text)].map((document) => sound(document).toJS() as unknown);
}

/**
 * Sets a member of a mapping at the top of a YAML text, or removes it.
 * @param entry undefined removes it
 * @throws Error when the text is not YAML, or has something else where the mapping should be
 */
export function editYamlMember(
  text: string,
  [owner, name]: readonly [owner: string, name: string],
  entry: object | undefined,
): string {
  const document = documentOf(text);
  const top = document.contents;
  if (top !== null && !isMap(top)) throw new Error('expected a mapping at the top');
  const pair = pairOf(top, owner);
  const map = pair?.value;
  const isEmpty = map === undefined || map === null || (isScalar(map) && map.value === null);
  if (!isEmpty && !isMap(map)) throw new Error(`expected "${owner}" to be a mapping`);
  if (!isMap(map) || map.flow === true || map.items.length === 0) {
    return entry === undefined ? text : withOwner(text, document, { owner, name, entry });
  }
  const member = pairOf(map, name);
  if (entry === undefined && member === undefined) return text;
  const indent = columnOf(text, map.items[0]);
  const lines = entry === undefined ? '' : toLines({ [name]: entry }, indent);
  if (member === undefined) {
    const end = endOf(text, map);
    return `${text.slice(0, end)}${text.charAt(end - 1) === '\n' ? '' : '\n'}${lines}${text.slice(end)}`;
  }
  const index = map.items.indexOf(member);
  const from = lineStart(text, startOf(member));
  const next = map.items[index + 1];
  const to = next === undefined ? endOf(text, map) : lineStart(text, startOf(next));
  const isAlone = map.items.length === 1 && entry === undefined;
  return `${text.slice(0, from)}${isAlone ? `${' '.repeat(indent)}{}\n` : lines}${text.slice(to)}`;
}

function documentOf(text: string): Document.Parsed {
  return sound(parseDocument(text));
}

function sound<Read extends Document.Parsed>(document: Read): Read {
  const [error] = document.errors;
  if (error !== undefined)
    throw new Error(`it is not YAML: ${error.message.split('\n')[0] ?? ''}`, { cause: error });
  return document;
}

/** Where there is no block to add a line to, the document is written anew: comments stay, spaces may not. */
function withOwner(
  text: string,
  document: Document.Parsed,
  { owner, name, entry }: { readonly owner: string; readonly name: string; readonly entry: object },
): string {
  if (document.contents === null || !document.has(owner)) {
    const lineBreak = text === '' || text.endsWith('\n') ? '' : '\n';
    return `${text}${lineBreak}${toLines({ [owner]: { [name]: entry } }, 0)}`;
  }
  const map = document.get(owner);
  if (isMap(map)) {
    map.flow = false;
    map.set(name, document.createNode(entry));
  } else document.set(owner, document.createNode({ [name]: entry }));
  return document.toString({ lineWidth: 0 });
}

function toLines(value: object, indent: number): string {
  const text = new Document(value).toString({ lineWidth: 0 });
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(indent));
}

type AnyPair = Pair<unknown, unknown>;

function pairOf(map: YAMLMap<unknown, unknown> | null, name: string): AnyPair | undefined {
  return map?.items.find(({ key }) => isScalar(key) && String(key.value) === name);
}

function startOf({ key }: AnyPair): number {
  return isScalar(key) ? (key.range?.[0] ?? 0) : 0;
}

/** Behind the last line of a mapping, without empty lines and comments that follow it. */
function endOf(text: string, map: YAMLMap<unknown, unknown>): number {
  const end = map.range?.[1] ?? text.length;
  const lineBreak = text.indexOf('\n', Math.max(0, end - 1));
  return lineBreak === -1 ? text.length : lineBreak + 1;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function columnOf(text: string, pair: AnyPair | undefined): number {
  if (pair === undefined) return 0;
  const start = startOf(pair);
  return start - lineStart(text, start);
}
