import type { Backend, Catalogue } from '../backend/backend.ts';
import type { Tool } from '../request.ts';
import type { JsonObject } from '../../protocol/index.ts';
import type { NameStrategy, Offer } from './names.ts';
import { resolveNames, resolvePromptNames } from './names.ts';
import type { ToolVisibility } from './tool-view.ts';
import { isVisible, overridden, unknownTools } from './tool-view.ts';
import type { UriTemplate } from './uri-template.ts';
import { parseUriTemplate } from './uri-template.ts';

export interface MergeOptions extends ToolVisibility {
  readonly strategy: NameStrategy;
  /** Names of the gateway's own tools; a backend's tool of such a name is left out. */
  readonly reservedNames: ReadonlySet<string>;
  /** What a backend offers to whom this is merged for. */
  catalogueOf(backend: Backend): Catalogue;
}

/** Where a name leads. */
export interface Route {
  readonly backend: Backend;
  /** The backend's own name. */
  readonly name: string;
  /** As clients see it. */
  readonly entry: JsonObject;
}

/** All backends as one: what clients see, sorted, and where each name leads. Never edited; a change makes a new one. */
export interface Merged {
  readonly tools: readonly Tool[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly toolRoutes: ReadonlyMap<string, Route>;
  readonly promptRoutes: ReadonlyMap<string, Route>;
  readonly resourceRoutes: ReadonlyMap<string, Backend>;
  readonly templateRoutes: readonly {
    readonly template: UriTemplate;
    readonly text: string;
    readonly backend: Backend;
  }[];
  /** Each tool of each backend: as what it is shown, or why it is not. */
  readonly toolOrigins: readonly ToolOrigin[];
  /** What was left out and why. */
  readonly problems: readonly string[];
}

/** A backend's tool, and what clients see of it. */
export interface ToolOrigin {
  readonly backend: string;
  /** The backend's own name of the tool. */
  readonly ownName: string;
  /** The name that clients see; absent for a tool that no client sees. */
  readonly shownAs?: string;
  /** Why no client sees it: `filtered` by the configuration, or its name belongs to another tool. */
  readonly hidden?: 'filtered' | 'name-taken';
}

/** Merges what the backends offer. `backends` must be sorted by name. */
export function merge(backends: readonly Backend[], options: MergeOptions): Merged {
  const problems: string[] = [];
  return {
    ...mergeTools(backends, options, problems),
    ...mergePrompts(backends, options, problems),
    ...mergeResources(backends, options, problems),
    problems,
  };
}

function mergeTools(
  backends: readonly Backend[],
  options: MergeOptions,
  problems: string[],
): Pick<Merged, 'tools' | 'toolRoutes' | 'toolOrigins'> {
  const byName = new Map(backends.map((backend) => [backend.name, backend]));
  const offers = backends.flatMap((backend) => toolOffers(backend, options));
  const resolution = resolveNames(offers, options.strategy);
  problems.push(...resolution.problems.map((problem) => `tool ${problem}`));
  for (const entry of options.tools) {
    const backend = byName.get(entry.workload);
    // Before it has been reached, a backend offers nothing.
    if (backend?.available) {
      const unknown = unknownTools(entry, options.catalogueOf(backend).tools);
      problems.push(...unknown.map((problem) => `tool ${problem}`));
    }
  }
  const tools: Tool[] = [];
  const toolRoutes = new Map<string, Route>();
  for (const { name, offer } of resolution.named) {
    const backend = byName.get(offer.backend);
    if (backend === undefined || !isVisible(offer.backend, offer.name, options)) continue;
    if (options.reservedNames.has(name)) {
      problems.push(
        `tool "${name}" of backend "${offer.backend}" is left out: the gateway has a tool of that name itself; ` +
          'give it another under aggregation.tools[].overrides',
      );
      continue;
    }
    const entry = renamed(offer.entry.tool, name);
    toolRoutes.set(name, { backend, name: offer.entry.own, entry });
    if (backend.available) tools.push(entry);
  }
  return {
    tools: tools.sort(byField('name')),
    toolRoutes,
    toolOrigins: originsOf(offers, toolRoutes, options),
  };
}

function originsOf(
  offers: readonly Offer<ToolEntry>[],
  routes: Merged['toolRoutes'],
  visibility: ToolVisibility,
): ToolOrigin[] {
  const shown = new Map<string, string>();
  for (const [name, route] of routes) shown.set(`${route.backend.name}\0${route.name}`, name);
  return offers.map(({ backend, name, entry: { own } }) => {
    const shownAs = shown.get(`${backend}\0${own}`);
    if (shownAs !== undefined) return { backend, ownName: own, shownAs };
    const hidden = isVisible(backend, name, visibility) ? 'name-taken' : 'filtered';
    return { backend, ownName: own, hidden };
  });
}

/** A tool as shown, and the name under which its backend knows it. */
interface ToolEntry {
  readonly tool: Tool;
  readonly own: string;
}

function toolOffers(backend: Backend, options: MergeOptions): Offer<ToolEntry>[] {
  const overrides = options.tools.find(({ workload }) => workload === backend.name)?.overrides ?? {};
  return options.catalogueOf(backend).tools.map((tool) => {
    const shown = overridden(tool, Object.hasOwn(overrides, tool.name) ? overrides[tool.name] : undefined);
    return { backend: backend.name, name: shown.name, entry: { tool: shown, own: tool.name } };
  });
}

function mergePrompts(
  backends: readonly Backend[],
  options: MergeOptions,
  problems: string[],
): Pick<Merged, 'prompts' | 'promptRoutes'> {
  const byName = new Map(backends.map((backend) => [backend.name, backend]));
  const offers = backends.flatMap((backend) =>
    options.catalogueOf(backend).prompts.map((prompt) => ({
      backend: backend.name,
      name: String(prompt['name']),
      entry: prompt,
    })),
  );
  const resolution = resolvePromptNames(offers, options.strategy);
  problems.push(...resolution.problems.map((problem) => `prompt ${problem}`));
  const prompts: JsonObject[] = [];
  const promptRoutes = new Map<string, Route>();
  for (const { name, offer } of resolution.named) {
    const backend = byName.get(offer.backend);
    if (backend === undefined) continue;
    const entry = renamed(offer.entry, name);
    promptRoutes.set(name, { backend, name: offer.name, entry });
    if (backend.available) prompts.push(entry);
  }
  return { prompts: prompts.sort(byField('name')), promptRoutes };
}

/**
 * A URI is a place, not a name: clients and backends hand it to and fro as it is, so it is never rewritten, and of several
 * backends that offer it the first by name has it.
 */
function mergeResources(
  backends: readonly Backend[],
  options: MergeOptions,
  problems: string[],
): Pick<Merged, 'resources' | 'resourceTemplates' | 'resourceRoutes' | 'templateRoutes'> {
  const resources: JsonObject[] = [];
  const resourceTemplates: JsonObject[] = [];
  const resourceRoutes = new Map<string, Backend>();
  const templates = new Map<string, Backend>();
  for (const backend of backends) {
    const { resources: offered, resourceTemplates: offeredTemplates } = options.catalogueOf(backend);
    for (const resource of offered) {
      if (!take(resourceRoutes, String(resource['uri']), backend, 'resource', problems)) continue;
      if (backend.available) resources.push(resource);
    }
    for (const template of offeredTemplates) {
      if (!take(templates, String(template['uriTemplate']), backend, 'resource template', problems)) continue;
      if (backend.available) resourceTemplates.push(template);
    }
  }
  return {
    resources: resources.sort(byField('uri')),
    resourceTemplates: resourceTemplates.sort(byField('uriTemplate')),
    resourceRoutes,
    templateRoutes: [...templates].map(([text, backend]) => ({
      template: parseUriTemplate(text),
      text,
      backend,
    })),
  };
}

function take(
  routes: Map<string, Backend>,
  uri: string,
  backend: Backend,
  kind: string,
  problems: string[],
): boolean {
  const winner = routes.get(uri);
  if (winner === undefined) {
    routes.set(uri, backend);
    return true;
  }
  problems.push(
    `${kind} "${uri}" of backend "${backend.name}" is left out: backend "${winner.name}" offers it`,
  );
  return false;
}

function renamed<T extends JsonObject>(entry: T, name: string): T {
  return entry['name'] === name ? entry : { ...entry, name };
}

/** By code units: the same order on every machine. */
function byField(field: string): (left: JsonObject, right: JsonObject) => number {
  return (left, right) => {
    const [a, b] = [String(left[field]), String(right[field])];
    return a < b ? -1 : a > b ? 1 : 0;
  };
}
