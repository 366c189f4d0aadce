/**
 * What the description of the script tool tells where not even the names of all tools fit: which backends there are, what
 * each is for, and of which words their tools' names are made.
 */
import { wordsOf } from '../../../lib/word-search.ts';
import type { CatalogTool } from './catalog.ts';
import { toIdentifier } from './naming.ts';
import { linesWithin, summaryOf } from './short-text.ts';

/** Where tools come from, as far as it is known. */
export interface ToolSources {
  /** The backend of a tool, by the tool's real name. */
  backendOf(tool: string): string | undefined;
  /** What a backend is for, in one line. */
  purposeOf(backend: string): string | undefined;
}

const noSources: ToolSources = { backendOf: () => undefined, purposeOf: () => undefined };
const noNames: ReadonlySet<string> = new Set();
/** Words of names that a group shows. */
const maxWords = 32;

/** What groups of tools are told by, where not even the tools' names fit: from the most telling to the shortest. */
const groupDetails: readonly GroupDetail[] = [
  { words: maxWords, purpose: 120 },
  { words: 16, purpose: 120 },
  { words: 8, purpose: 120 },
  { words: 8, purpose: 60 },
  { words: 4, purpose: 60 },
  { words: 8, purpose: 0 },
  { words: 4, purpose: 0 },
];

interface GroupDetail {
  /** At most so many words of the tools' names. */
  readonly words: number;
  /** At most so many characters of what the backend is for. */
  readonly purpose: number;
}

/** Tools of one backend or, where it is not known, whose names begin alike. */
interface Group {
  readonly label: string;
  readonly purpose: string;
  readonly count: number;
  /** The words that most of the names are made of. */
  readonly words: readonly string[];
}

/**
 * The backends behind `more`, the one with the most tools first, in at most `room` bytes. Where backends are not known:
 * tools by how their names begin.
 */
export function describeGroups(
  tools: readonly CatalogTool[],
  more: string,
  { room, sources = noSources }: { readonly room: number; readonly sources: ToolSources | undefined },
): string {
  const all = groupsOf(tools, sources);
  const heading = `${more}By where they come from, with the words most names are made of:\n`;
  for (const detail of groupDetails) {
    const line = (group: Group): string => groupLine(group, detail);
    const text = linesWithin(heading, all, { separator: '\n', line, room });
    if (text !== undefined) return text;
  }
  return cutGroups(all, heading, room);
}

function groupLine({ label, purpose, count, words }: Group, detail: GroupDetail): string {
  const shown = words.slice(0, detail.words).join(', ');
  const about = detail.purpose === 0 ? '' : summaryOf(purpose, detail.purpose);
  return `${label} (${count}${shown === '' ? '' : `: ${shown}`})${about === '' ? '' : `  # ${about}`}`;
}

/** As many groups as fit, and how many are left out. */
function cutGroups(all: readonly Group[], heading: string, room: number): string {
  let text = heading;
  for (const [shown, group] of all.entries()) {
    const rest = `... and ${all.length - shown} more, which search_tools finds.`;
    const line = `${groupLine(group, { words: 4, purpose: 0 })}\n`;
    if (Buffer.byteLength(text + line + rest) > room) return text + rest;
    text += line;
  }
  return text.trimEnd();
}

function groupsOf(tools: readonly CatalogTool[], { backendOf, purposeOf }: ToolSources): Group[] {
  const found = new Map<string, { readonly backend: string | undefined; readonly identifiers: string[] }>();
  for (const { name, identifier } of tools) {
    const backend = backendOf(name);
    const key = backend === undefined ? `* ${beginningOf(identifier)}` : `: ${backend}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { backend, identifiers: [identifier] });
    else known.identifiers.push(identifier);
  }
  return [...found.values()]
    .map(({ backend, identifiers }) => {
      const { label, beginning } = labelOf(backend, identifiers);
      return {
        label,
        purpose: (backend === undefined ? undefined : purposeOf(backend)) ?? '',
        count: identifiers.length,
        words: commonWords(identifiers.map((identifier) => identifier.slice(beginning.length))),
      };
    })
    .sort((one, other) => other.count - one.count || (one.label < other.label ? -1 : 1));
}

/** What a group is called, and what all its names begin with: usually the backend's own name. */
function labelOf(
  backend: string | undefined,
  identifiers: readonly string[],
): { readonly label: string; readonly beginning: string } {
  const usual =
    backend === undefined ? beginningOf(identifiers[0] ?? '') : `${toIdentifier(backend, noNames)}_`;
  if (identifiers.every((identifier) => identifier.startsWith(usual)))
    return { label: `${usual}*`, beginning: usual };
  const beginning = commonBeginning(identifiers);
  return { label: `${beginning}* of ${backend}`, beginning };
}

/** What stands before the first `_`, and the `_`: the backend, unless the configuration says otherwise. */
function beginningOf(identifier: string): string {
  return identifier.slice(0, identifier.indexOf('_', 1) + 1);
}

/** What all names begin with, up to a `_`. */
function commonBeginning(identifiers: readonly string[]): string {
  const [first = ''] = identifiers;
  let length = first.length;
  for (const identifier of identifiers) while (!identifier.startsWith(first.slice(0, length))) length--;
  return length === 0 ? '' : first.slice(0, first.lastIndexOf('_', length - 1) + 1);
}

function commonWords(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names)
    for (const word of new Set(wordsOf(name)))
      if (!/^\d+$/u.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([one, left], [other, right]) => right - left || (one < other ? -1 : 1))
    .slice(0, maxWords)
    .map(([word]) => word);
}
