/** Turns what a script passed to a tool into the `arguments` of the call, or into an error that shows the signature. */
import { nearMiss } from '../../../lib/near-miss.ts';
import { Dict, StarlarkError, toJs, Tuple } from '../../../starlark/index.ts';
import type { ExactJson, Spend, Value } from '../../../starlark/index.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import { CodeModeError } from '../shared/errors.ts';
import { isObject, propertiesOf, resolve } from '../shared/schema.ts';
import type { Properties, Property } from '../shared/schema.ts';
import { faultsOf } from './schema-check.ts';
import { isKeyword, toSignature } from '../shared/signature.ts';

/** Of the faults of one call, how many its error names. */
const mostShown = 8;

/** Stands for an argument whose value only running the script would tell. It is taken for sound. */
export const undecided: Value = new Tuple([]);

/** What a tool is called with; an int that a JavaScript number cannot hold is a bigint. */
export type ToolArguments = { readonly [name: string]: ExactJson };

/** Binds and checks arguments of one tool; made once for each tool that a thread has seen called. */
export interface ArgumentBinder {
  /**
   * The arguments to send.
   * @param spend told what each part takes in characters of JSON, at the least; what it throws ends the binding
   * @throws CodeModeError `bad_tool_arguments`, naming every fault found and the signature
   */
  bind(args: readonly Value[], kwargs: ReadonlyMap<string, Value>, spend?: Spend): ToolArguments;
  /** The tool's signature in full, made when it is first asked for. */
  readonly signature: string;
}

export function createBinder(tool: CatalogTool): ArgumentBinder {
  const properties = propertiesOf(tool.inputSchema);
  const byName = new Map(properties.entries.map((entry) => [entry.name, entry]));
  let signature: string | undefined;
  return {
    get signature() {
      return (signature ??= toSignature(tool));
    },
    bind(args, kwargs, spend = () => undefined) {
      spend(args.length);
      for (const name of kwargs.keys()) spend(name.length + 3);
      const faults: string[] = [];
      const given = collect(args, kwargs, properties, byName, faults);
      for (const { name, required } of properties.entries) {
        if (required && !given.has(name)) faults.push(`missing argument ${JSON.stringify(name)}`);
      }
      const bound = convert(given, { byName, faults, spend });
      if (faults.length > 0) throw refusal(tool, this.signature, faults, isLoneDict(args, kwargs, byName));
      return bound;
    },
  };
}

/** Positional arguments take the properties in order; keywords go by name. */
function collect(
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  properties: Properties,
  byName: ReadonlyMap<string, Property>,
  faults: string[],
): Map<string, Value> {
  const given = new Map<string, Value>();
  for (const [index, value] of args.entries()) {
    const property = properties.entries[index];
    if (property !== undefined) given.set(property.name, value);
  }
  const most = properties.entries.length;
  if (args.length > most) faults.push(`takes at most ${most} positional arguments, got ${args.length}`);
  for (const [name, value] of kwargs) {
    if (given.has(name)) faults.push(`argument ${JSON.stringify(name)} is given by position and by name`);
    else if (!byName.has(name) && !properties.open)
      faults.push(faults.length < mostShown ? unknown(name, byName) : name);
    else given.set(name, value);
  }
  return given;
}

function unknown(name: string, known: ReadonlyMap<string, Property>): string {
  const meant = nearMiss(name, known.keys());
  if (meant === undefined) return `no argument is called ${JSON.stringify(name)}.${holderOf(name, known)}`;
  const way = isKeyword(meant) ? '' : ` Write it **{${JSON.stringify(meant)}: ...}.`;
  return `no argument is called ${JSON.stringify(name)}. Did you mean ${JSON.stringify(meant)}?${way}`;
}

/** Where the name is one of a dict that is itself an argument: where it belongs. */
function holderOf(name: string, known: ReadonlyMap<string, Property>): string {
  const holders = [...known.values()].filter(({ node }) => {
    const properties = node === undefined ? undefined : resolve(node)?.schema['properties'];
    return isObject(properties) && Object.hasOwn(properties, name);
  });
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) return '';
  return ` It is a key of ${JSON.stringify(holder.name)}: ${holder.name}={${JSON.stringify(name)}: ...}.`;
}

/** How an optional argument is given only where there is a value for it, as in a loop over pages. */
function withoutNone(name: string): string {
  return `leave the argument out instead of passing None: **({${JSON.stringify(name)}: x} if x != None else {})`;
}

/** All arguments in one dict, by position or under a name such as `arguments`, as other languages pass them. */
function isLoneDict(
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  known: ReadonlyMap<string, Property>,
): boolean {
  const [lone] = [...args, ...kwargs.values()];
  const [name] = kwargs.keys();
  return args.length + kwargs.size === 1 && lone instanceof Dict && (name === undefined || !known.has(name));
}

function convert(
  given: ReadonlyMap<string, Value>,
  { byName, faults, spend }: { byName: ReadonlyMap<string, Property>; faults: string[]; spend: Spend },
): ToolArguments {
  const bound: [string, ExactJson][] = [];
  for (const [name, value] of given) {
    if (value === undecided) continue;
    try {
      const json = toJs(value, spend);
      bound.push([name, json]);
      const property = byName.get(name);
      const hint = json === null && property?.required === false ? `; ${withoutNone(name)}` : '';
      for (const fault of faultsOf(json, property?.node, name)) faults.push(fault + hint);
    } catch (error) {
      // All else, limits above all, is no fault of the argument.
      if (!(error instanceof StarlarkError) || error.code !== 'value') throw error;
      faults.push(`${name}: ${error.message}`);
    }
  }
  // Not by assignment: a name such as `__proto__` must become a key like any other.
  return Object.fromEntries(bound);
}

function refusal(
  tool: CatalogTool,
  signature: string,
  faults: readonly string[],
  loneDict: boolean,
): CodeModeError {
  const shown = faults.slice(0, mostShown).map((fault) => `\n  - ${fault}`);
  if (faults.length > shown.length) shown.push(`\n  - and ${faults.length - shown.length} more`);
  const list = faults.length === 1 ? ` ${faults[0] ?? ''}` : shown.join('');
  const advice = loneDict ? 'To give the arguments by name in a dict, put ** before it: **{...}.\n' : '';
  return new CodeModeError(
    'bad_tool_arguments',
    `${tool.identifier}:${list}\nSignature: ${signature}\n${advice}The call was not made.`,
    { tool: tool.name },
  );
}
