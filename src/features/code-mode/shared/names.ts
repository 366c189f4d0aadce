/** The names that scripts meet beside their tools. */
import { modules, scriptBuiltins, universe } from '../../../starlark/index.ts';
import type { Value } from '../../../starlark/index.ts';

/** The tool that code mode adds. The contract fixes its name. */
export const scriptToolName = 'execute_tool_script';

/** Functions that code mode gives to scripts beside the language's own. */
export const hostFunctions = ['call_tool', 'search_tools', 'describe_tool'] as const;

export type HostFunction = (typeof hostFunctions)[number];

/** What scripts find by name beyond the language's universal built-ins. */
export function scriptNames(): Map<string, Value> {
  return new Map<string, Value>([...scriptBuiltins(), ...Object.entries(modules)]);
}

/** What scripts have of Python's functions: a tool, or a key of `data`, of such a name takes its place. */
const yielding: ReadonlySet<string> = new Set(['isinstance', 'pow', 'round']);

/** Every name that is taken before the first tool is named: no tool and no key of `data` may use one. */
export function reservedNames(): ReadonlySet<string> {
  const own = [...scriptNames().keys()].filter((name) => !yielding.has(name));
  return new Set([...universe.keys(), ...own, ...hostFunctions]);
}

/** Names that authors expect in a script beside those that there are, and what to write instead. */
export function nameHints(variables: readonly string[]): ReadonlyMap<string, string> {
  const shown = variables.slice(0, 10).join(', ');
  const search = 'write search_tools("text") for tools, describe_tool("name") for one';
  return new Map([
    [
      'data',
      variables.length === 0
        ? 'this call had no "data"; each key of it would be a variable'
        : `each key of "data" is a variable by itself: ${shown}${variables.length > 10 ? ', …' : ''}`,
    ],
    [scriptToolName, 'a script cannot start a script'],
    ['list_tools', search],
    ['get_tools', search],
    ['help', search],
    ['tool', 'call_tool("name", …) calls a tool by its name'],
    ['call', 'call_tool("name", …) calls a tool by its name'],
    ['invoke', 'call_tool("name", …) calls a tool by its name'],
  ]);
}
