/** Sets or removes one table of a TOML file, and leaves the rest of its text as it is. */
import { parse } from 'smol-toml';

/** A table of nothing but texts, numbers, truth values and lists of them. */
export type TomlTable = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A header's line and those up to the next one. */
interface Section {
  readonly path: readonly string[];
  readonly lines: readonly string[];
}

/**
 * @param entry what the table is to hold; undefined removes it, with its own tables
 * @throws Error when the text is not TOML
 */
export function editTable(text: string, path: readonly string[], entry: TomlTable | undefined): string {
  parse(text);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const sections = toSections(text.replace(/(?:\r?\n)*$/, '').split(/\r?\n/));
  const first = sections.findIndex((section) => startsWith(section.path, path));
  if (entry === undefined && first === -1) return text;
  const lines = sections.flatMap((section, index) => {
    if (!startsWith(section.path, path)) return section.lines;
    return index === first && entry !== undefined ? toLines(path, entry) : [];
  });
  if (first === -1 && entry !== undefined) lines.push(...toLines(path, entry));
  while (lines[0] === '' && text[0] !== '\n') lines.shift();
  return `${lines.join(lineBreak)}${lineBreak}`;
}

/** What stands before the first header is a section of no name. Empty and comment lines before a header go with it. */
function toSections(lines: readonly string[]): Section[] {
  const sections: { path: readonly string[]; lines: string[] }[] = [{ path: [], lines: [] }];
  let closing: string | undefined;
  for (const line of lines) {
    const current = sections.at(-1);
    const path = closing === undefined ? headerOf(line) : undefined;
    closing = openText(line, closing);
    if (path === undefined || current === undefined) current?.lines.push(line);
    else {
      const own = current.lines.findLastIndex((each) => !/^\s*(?:#.*)?$/.test(each)) + 1;
      sections.push({ path, lines: [...current.lines.splice(own), line] });
    }
  }
  return sections;
}

/** The path that a line's header names; undefined for a line that is no header. */
function headerOf(line: string): string[] | undefined {
  if (!/^\s*\[/.test(line)) return undefined;
  const path: string[] = [];
  try {
    for (let table: unknown = parse(line); isObject(table);) {
      const [key, inner] = Object.entries(table)[0] ?? [];
      if (key === undefined) break;
      path.push(key);
      table = inner;
    }
  } catch {
    // An element of an array that goes over several lines.
    return undefined;
  }
  return path.length === 0 ? undefined : path;
}

/** The quotes that a text of several lines is still waiting for behind this line. */
function openText(line: string, closing: string | undefined): string | undefined {
  let open = closing;
  for (const [quotes] of line.matchAll(/"""|'''/g)) {
    if (open === undefined) open = quotes;
    else if (open === quotes) open = undefined;
  }
  return open;
}

function toLines(path: readonly string[], entry: TomlTable): string[] {
  const name = path.map((part) => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part))).join('.');
  const values = Object.entries(entry).map(([key, value]) => `${key} = ${toValue(value)}`);
  return ['', `[${name}]`, ...values];
}

function toValue(value: TomlTable[string]): string {
  return Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : JSON.stringify(value);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((part, index) => path[index] === part);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
