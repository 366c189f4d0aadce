/** What a reload changes: which lists clients must hear of, and which keys it cannot change at all. */
import { keysOf, type TelemetryConfig } from '../config/index.ts';
import type { Config } from './config.ts';
import type { Generation } from './generation.ts';
import { noClient, principalKey, type Caller } from '../gateway/index.ts';
import type { ListMethod } from '../protocol/index.ts';
import type { ChangedList } from '../mcp/server/index.ts';

type ListReader = (read: (method: ListMethod) => Promise<unknown>) => Promise<unknown>;

const readers: Readonly<Record<ChangedList, ListReader>> = {
  tools: (read) => read('tools/list'),
  prompts: (read) => read('prompts/list'),
  resources: (read) => Promise.all([read('resources/list'), read('resources/templates/list')]),
};

const everyList = Object.keys(readers) as ChangedList[];

/** Views that are compared. Sessions with another one are told that every list may have changed. */
const maxViews = 64;

/** How long a list may take that is read to be compared. */
const listMs = 30_000;

/** What clients see otherwise after a reload, by view: callers of one principal see the same lists. */
export class ListChanges {
  readonly #byView: ReadonlyMap<string, readonly ChangedList[]>;

  private constructor(byView: ReadonlyMap<string, readonly ChangedList[]>) {
    this.#byView = byView;
  }

  /**
   * Compares the lists of each view. With no caller to tell nothing is read, and no lazy backend woken.
   * @param callers those who may be told, one for each session or stream
   */
  static async between(
    before: Generation,
    after: Generation,
    callers: Iterable<Caller>,
  ): Promise<ListChanges> {
    const views = new Map<string, Caller>();
    for (const caller of callers) {
      if (views.size === maxViews) break;
      const view = viewOf(caller);
      if (!views.has(view)) views.set(view, caller);
    }
    const compared = await Promise.all(
      [...views].map(async ([view, caller]) => [view, await changedLists(before, after, caller)] as const),
    );
    return new ListChanges(new Map(compared));
  }

  of(caller: Caller): readonly ChangedList[] {
    return this.#byView.get(viewOf(caller)) ?? everyList;
  }
}

function viewOf({ principal }: Caller): string {
  return principalKey(principal);
}

/** A list that cannot be read on either side counts as changed. */
async function changedLists(before: Generation, after: Generation, caller: Caller): Promise<ChangedList[]> {
  const same = await Promise.all(
    everyList.map(async (list) => {
      const both = [before, after].map((generation) => readers[list](readerOf(generation, caller)));
      const [old, now] = await Promise.allSettled(both);
      return (
        old?.status === 'fulfilled' &&
        now?.status === 'fulfilled' &&
        JSON.stringify(old.value) === JSON.stringify(now.value)
      );
    }),
  );
  return everyList.filter((_, index) => !same[index]);
}

/** Reads as the gateway itself, with the eyes of a caller. */
function readerOf({ gateway }: Generation, caller: Caller): (method: ListMethod) => Promise<unknown> {
  return (method) =>
    gateway.ask({
      origin: 'gateway',
      method,
      caller,
      client: noClient,
      signal: AbortSignal.timeout(listMs),
    });
}

/** What is otherwise since a reload; each list is there only when it holds something. */
export interface ConfigChange {
  readonly backendsAdded?: readonly string[];
  readonly backendsRemoved?: readonly string[];
  readonly backendsChanged?: readonly string[];
  readonly toolsAdded?: readonly string[];
  readonly toolsRemoved?: readonly string[];
  /** Keys beside those of backends, by their path in the file. */
  readonly keys?: readonly string[];
}

/** What differs between two configurations at work, as far as their backends have told their tools. */
export function configChange(
  before: { readonly config: Config; readonly tools: readonly string[] },
  after: { readonly config: Config; readonly tools: readonly string[] },
): ConfigChange {
  const lists = {
    ...backendChanges(before.config, after.config),
    toolsAdded: missingIn(before.tools, after.tools),
    toolsRemoved: missingIn(after.tools, before.tools),
    keys: changedKeys(before.config, after.config),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, names]) => names.length > 0));
}

function backendChanges(
  before: Config,
  after: Config,
): Required<Pick<ConfigChange, 'backendsAdded' | 'backendsRemoved' | 'backendsChanged'>> {
  const old = new Map(before.backends.map((backend) => [backend.name, JSON.stringify(backend)]));
  const now = new Map(after.backends.map((backend) => [backend.name, JSON.stringify(backend)]));
  return {
    backendsAdded: missingIn([...old.keys()], [...now.keys()]),
    backendsRemoved: missingIn([...now.keys()], [...old.keys()]),
    backendsChanged: [...now].flatMap(([name, text]) =>
      old.has(name) && old.get(name) !== text ? [name] : [],
    ),
  };
}

function missingIn(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(names);
  return others.filter((name) => !known.has(name));
}

/** Paths of keys that differ, backends aside. */
function changedKeys(before: Config, after: Config): string[] {
  const old = new Map(keysOf(before).map(([path, value]) => [path, JSON.stringify(value)]));
  const now = new Map(keysOf(after).map(([path, value]) => [path, JSON.stringify(value)]));
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path));
}

/** The server has one MeterProvider and one tracer from start to end, and these are what they are made of. */
const readOnce: readonly (keyof TelemetryConfig)[] = [
  'endpoint',
  'headers',
  'insecure',
  'caCertPath',
  'tracingEnabled',
  'metricsEnabled',
  'samplingRate',
  'serviceName',
  'serviceVersion',
  'customAttributes',
  'environmentVariables',
  'useLegacyAttributes',
];

/** Whether a change of the key at this path takes effect at the next start only. */
export function isReadAtStart(path: string): boolean {
  return readOnce.some((key) => path === `telemetry.${key}`);
}

/** Keys that differ and that only the next start reads, with what they are where the file leaves them out. */
export function changesForNextStart(before: Config, after: Config): string[] {
  const [old, now] = [withServiceName(before), withServiceName(after)];
  const keys = readOnce
    .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]))
    .map((key) => `telemetry.${key}`);
  const isSameStore = JSON.stringify(before.sessionStorage) === JSON.stringify(after.sessionStorage);
  return isSameStore ? keys : [...keys, 'sessionStorage'];
}

/** The name of the service is that of the server unless written. */
function withServiceName({ name, telemetry }: Config): TelemetryConfig {
  return { serviceName: name, ...telemetry };
}
