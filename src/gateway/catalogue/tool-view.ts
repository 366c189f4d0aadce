import { anyGlob } from '../../lib/glob.ts';
import { didYouMean } from '../../lib/near-miss.ts';
import type { Tool } from '../request.ts';
import { isObject, type JsonObject } from '../../protocol/index.ts';

/** How a tool is shown under another name, description or annotations. What is absent stays the backend's. */
export interface ToolOverride {
  readonly name?: string;
  readonly description?: string;
  /** Fields of `annotations` to set; the others stay. */
  readonly annotations?: JsonObject;
}

/** What clients see of one backend's tools. */
export interface WorkloadTools {
  /** The backend's name. */
  readonly workload: string;
  /** Names of the tools to show, overrides applied, or patterns (`*`, `?`); absent or empty for all. */
  readonly filter?: readonly string[];
  /** By the backend's own name of the tool. */
  readonly overrides?: Readonly<Record<string, ToolOverride>>;
  /** Shows none. */
  readonly excludeAll?: boolean;
}

export interface ToolVisibility {
  readonly tools: readonly WorkloadTools[];
  readonly excludeAllTools: boolean;
  /** For backends without an entry in `tools`. */
  readonly defaultToolVisibility: 'allow' | 'deny';
}

/** The tool with its override applied; the same object when there is none. */
export function overridden(tool: Tool, override: ToolOverride | undefined): Tool {
  if (override === undefined) return tool;
  const { name, description, annotations } = override;
  const own = tool['annotations'];
  return {
    ...tool,
    ...(name === undefined || name === '' ? {} : { name }),
    ...(description === undefined || description === '' ? {} : { description }),
    ...(annotations === undefined ? {} : { annotations: { ...(isObject(own) ? own : {}), ...annotations } }),
  };
}

/** Whether clients may see and call a tool. `name` is the tool's own after its override, before any prefix. */
export function isVisible(backend: string, name: string, visibility: ToolVisibility): boolean {
  if (visibility.excludeAllTools) return false;
  const entry = visibility.tools.find(({ workload }) => workload === backend);
  if (entry === undefined) return visibility.defaultToolVisibility === 'allow';
  if (entry.excludeAll === true) return false;
  return entry.filter === undefined || entry.filter.length === 0 || globOf(entry.filter)(name);
}

/** Made once for each filter: a merge asks it of every tool. */
const globs = new WeakMap<readonly string[], (name: string) => boolean>();

function globOf(filter: readonly string[]): (name: string) => boolean {
  const known = globs.get(filter) ?? anyGlob(filter);
  globs.set(filter, known);
  return known;
}

/**
 * What the entry of a backend says of tools that the backend does not offer: most likely slips, which show in no list.
 * @param tools all that the backend offers, as it names them
 */
export function unknownTools(entry: WorkloadTools, tools: readonly Tool[]): string[] {
  const overrides = entry.overrides ?? {};
  const own = new Set(tools.map(({ name }) => name));
  const nameShown = (name: string): string =>
    (Object.hasOwn(overrides, name) && overrides[name]?.name) || name;
  const shown = new Set([...own].map(nameShown));
  return [
    ...Object.keys(overrides)
      .filter((name) => !own.has(name))
      .map((name) => [name, 'overrides', own] as const),
    ...(entry.filter ?? [])
      .filter((pattern) => ![...shown].some(anyGlob([pattern])))
      .map((name) => [name, 'filter', shown] as const),
  ].map(
    ([name, key, names]) =>
      `"${name}" of backend "${entry.workload}" is named in aggregation.tools[].${key}, and the backend has none of that name.${didYouMean(name, names)}`,
  );
}
