/** What can be said of saved tools without running them: their scripts' names, and who calls whom. */
import {
  compile,
  scriptMembers,
  scriptOptions,
  StarlarkError,
  isIdentifier,
  isReserved,
} from '../../../starlark/index.ts';
import type { Program } from '../../../starlark/index.ts';
import { nameHints, reservedNames, scriptNames, hostFunctions } from '../shared/names.ts';
import { nameTools } from '../shared/naming.ts';
import { propertiesOf } from '../shared/schema.ts';
import { maxSavedDepth, type SavedTool } from './saved-tool.ts';

/** Something wrong with one saved tool. */
export interface SavedFault {
  /** Its place among the tools. */
  readonly index: number;
  /** The key of it that is at fault. */
  readonly key: 'inputSchema' | 'script';
  /** Begins with `file:line:column: ` where that is known. */
  readonly message: string;
}

/**
 * Parses and resolves the scripts, and looks for circles of calls. No backend is known here: a name that nothing defines
 * and that is called is taken for a tool.
 */
export function checkSavedTools(tools: readonly SavedTool[]): SavedFault[] {
  const identifiers = nameTools(
    tools.map(({ tool }) => tool.name),
    reservedNames(),
  );
  const byIdentifier = new Map(tools.map(({ tool }, index) => [identifiers.get(tool.name) ?? '', index]));
  const byName = new Map(tools.map(({ tool }, index) => [tool.name, index]));
  const faults: SavedFault[] = [];
  const callees = tools.map((saved, index): Set<number> => {
    faults.push(...parameterFaults(saved, index));
    try {
      const program = compileAlone(saved, [...byIdentifier.keys()]);
      return new Set(calledBy(program).flatMap((name) => byName.get(name) ?? byIdentifier.get(name) ?? []));
    } catch (error) {
      if (!(error instanceof StarlarkError)) throw error;
      const own = error.diagnostics.map(({ span, message }): SavedFault => {
        return { index, key: 'script', message: `${saved.filename}:${span.line}:${span.column}: ${message}` };
      });
      faults.push(...own);
      return new Set();
    }
  });
  return [...faults, ...depthFaults(tools, callees)];
}

function parameterFaults({ tool }: SavedTool, index: number): SavedFault[] {
  const reserved = reservedNames();
  return propertiesOf(tool.inputSchema).entries.flatMap(({ name }) => {
    const why = isReserved(name)
      ? 'is a reserved word of Starlark'
      : !isIdentifier(name)
        ? 'is no identifier (letters, digits and _)'
        : reserved.has(name)
          ? 'is the name of a built-in function'
          : undefined;
    if (why === undefined) return [];
    const message = `the argument ${JSON.stringify(name)} ${why}, so it cannot be a variable of the script; rename it`;
    return [{ index, key: 'inputSchema' as const, message }];
  });
}

/** @throws StarlarkError with what is wrong, names that may be those of tools left out */
function compileAlone(saved: SavedTool, ownTools: readonly string[]): Program {
  const variables = propertiesOf(saved.tool.inputSchema).entries.map(({ name }) => name);
  const known = [...scriptNames().keys(), ...hostFunctions, ...ownTools];
  const compileWith = (assumed: readonly string[]): Program =>
    compile(saved.script, {
      filename: saved.filename,
      fileOptions: scriptOptions,
      predeclared: [...known, ...variables, ...assumed],
      variables,
      hints: nameHints(variables),
      members: scriptMembers,
    });
  try {
    return compileWith([]);
  } catch (error) {
    const unknown = error instanceof StarlarkError ? undefinedNames(error) : [];
    if (unknown.length === 0) throw error;
    const program = compileWith(unknown);
    const called = new Set(program.hostCalls.map(({ name }) => name));
    if (unknown.every((name) => called.has(name))) return program;
    throw error;
  }
}

function undefinedNames({ diagnostics }: StarlarkError): string[] {
  return [...new Set(diagnostics.flatMap(({ message }) => /^undefined: (\w+)/u.exec(message)?.[1] ?? []))];
}

/** Names of functions that a program calls, and of tools that it names to `call_tool`. */
function calledBy(program: Program): string[] {
  return program.hostCalls.flatMap(({ name, args: [first] }) => {
    const named = name === 'call_tool' && first?.kind === 'positional' ? first.constant?.value : name;
    return typeof named === 'string' ? [named] : [];
  });
}

/** One fault for each tool from which calls lead in a circle, or deeper than they may. */
function depthFaults(tools: readonly SavedTool[], callees: readonly ReadonlySet<number>[]): SavedFault[] {
  const nameOf = (index: number): string => tools[index]?.tool.name ?? '';
  const longestFrom = (index: number, path: readonly number[]): readonly number[] => {
    const here = [...path, index];
    if (path.includes(index) || here.length > maxSavedDepth) return here;
    return [...(callees[index] ?? [])]
      .map((callee) => longestFrom(callee, here))
      .reduce<readonly number[]>((longest, each) => (each.length > longest.length ? each : longest), here);
  };
  return tools.flatMap((_, index) => {
    const path = longestFrom(index, []);
    const chain = path.map(nameOf).join(' → ');
    const isCircle = new Set(path).size < path.length;
    if (isCircle && path.at(-1) === index)
      return [
        { index, key: 'script' as const, message: `saved tools call each other in a circle: ${chain}` },
      ];
    if (isCircle || path.length <= maxSavedDepth) return [];
    const message = `saved tools call each other more than ${maxSavedDepth} deep: ${chain}`;
    return [{ index, key: 'script' as const, message }];
  });
}
