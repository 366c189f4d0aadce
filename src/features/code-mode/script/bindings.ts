/**
 * What a script finds by name: its tools as functions, `call_tool`, `search_tools`, `describe_tool`, and the keys of
 * `data`. One `ToolSet` is made for each catalog that a thread holds and is shared by its runs.
 */
import { didYouMean } from '../../../lib/near-miss.ts';
import type { WordIndex } from '../../../lib/word-search.ts';
import { createBuiltin, fromJs, isIdentifier, isReserved } from '../../../starlark/index.ts';
import type { ExactJson, LateValue, SubProgram, Thread, Value } from '../../../starlark/index.ts';
import { createBinder } from './arguments.ts';
import type { ArgumentBinder, ToolArguments } from './arguments.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import { CodeModeError } from '../shared/errors.ts';
import { heldByJson } from './held-estimate.ts';
import { scriptNames, reservedNames } from '../shared/names.ts';
import { toIdentifier } from '../shared/naming.ts';
import { summaryOf } from '../shared/short-text.ts';
import type { HostFunction } from '../shared/names.ts';
import { ToolSearch } from './search.ts';

/** Longer names are cut in messages, and no near miss is looked for beyond it. */
const maxNameLength = 100;
const maxQueryLength = 200;
/** More tools than these end alike: none of them was meant in particular. */
const maxMeant = 3;
/** What comparing a name with those of one tool counts as, in elements visited. */
const lookWork = 128;
/** What an entry that a search goes through counts as. */
const reachWork = 4;
const none: ReadonlySet<string> = new Set();

/** The tools of one catalog, ready to be called. */
export class ToolSet {
  readonly tools: readonly CatalogTool[];
  readonly search: ToolSearch;
  /** Characters of JSON that the tools take: what going through all of them costs. */
  readonly size: number;
  readonly #byName: ReadonlyMap<string, CatalogTool>;
  readonly #byIdentifier: ReadonlyMap<string, CatalogTool>;
  readonly #binders = new Map<CatalogTool, ArgumentBinder>();
  readonly #sizes = new Map<CatalogTool, number>();

  /** @param text the tools of a catalog, as JSON */
  constructor(text: string) {
    const tools = JSON.parse(text) as CatalogTool[];
    this.tools = tools;
    this.search = new ToolSearch(tools);
    this.size = text.length;
    this.#byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.#byIdentifier = new Map(tools.map((tool) => [tool.identifier, tool]));
  }

  /** The tool of that real name or, failing that, of that function name. */
  find(name: string): CatalogTool | undefined {
    return this.#byName.get(name) ?? this.#byIdentifier.get(name);
  }

  hasIdentifier(identifier: string): boolean {
    return this.#byIdentifier.has(identifier);
  }

  /** @throws CodeModeError `unknown_tool`: a hidden tool and an absent one are alike */
  get(thread: Thread, name: string): CatalogTool {
    const tool = this.find(name);
    if (tool !== undefined) return tool;
    // So that a loop of failing calls gives way in time.
    thread.work(lookWork * this.tools.length);
    const shown = name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength)}...`;
    const known = [...this.#byName.keys(), ...this.#byIdentifier.keys()];
    throw new CodeModeError(
      'unknown_tool',
      `there is no tool called ${JSON.stringify(shown)}.${this.#meant(shown, known)} search_tools("text") finds tools.`,
    );
  }

  /** A name nearby or, where there is none, the few that end in what was written: most begin with their backend's. */
  #meant(name: string, known: readonly string[]): string {
    const near = didYouMean(name, known);
    if (near !== '') return near;
    const endings = this.tools.filter(({ identifier }) =>
      identifier.endsWith(`_${toIdentifier(name, none)}`),
    );
    if (endings.length === 0 || endings.length > maxMeant) return '';
    return ` Did you mean ${endings.map((tool) => JSON.stringify(tool.name)).join(' or ')}?`;
  }

  /** @throws CodeModeError `bad_tool_arguments`, also for arguments that are too long for a call */
  bind(
    thread: Thread,
    tool: CatalogTool,
    args: readonly Value[],
    kwargs: ReadonlyMap<string, Value>,
  ): ToolArguments {
    const binder = this.#binderOf(tool);
    let left = maxArgumentsLength;
    const spend = (characters: number): void => {
      // What is too long is not looked at.
      if ((left -= characters) < 0) throw tooLongArguments(tool);
      thread.work(1 + (characters >>> 3));
    };
    try {
      return binder.bind(args, kwargs, spend);
    } catch (error) {
      // So that a loop of refused calls of a tool with a large schema gives way in time.
      thread.work(this.sizeOf(tool));
      throw error;
    }
  }

  signatureOf(tool: CatalogTool): string {
    return this.#binderOf(tool).signature;
  }

  /** Characters of JSON that one tool takes: what going through it costs. */
  sizeOf(tool: CatalogTool): number {
    let size = this.#sizes.get(tool);
    if (size === undefined) this.#sizes.set(tool, (size = JSON.stringify(tool).length));
    return size;
  }

  #binderOf(tool: CatalogTool): ArgumentBinder {
    let binder = this.#binders.get(tool);
    if (binder === undefined) this.#binders.set(tool, (binder = createBinder(tool)));
    return binder;
  }
}

/** The main thread reads the arguments of every call, so a single call may not take long to read. */
export const maxArgumentsLength: number = 2 ** 20;

