/**
 * What a model reads about `execute_tool_script`: the language in a few lines, then every tool as a typed signature. It
 * holds to a budget. With more tools than fit it gives up detail for all of them alike before it gives up tools, and
 * says how a script finds the rest.
 */
import type { CatalogTool } from './catalog.ts';
import { toIdentifier } from './naming.ts';
import { toOutline, toSignature } from './signature.ts';

export interface DescriptionOptions {
  /** The most characters that the description may have. A model pays for each of them in every conversation. */
  readonly maxDescriptionLength: number;
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
  const room = options.maxDescriptionLength - head.length;
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
    if (text.length <= room) return text;
  }
  return someNames(tools, more, room);
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

function someNames(tools: readonly CatalogTool[], more: string, room: number): string {
  let text = `${more}Among them: `;
  let shown = 0;
  for (const { identifier } of tools) {
    const rest = `... and ${tools.length - shown} more.`;
    if (text.length + identifier.length + rest.length + 2 > room) return text + rest;
    text += `${identifier}, `;
    shown++;
  }
  return text;
}
