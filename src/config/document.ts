/**
 * YAML text to a tree of plain values that remembers where each of them stands. An empty value (`codeMode:` with nothing
 * after it) is `undefined`, as if the key were absent, which is how ToolHive reads it.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Place, Problem } from './problem.ts';

export type Path = readonly (string | number)[];

/** A configuration file as read, before anything is known about its keys. */
export interface ConfigDocument {
  /** Objects, arrays, strings, numbers, booleans and undefined. Objects have no prototype's keys. */
  readonly root: unknown;
  /** Errors of YAML itself. */
  readonly problems: readonly Problem[];
  /** Where the value at a path stands, or the nearest value around it that is in the file. */
  placeOf(path: Path): Place;
  /** Where the key of a path stands; the value's place when it is an item of a list. */
  placeOfKey(path: Path): Place;
  /**
   * The text of a scalar whose type was guessed: unquoted in the file, or rewritten. Undefined for anything else.
   */
  plainTextOf(path: Path): string | undefined;
}

/** Aliases can make a small file huge; a configuration with more values than this is refused. */
const maxValues = 100_000;

/** Called for each text in the file, quoted or not; what it returns takes the text's place. */
export type RewriteText = (text: string, path: Path) => string;

/**
 * Parses a YAML (or JSON) text.
 * @param rewriteText gives each string its final text (environment variables)
 */
