/**
 * What a model reads about `execute_tool_script`: the language in a few lines, then every tool as a typed signature. It
 * holds to a budget in bytes. With more tools than fit it gives up detail for all of them alike before it gives up tools, and
 * says how a script finds the rest.
 */
import type { CatalogTool } from './catalog.ts';
import { toIdentifier } from './naming.ts';
import { toOutline, toSignature } from './signature.ts';
import { linesWithin, summaryOf } from './short-text.ts';
import { describeGroups, type ToolSources } from './tool-groups.ts';

export interface DescriptionOptions {
  /** The most UTF-8 bytes that the description may have. A model pays for each of them in every conversation. */
  readonly maxDescriptionBytes: number;
  readonly stepLimit: number;
  readonly maxToolCalls: number;
  readonly parallelMaxConcurrency: number;
  readonly scriptTimeoutMs: number;
  readonly toolCallTimeoutMs: number;
}

/** The description for a caller who may use `tools`. */
export function describe(
  tools: readonly CatalogTool[],
  options: DescriptionOptions,
  sources?: ToolSources,
): string {
  const head = `${introduction}\n\n${limits(options)}\n\n`;
  const room = options.maxDescriptionBytes - Buffer.byteLength(head);
  return head + toolList(tools, room, sources);
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

function toolList(tools: readonly CatalogTool[], room: number, sources?: ToolSources): string {
  if (tools.length === 0) return 'There is no tool to call at the moment.';
  const title = `Tools (${tools.length}), x = ... is optional:\n`;
  const more =
    `${tools.length} tools, too many to show whole. In a script, search_tools("text") returns up to 20 with their ` +
    'signatures, describe_tool("name") returns all about one: ask before you call what you do not know. ';
  for (const { inShort, separator, line } of details) {
    const heading = inShort === undefined ? title : `${more}${inShort}:\n`;
    const text = linesWithin(heading, tools, { separator, line, room });
    if (text !== undefined) return text;
  }
  return describeGroups(tools, more, { room, sources });
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
    line: (tool) => `${toSignature(tool, { maxLength: 240, withResult: false })}${summary(tool)}`,
  },
  {
    inShort: 'In short, x = ... is optional',
    separator: '\n',
    line: (tool) => `${toSignature(tool, { maxLength: 160, withResult: false })}${summary(tool, 60)}`,
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
function summary(tool: CatalogTool, maxLength?: number): string {
  const first = summaryOf(tool.description, maxLength);
  const alias = toIdentifier(tool.name, noNames) === tool.identifier ? '' : `(${tool.name}) `;
  return first === '' && alias === '' ? '' : `  # ${alias}${first}`.trimEnd();
}