export function tooLongArguments(tool: CatalogTool): CodeModeError {
  return new CodeModeError(
    'bad_tool_arguments',
    `${tool.identifier}: the arguments have more than ${maxArgumentsLength} characters of JSON, which is the most that ` +
      'a call takes. Send them in parts. The call was not made.',
    { tool: tool.name },
  );
}

/** Makes one inner call of a run; the value is what the script receives. */
export type CallTool = (
  thread: Thread,
  tool: CatalogTool,
  args: ToolArguments,
) => Promise<LateValue | SubProgram>;

/** Lets others have their turn, in the middle of what takes long and is not the script's own doing. */
export type GiveWay = () => Promise<void>;

/** What a script of this tool set finds by name, beside the universal built-ins and its `data`. */
export function bindTools(toolSet: ToolSet, callTool: CallTool, giveWay: GiveWay): Map<string, Value> {
  const names = scriptNames();
  for (const tool of toolSet.tools) {
    const call = (
      thread: Thread,
      args: readonly Value[],
      kwargs: ReadonlyMap<string, Value>,
    ): Promise<LateValue | SubProgram> => callTool(thread, tool, toolSet.bind(thread, tool, args, kwargs));
    names.set(tool.identifier, createBuiltin(tool.identifier, call));
  }
  const byRealName = createBuiltin('call_tool', (thread, [name, ...args], kwargs) => {
    if (typeof name !== 'string')
      throw badCall(
        'call_tool("name", x=1, ...): the first argument is the name of a tool, by position; the others are the tool\'s own',
      );
    const tool = toolSet.get(thread, name);
    return callTool(thread, tool, toolSet.bind(thread, tool, args, kwargs));
  });
  names.set('call_tool' satisfies HostFunction, byRealName);
  names.set('search_tools' satisfies HostFunction, searchFunction(toolSet, giveWay));
  names.set('describe_tool' satisfies HostFunction, describeFunction(toolSet));
  return names;
}

function searchFunction(toolSet: ToolSet, giveWay: GiveWay): Value {
  const { search } = toolSet;
  return createBuiltin('search_tools', (thread, args, kwargs) => {
    const text = loneArgument(args, kwargs, ['text', 'query']);
    if (typeof text !== 'string' || text.length > maxQueryLength) {
      throw badCall(`search_tools("text") takes one string of at most ${maxQueryLength} characters`);
    }
    if (search.index !== undefined) return found(thread, toolSet, search.index, text);
    // The index is every script's: none pays for it in steps.
    const index = search.build(async () => {
      await giveWay();
      if (thread.cancelled !== null) throw thread.cancelled;
    });
    return index.then((made) => found(thread, toolSet, made, text));
  });
}

function found(thread: Thread, toolSet: ToolSet, index: WordIndex, text: string): Value {
  thread.work(lookWork + index.reach(text) * reachWork);
  const tools = toolSet.search.find(index, text);
  // Names are in the index; descriptions are read here, and signatures are made once.
  for (const tool of tools) thread.work(toolSet.sizeOf(tool) >>> 3);
  return fromJs(
    tools.map((tool) => ({
      name: tool.name,
      function: tool.identifier,
      signature: toolSet.signatureOf(tool),
      description: summaryOf(tool.description),
    })),
  );
}

function describeFunction(toolSet: ToolSet): Value {
  return createBuiltin(
    'describe_tool',
    (thread, args, kwargs) => {
      const name = loneArgument(args, kwargs, ['name']);
      if (typeof name !== 'string') {
        throw badCall('describe_tool("name") takes the name of a tool, as a string');
      }
      const tool = toolSet.get(thread, name);
      thread.work(toolSet.sizeOf(tool));
      thread.charge(heldByJson(JSON.stringify(tool)));
      return fromJs({
        name: tool.name,
        function: tool.identifier,
        signature: toolSet.signatureOf(tool),
        description: tool.description,
        input_schema: tool.inputSchema as ExactJson,
        output_schema: (tool.outputSchema ?? null) as ExactJson,
      });
    },
    { mayWait: false },
  );
}

/** The only argument of a call, by position or under one of these names; undefined where there are more, or none. */
function loneArgument(
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  names: readonly string[],
): Value | undefined {
  if (args.length + kwargs.size !== 1) return undefined;
  return args.length === 1
    ? args[0]
    : names.map((name) => kwargs.get(name)).find((value) => value !== undefined);
}

function badCall(message: string): CodeModeError {
  return new CodeModeError('bad_tool_arguments', message);
}

/**
 * The keys of `data` as variables.
 * @throws CodeModeError `bad_arguments` for a key that cannot be a variable, saying why
 */
export function bindData(data: { readonly [key: string]: ExactJson }, toolSet: ToolSet): Map<string, Value> {
  const reserved = reservedNames();
  const variables = new Map<string, Value>();
  for (const [key, value] of Object.entries(data)) {
    const fault = keyFault(key, toolSet, reserved);
    if (fault !== undefined) {
      const shown = JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}...` : key);
      throw new CodeModeError('bad_arguments', `the key ${shown} of "data" ${fault}. Rename the key.`);
    }
    variables.set(key, fromJs(value));
  }
  return variables;
}

function keyFault(key: string, toolSet: ToolSet, reserved: ReadonlySet<string>): string | undefined {
  if (isReserved(key)) return 'is a reserved word of Starlark, so it cannot be a variable';
  if (!isIdentifier(key))
    return 'is no identifier (letters, digits and _, not starting with a digit), so it cannot be a variable';
  if (reserved.has(key)) return 'is the name of a built-in function';
  return toolSet.hasIdentifier(key) ? 'is the name of a tool' : undefined;
}