export function parseDocument(text: string, rewriteText: RewriteText): ConfigDocument {
  const lines = new LineCounter();
  const unfit = unfitCharacter(text);
  // Duplicate keys are told by the reader, which knows where the first is.
  const documents = parseAllDocuments(unfit === undefined ? text : text.slice(0, unfit.offset), {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const document = 'empty' in documents || unfit !== undefined ? undefined : documents[0];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = [];
  if (unfit !== undefined) {
    problems.push({ severity: 'error', ...place(unfit.offset), message: unfit.message });
  } else if (document === undefined) {
    problems.push({ severity: 'error', line: 1, column: 1, message: 'the file is empty' });
  } else {
    problems.push(...syntaxProblems(document, place));
    if (!('empty' in documents) && documents.length > 1) {
      const second = documents[1]?.range[0] ?? 0;
      problems.push({
        severity: 'error',
        ...place(second),
        message: 'expected one YAML document, found several',
      });
    }
  }
  const reader = new TreeReader(document, rewriteText, place);
  const root = reader.read();
  problems.push(
    ...reader.faults.map(({ offset, message }) => ({
      severity: 'error' as const,
      ...place(offset),
      message,
    })),
  );
  return {
    root,
    problems,
    placeOf: (path) => place(reader.offsetOf(path)),
    placeOfKey: (path) => place(reader.keyOffsets.get(keyOf(path)) ?? reader.offsetOf(path)),
    plainTextOf: (path) => reader.plainTexts.get(keyOf(path)),
  };
}

/** A character that YAML allows in no file (YAML 1.2.2 §5.1), or U+FFFD, which stands for bytes that are no text. */
function unfitCharacter(text: string): { offset: number; message: string } | undefined {
  const offset = text.search(unfitCharacters);
  if (offset < 0) return undefined;
  const code = text.charCodeAt(offset);
  const message =
    code === 0xfffd
      ? 'expected text in UTF-8, found bytes that are none; save the file as UTF-8'
      : `expected text, found the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return { offset, message };
}

const unfitCharacters = /[^\t\n\r -~\u0085\u00A0-\uFFFC]/;

/** The first fault of each line: one slip makes a parser stumble over every token that follows it. */
function syntaxProblems(document: Document.Parsed, place: (offset: number) => Place): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const fault of [...document.errors, ...document.warnings]) {
    const { offset, message } = syntaxFault(fault, document);
    const where = place(offset);
    if (!byLine.has(where.line)) byLine.set(where.line, { severity: 'error', ...where, message });
  }
  return [...byLine.values()];
}

function syntaxFault(
  { code, pos, message }: YAMLError,
  document: Document.Parsed,
): { offset: number; message: string } {
  const offset = pos[0];
  if (code === 'RESOURCE_EXHAUSTION') return { offset, message: 'nested too deeply' };
  const opened = code === 'MISSING_CHAR' ? quoteThatEndsAt(offset, document) : undefined;
  if (opened !== undefined) return { offset: opened, message: 'the quote that opens here is never closed' };
  if (code === 'TAG_RESOLVE_FAILED')
    return { offset, message: 'unknown tag; a text that begins with "!" needs quotes' };
  // The parser quotes the token, which may be a secret.
  return { offset, message: firstLine(message).replace(/( token in YAML stream): .*/, '$1') };
}

/** A quote that is not closed runs to the end of the file, which is where the parser misses its end. */
function quoteThatEndsAt(offset: number, document: Document.Parsed): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar(_, { type, range }) {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range?.[1] === offset) start = range[0];
    },
  });
  return start;
}

class TreeReader {
  readonly faults: { offset: number; message: string }[] = [];
  readonly keyOffsets = new Map<string, number>();
  readonly plainTexts = new Map<string, string>();
  readonly #valueOffsets = new Map<string, number>();
  readonly #document: Document.Parsed | undefined;
  readonly #rewriteText: RewriteText;
  readonly #place: (offset: number) => Place;
  #values = 0;
  /** Aliases being followed: one that contains itself would never end. */
  readonly #open = new Set<Node>();
  /** By name, as far as the text has been read. `Alias.resolve` would search the whole document each time. */
  readonly #anchors = new Map<string, Node>();

  constructor(
    document: Document.Parsed | undefined,
    rewriteText: RewriteText,
    place: (offset: number) => Place,
  ) {
    this.#document = document;
    this.#rewriteText = rewriteText;
    this.#place = place;
  }

  read(): unknown {
    return this.#document?.contents ? this.#value(this.#document.contents, []) : undefined;
  }

  offsetOf(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#valueOffsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #value(node: Node, path: Path): unknown {
    this.#values += 1;
    if (this.#values > maxValues) {
      if (this.#values === maxValues + 1)
        this.#fault(node, `expected at most ${maxValues} values; aliases multiply them`);
      return undefined;
    }
    const key = keyOf(path);
    this.#anchor(node);
    if (node.range) this.#valueOffsets.set(key, node.range[0]);
    if (isAlias(node)) return this.#alias(node, path);
    if (isMap(node)) return this.#map(node as YAMLMap<Node, Node | null>, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item as Node, [...path, index]));
    return isScalar(node) ? this.#scalar(node, path) : undefined;
  }

  /** An alias means the anchor last set before it. What an alias leads to sets none again. */
  #anchor(node: Node): void {
    if (!isAlias(node) && node.anchor !== undefined && this.#open.size === 0)
      this.#anchors.set(node.anchor, node);
  }

  #scalar(node: Scalar, path: Path): unknown {
    if (node.type === 'PLAIN' && node.source !== undefined) {
      // `~` and `null` say nothing, as an empty value does.
      this.plainTexts.set(keyOf(path), node.value === null ? '' : node.source);
    }
    if (typeof node.value === 'object' && node.value !== null)
      this.#fault(node, 'expected a text, a number, true or false, found a value with a tag of its own');
    if (typeof node.value !== 'string') return node.value ?? undefined;
    const text = this.#rewriteText(node.value, path);
    if (text !== node.value) this.plainTexts.set(keyOf(path), text);
    return text;
  }

  #alias(node: Alias, path: Path): unknown {
    const target = this.#anchors.get(node.source);
    if (target === undefined || this.#open.has(target)) {
      const name = isPrivate(path) ? '; a text that begins with "*" needs quotes' : ` "${node.source}"`;
      this.#fault(node, target ? 'an alias may not contain itself' : `unknown alias${name}`);
      return undefined;
    }
    this.#open.add(target);
    const value = this.#value(target, path);
    this.#open.delete(target);
    if (node.range) this.#valueOffsets.set(keyOf(path), node.range[0]);
    return value;
  }

  #map(node: YAMLMap<Node, Node | null>, path: Path): unknown {
    const entries = new Map<string, unknown>();
    const own = new Map<string, Node>();
    for (const pair of node.items) {
      if (isMergeKey(pair)) {
        for (const [key, value] of this.#merged(pair.value, path))
          if (!entries.has(key)) entries.set(key, value);
        continue;
      }
      this.#anchor(pair.key);
      const name = String(isScalar(pair.key) ? (pair.key.source ?? pair.key.value) : pair.key);
      const inner = [...path, name];
      this.#once(name, pair.key, own);
      entries.set(name, pair.value ? this.#value(pair.value, inner) : undefined);
      if (pair.key.range) this.keyOffsets.set(keyOf(inner), pair.key.range[0]);
      if (!pair.value && pair.key.range) this.#valueOffsets.set(keyOf(inner), pair.key.range[0]);
    }
    return toObject(entries);
  }

  /** What an alias leads to was looked at where it stands. */
  #once(name: string, key: Node, own: Map<string, Node>): void {
    const first = own.get(name);
    if (first === undefined) own.set(name, key);
    else if (this.#open.size === 0) {
      const { line } = this.#place(first.range?.[0] ?? 0);
      this.#fault(key, `duplicate key "${name}"; the first is on line ${line}`);
    }
  }

  /** Entries that `<<` brings in; keys written beside it win. */
  #merged(node: Node | null, path: Path): [string, unknown][] {
    const before = new Map(this.keyOffsets);
    const value = node ? this.#value(node, path) : undefined;
    for (const [key, offset] of before) this.keyOffsets.set(key, offset);
    const sources = Array.isArray(value) ? value : [value];
    return sources.flatMap((source) =>
      typeof source === 'object' && source !== null ? Object.entries(source) : [],
    );
  }

  #fault(node: Node, message: string): void {
    this.faults.push({ offset: node.range?.[0] ?? 0, message });
  }
}

/** Whether what stands there may be a secret, so that no message may quote it. */
function isPrivate(path: Path): boolean {
  return path.includes('env') || path.includes('headers');
}

function isMergeKey(pair: Pair<Node, Node | null>): boolean {
  return isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<';
}

/** `__proto__` is a key like any other here. */
function toObject(entries: ReadonlyMap<string, unknown>): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
