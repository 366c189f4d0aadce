/**
 * A copy of one list of objects that follows the API server: list, then watch from there. A watch that ends goes on where
 * it was; one whose place is gone (410) lists anew. What was known stays known while the server cannot be reached.
 */
import { messageOf } from '../../lib/thrown.ts';
import {
  ApiError,
  isAbsent,
  isForbidden,
  isGone,
  type ApiList,
  type ApiObject,
  type KubernetesApi,
  type WatchEvent,
} from './api.ts';

export interface WatchedListOptions {
  /** Such as `/apis/toolhive.stacklok.dev/v1beta1/namespaces/mcp/mcpservers`. */
  readonly path: string;
  /** Goes into the query: `labelSelector=…`. */
  readonly selector?: string;
  /** Told when an object has come, changed or gone, and when the state has changed. */
  readonly onChange: () => void;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** `absent`: the kind is not installed. `forbidden`: the service account lacks the right. */
export type ListState = 'starting' | 'watching' | 'absent' | 'forbidden' | 'unreachable';

const firstRetryMs = 500;
const maxRetryMs = 15_000;
const recheckMs = 60_000;
/** A watch that the server ends sooner counts as a failure, or else a faulty proxy would make a busy loop. */
const shortestWatchMs = 1_000;
const pageSize = 500;

export class WatchedList {
  readonly #api: KubernetesApi;
  readonly #options: WatchedListOptions;
  #items: ReadonlyMap<string, ApiObject> = new Map();
  #version: string | undefined;
  #state: ListState = 'starting';
  #problem: string | undefined;
  #failures = 0;

  constructor(api: KubernetesApi, options: WatchedListOptions) {
    this.#api = api;
    this.#options = options;
  }

  /** By name, in the order in which they came. */
  get items(): ReadonlyMap<string, ApiObject> {
    return this.#items;
  }

  get state(): ListState {
    return this.#state;
  }

  /** Why it does not follow; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether the server has answered once, be it with a refusal. */
  get hasAnswered(): boolean {
    return this.#version !== undefined || this.#state === 'absent' || this.#state === 'forbidden';
  }

  /** Follows until the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      if (this.#failures > 0) await this.#options.sleep(this.#retryMs(), signal).catch(() => undefined);
    }
  }

  /**
   * Lists, where there is no place to go on from, and watches until the server ends it. What is listed counts once the watch
   * is accepted: where that right is missing, objects would come and go with each attempt.
   */
  async #follow(signal: AbortSignal): Promise<void> {
    const listed = this.#version === undefined ? await this.#list(signal) : undefined;
    const version = listed?.version ?? this.#version ?? '';
    const { now, random, onChange } = this.#options;
    const seconds = 240 + Math.round(random() * 120);
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${version}`;
    const events = await this.#api.watch(this.#pathWith(query), signal);
    const began = now();
    this.#version = version;
    this.#enter('watching', undefined);
    if (listed !== undefined) {
      this.#items = listed.items;
      onChange();
    }
    for await (const event of events) {
      this.#take(event);
      this.#failures = 0;
    }
    this.#failures = now() - began < shortestWatchMs ? this.#failures + 1 : 0;
  }

  async #list(signal: AbortSignal): Promise<{ items: ReadonlyMap<string, ApiObject>; version: string }> {
    const items = new Map<string, ApiObject>();
    let version: string | undefined;
    let token = '';
    do {
      const more = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
      const page = (await this.#api.get(this.#pathWith(`limit=${pageSize}${more}`), signal)) as ApiList;
      for (const item of page.items ?? []) items.set(nameOf(item), withoutNoise(item));
      version = page.metadata?.resourceVersion;
      token = page.metadata?.continue ?? '';
    } while (token !== '');
    if (version === undefined) throw new Error('expected a list with a resourceVersion');
    return { items, version };
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') throw new ApiError(object.code ?? 500, object.message ?? 'the watch failed');
    this.#version = object.metadata?.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    const items = new Map(this.#items);
    if (type === 'DELETED') items.delete(nameOf(object));
    else items.set(nameOf(object), withoutNoise(object));
    this.#items = items;
    this.#options.onChange();
  }

  #failed(error: unknown): void {
    if (isGone(error)) {
      // Listing anew is no failure by itself; only one that comes to the same end again waits.
      this.#failures = this.#version === undefined ? this.#failures + 1 : 0;
      this.#version = undefined;
      return;
    }
    this.#failures++;
    if (isAbsent(error)) return this.#withdraw('absent', 'the kind is not installed');
    if (isForbidden(error)) return this.#withdraw('forbidden', messageOf(error));
    this.#enter('unreachable', messageOf(error));
  }

  /** The kind, or the right to it, has been taken away: so are the objects. */
  #withdraw(state: ListState, problem: string): void {
    this.#version = undefined;
    this.#items = new Map();
    this.#enter(state, problem);
  }

  #enter(state: ListState, problem: string | undefined): void {
    if (this.#state === state && this.#problem === problem) return;
    this.#state = state;
    this.#problem = problem;
    this.#options.onChange();
  }

  /** Spread, so that the replicas of a fleet do not come all at once. */
  #retryMs(): number {
    const isSettled = this.#state === 'absent' || this.#state === 'forbidden';
    const bound = isSettled ? recheckMs : maxRetryMs;
    const ms = Math.min(firstRetryMs * 2 ** Math.min(this.#failures - 1, 10), bound);
    return ms * (0.5 + this.#options.random() / 2);
  }

  #pathWith(query: string): string {
    const { path, selector } = this.#options;
    return `${path}?${selector === undefined ? '' : `${selector}&`}${query}`;
  }
}

function nameOf({ metadata }: ApiObject): string {
  return metadata?.name ?? '';
}

/** Without `managedFields` and the like, which are larger than the rest. */
function withoutNoise({ metadata = {}, spec, status }: ApiObject): ApiObject {
  const { name, deletionTimestamp, annotations } = metadata;
  return {
    metadata: {
      ...(name !== undefined && { name }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(annotations !== undefined && { annotations }),
    },
    spec,
    status,
  };
}
