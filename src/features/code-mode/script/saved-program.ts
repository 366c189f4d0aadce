/** A saved tool on its script thread: arguments that become variables, and a result that keeps to its schema. */
import { parseWithBigInts } from '../../../lib/exact-json.ts';
import { didYouMean } from '../../../lib/near-miss.ts';
import { fromJs } from '../../../starlark/index.ts';
import type { ExactJson, Thread, Value } from '../../../starlark/index.ts';
import { CodeModeError } from '../shared/errors.ts';
import type { SavedProgram } from '../shared/protocol.ts';
import { propertiesOf, rootNode } from '../shared/schema.ts';
import { faultsOf } from './schema-check.ts';

type Arguments = { readonly [name: string]: ExactJson };

/**
 * The arguments of a saved tool as variables of its script, one for each property of its schema: an argument that was left
 * out has the value of its `default`, or None.
 * @throws CodeModeError `bad_arguments` for arguments that the schema does not take
 */
export function bindParameters(given: Arguments, saved: SavedProgram, thread: Thread): Map<string, Value> {
  const { entries, open } = propertiesOf(saved.inputSchema);
  const known = new Set(entries.map(({ name }) => name));
  const faults: string[] = [];
  for (const name of Object.keys(given)) {
    if (known.has(name) || open) continue;
    faults.push(`there is no argument ${JSON.stringify(name.slice(0, 60))}.${didYouMean(name, [...known])}`);
  }
  const variables = new Map<string, Value>();
  for (const { name, required, node } of entries) {
    thread.work(8);
    if (!Object.hasOwn(given, name)) {
      if (required) faults.push(`the argument ${JSON.stringify(name)} is missing`);
      variables.set(name, fromJs(node?.schema['default'] ?? null));
      continue;
    }
    const value = given[name] ?? null;
    if (value !== null || required) faults.push(...faultsOf(value, node, name));
    variables.set(name, fromJs(value));
  }
  for (const [name, value] of Object.entries(given)) if (!known.has(name)) variables.set(name, fromJs(value));
  if (faults.length === 0) return variables;
  throw new CodeModeError('bad_arguments', `${saved.tool}: ${faults.join('; ')}. Nothing was run.`);
}

/**
 * Holds what a saved tool's script returned against its `outputSchema`.
 * @param text the value as JSON
 * @throws CodeModeError `bad_result`
 */
export function checkOutput(text: string, saved: SavedProgram | undefined): void {
  if (saved?.outputSchema === undefined) return;
  const value = parseWithBigInts(text) as ExactJson;
  const [fault] = faultsOf(value, rootNode(saved.outputSchema), 'the result');
  if (fault !== undefined) throw badResult(saved, fault);
}

/** What the script returned is not what its tool's schema promises. */
export function badResult({ tool, filename }: SavedProgram, fault: string): CodeModeError {
  return new CodeModeError(
    'bad_result',
    `the script of ${tool} (${filename}) does not keep to its outputSchema: ${fault}. Its maintainer has to mend the ` +
      'script or the schema.',
    { tool },
  );
}

/** A tool's result is used as a whole: a part of it would pass for all of it. */
export function tooLargeForTool(tool: string, maxResultBytes: number): CodeModeError {
  return new CodeModeError(
    'result_too_large',
    `${tool}: the script's result is larger than maxResultBytes (${maxResultBytes} bytes). Ask for less.`,
    { limit: 'maxResultBytes', tool },
  );
}
