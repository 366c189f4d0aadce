/** The names that scripts meet beside their tools. */
import { modules, scriptBuiltins, universe } from '../starlark/index.ts';
import type { Value } from '../starlark/index.ts';

/** The tool that code mode adds. The contract fixes its name. */
export const scriptToolName = 'execute_tool_script';

/** Functions that code mode gives to scripts beside the language's own. */
export const hostFunctions = ['call_tool', 'search_tools', 'describe_tool'] as const;

export type HostFunction = (typeof hostFunctions)[number];

/** What scripts find by name beyond the language's universal built-ins. */
export function scriptNames(): Map<string, Value> {
  return new Map<string, Value>([...scriptBuiltins(), ...Object.entries(modules)]);
}

/** Every name that is taken before the first tool is named: no tool and no key of `data` may use one. */
export function reservedNames(): ReadonlySet<string> {
  return new Set([...universe.keys(), ...scriptNames().keys(), ...hostFunctions]);
}
