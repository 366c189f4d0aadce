/** A tool call as the script that would make it, for a client that is to send that script. */
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { isObject } from '../shared/schema.ts';

/** Longer arguments are left to the client, which has them. */
const maxLength = 2_000;

/**
 * One line of Starlark that calls a tool and returns what it answers.
 * @param name the tool's real name, used where an argument has a name that no keyword can have
 * @param identifier the tool's function in scripts
 */
export function scriptLine(name: string, identifier: string, args: JsonObject): string {
  const keys = Object.keys(args);
  if (!keys.every(isKeyword))
    return fitting(`return call_tool(${quoted(name)}, **${literal(args)})`, identifier);
  const written = Object.entries(args).map(([key, value]) => `${key}=${literal(value)}`);
  return fitting(`return ${identifier}(${written.join(', ')})`, identifier);
}

function fitting(line: string, identifier: string): string {
  return line.length <= maxLength ? line : `return ${identifier}(...)`;
}

/** Words that Starlark keeps for itself; none of them can name a keyword argument. */
const reserved: ReadonlySet<string> = new Set(
  (
    'and break continue def elif else for if in lambda load not or pass return while as assert async await class del ' +
    'except finally from global import is nonlocal raise try with yield'
  ).split(' '),
);

function isKeyword(key: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(key) && !reserved.has(key);
}

function literal(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, each]) => `${quoted(key)}: ${literal(each)}`);
    return `{${entries.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** JSON's escapes are Starlark's too. Half of a surrogate pair is no text in Starlark. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
