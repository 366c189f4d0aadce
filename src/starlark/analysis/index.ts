/**
 * What is wrong with a program before it runs, for editors: scan, parse and resolve. Nothing is compiled and nothing runs,
 * so that a page may use it that must not evaluate text.
 */
import type { Diagnostic } from '../errors.ts';
import { attempt } from '../eval/attempt.ts';
import { parallel } from '../eval/parallel.ts';
import { modules } from '../library/modules.ts';
import { sumBuiltin } from '../library/numbers.ts';
import { universe } from '../library/universe.ts';
import { scriptOptions } from '../options.ts';
import { resolve } from '../resolve/resolver.ts';
import { parse } from '../syntax/parser.ts';
import { Source } from '../syntax/source.ts';

export type { Diagnostic } from '../errors.ts';

/** The names that every script finds: of the language, and of what scripts have beyond it. */
export const scriptNames: readonly string[] = [
  ...universe.keys(),
  ...[sumBuiltin, attempt, parallel].map(({ name }) => name),
  ...Object.keys(modules),
];

/** The words of the language, for editors that show them. */
export { isReserved } from '../syntax/token.ts';

/**
 * Everything that is wrong with a script of code mode, in the order of its text; empty where it can be run.
 * @param options.predeclared names of functions that it will find beside {@link scriptNames}
 * @param options.variables names of values that it will find and may rebind
 */
export function diagnose(
  text: string,
  options: { readonly predeclared: Iterable<string>; readonly variables: Iterable<string> },
): readonly Diagnostic[] {
  const source = new Source('script.star', text);
  try {
    const { file, diagnostics } = parse(source, scriptOptions);
    if (diagnostics.length > 0) return diagnostics;
    const variables = new Set(options.variables);
    const resolved = resolve(file, source, scriptOptions, {
      predeclared: new Set([...options.predeclared, ...variables]),
      variables,
      universal: new Set(scriptNames),
      hints: new Map(),
      members: null,
    });
    return [...resolved.diagnostics, ...resolved.remarks];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [source.diagnostic('syntax', 'this program is nested too deeply; give its parts names', 0, 1)];
  }
}
