/**
 * What a model reads about `execute_tool_script`: the language in a few lines, then every tool as a typed signature. It
 * holds to a budget in bytes. With more tools than fit it gives up detail for all of them alike before it gives up tools, and
 * says how a script finds the rest.
 */
import { wordsOf } from '../../../lib/word-search.ts';
import type { CatalogTool } from './catalog.ts';
import { toIdentifier } from './naming.ts';
import { toOutline, toSignature } from './signature.ts';

export interface DescriptionOptions {
  /** The most UTF-8 bytes that the description may have. A model pays for each of them in every conversation. */
  readonly maxDescriptionBytes: number;
  readonly stepLimit: number;
  readonly maxToolCalls: number;
  readonly parallelMaxConcurrency: number;
  readonly scriptTimeoutMs: number;
  readonly toolCallTimeoutMs: number;
}

const maxSummaryLength = 120;

/** The description for a caller who may use `tools`. */
export function describe(tools: readonly CatalogTool[], options: DescriptionOptions): string {
  const head = `${introduction}\n\n${limits(options)}\n\n`;
  const room = options.maxDescriptionBytes - Buffer.byteLength(head);
  return head + toolList(tools, room);
}

const introduction = `Run a Starlark script that calls any of the tools below and returns one result. Prefer it over \
single calls for loops, joins, filtering, or several calls at once: intermediate results stay out of the conversation.

Starlark reads like Python. End with a top-level \`return\`: its value comes back as JSON. print() output follows it.
- Tools are functions, called by keyword or position: issues = list_issues(owner="a", state="open"). Results are plain \
values (dict, list, str, int...): use them at once, no json.decode. Leave an optional argument out, do not pass None. A \
failing tool stops the script.
- No try/except: r = attempt(lambda: f(x)) gives {"ok": True, "value": ...} or {"ok": False, "error": "..."}.
- Side by side: rs = parallel([lambda x=x: f(x) for x in xs]) keeps order; on_error="collect" gives attempt-style dicts. \
Bind loop variables with x=x.
- As in Python: while, recursion, a < b < c, x is None, {1, 2}, isinstance(x, str), round, pow, key=str.lower, and \
sum(f(x) for x in xs), which makes the list first. No import, class, with, async, yield, annotations, \`**\`. Strings do \
not iterate: s.elems(). No x.sort(): sorted(x). Built in: f-strings, json.encode/decode, math, \
time.now/parse_time/parse_duration("24h").
- call_tool("real-name", **{"odd-key": 1}) calls a tool by its real name. Keys of \`data\` are variables.`;

function limits(options: DescriptionOptions): string {
  const seconds = (ms: number): string => `${ms / 1000} s`;
  return (
    `Limits: ${seconds(options.scriptTimeoutMs)} in all, ${seconds(options.toolCallTimeoutMs)} for one call, ` +
    `${options.maxToolCalls} calls, ${options.parallelMaxConcurrency} at a time, ${options.stepLimit} steps.`
  );
}

function toolList(tools: readonly CatalogTool[], room: number): string {
  if (tools.length === 0) return 'There is no tool to call at the moment.';
  const title = `Tools (${tools.length}), x = ... is optional:\n`;
  const more =
    `${tools.length} tools, too many to show whole. In a script, search_tools("text") returns up to 20 with their ` +
    'signatures, describe_tool("name") returns all about one: ask before you call what you do not know. ';
  for (const { inShort, separator, line } of details) {
    const heading = inShort === undefined ? title : `${more}${inShort}:\n`;
    const text = heading + tools.map(line).join(separator);
    if (Buffer.byteLength(text) <= room) return text;
  }
  return groups(tools, more, room);
}

interface Detail {
  /** What the shortened lines are; undefined where nothing that a call needs is left out. */
  readonly inShort?: string;
  readonly separator: string;
  line(tool: CatalogTool): string;
}

/** From the most telling to the shortest. */
const details: readonly Detail[] = [
  { separator: '\n', line: (tool) => `${toSignature(tool)}${summary(tool)}` },
  {
    separator: '\n',
    line: (tool) => `${toSignature(tool, { maxLength: 240, withResult: true })}${summary(tool)}`,
  },
  {
    inShort: 'In short, x = ... is optional',
    separator: '\n',
    line: (tool) => toSignature(tool, { maxLength: 160, withResult: false }),
  },
  { inShort: 'In short, x? is optional', separator: '\n', line: (tool) => toOutline(tool, 100) },
  { inShort: 'Their names', separator: ', ', line: (tool) => tool.identifier },
];

const noNames: ReadonlySet<string> = new Set();

/** ` # what it does`: the first sentence of the description, and the real name where the function's does not tell it. */
function summary(tool: CatalogTool): string {
  const first = summaryOf(tool.description);
  const alias = toIdentifier(tool.name, noNames) === tool.identifier ? '' : `(${tool.name}) `;
  return first === '' && alias === '' ? '' : `  # ${alias}${first}`.trimEnd();
}

/** One line of at most 120 characters: the first sentence, or as much of it as fits. */
export function summaryOf(description: string): string {
  const text = description.replace(/\s+/gu, ' ').trim();
  const sentence = /^.*?[.!?](?= [A-Z(]|$)/u.exec(text)?.[0] ?? text;
  if (sentence.length <= maxSummaryLength) return sentence;
  const cut = sentence.slice(0, maxSummaryLength - 3);
  // Half of a surrogate pair is no text.
  return `${cut.replace(/[\uD800-\uDBFF]$/u, '')}...`;
}

/** Words of names that a group shows. */
const shownWords = 8;

/**
 * Where not even the names fit: the tools by how their names begin, which is by their backend unless the configuration
 * says otherwise, the largest group first, with the words that most of its names are made of.
 */
function groups(tools: readonly CatalogTool[], more: string, room: number): string {
  const all = [...groupsOf(tools)].sort(
    ([one, left], [other, right]) => right.length - left.length || (one < other ? -1 : 1),
  );
  let text = `${more}By the beginning of their names, with the words most of them are made of:`;
  let shown = 0;
  for (const [prefix, names] of all) {
    const left = all.length - shown;
    const rest = `\n... and ${left} more beginnings.`;
    const words = commonWords(names);
    const line = `\n${prefix}* (${names.length}${words === '' ? '' : `: ${words}`})`;
    // Where it is the last, nothing follows that would need room.
    if (Buffer.byteLength(text + line + (left === 1 ? '' : rest)) > room) return text + rest;
    text += line;
    shown++;
  }
  return text;
}

/** The rests of the functions' names, by their beginning: what stands before the first `_`, and the `_`. */
function groupsOf(tools: readonly CatalogTool[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { identifier } of tools) {
    const end = identifier.indexOf('_', 1) + 1;
    const prefix = identifier.slice(0, end);
    const group = found.get(prefix);
    if (group === undefined) found.set(prefix, [identifier.slice(end)]);
    else group.push(identifier.slice(end));
  }
  return found;
}

function commonWords(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names)
    for (const word of new Set(wordsOf(name)))
      if (!/^\d+$/u.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([one, left], [other, right]) => right - left || (one < other ? -1 : 1))
    .slice(0, shownWords)
    .map(([word]) => word)
    .join(', ');
}
