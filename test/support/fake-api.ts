/**
 * An API server of Kubernetes in process, as far as discovery asks it: lists in pages, watches with bookmarks, `get`. Tests
 * change its objects, take its history away (410), refuse rights and cut it off.
 */
import {
  ApiError,
  type ApiChange,
  type ApiObject,
  type KubernetesApi,
  type WatchEvent,
} from '../../src/discovery/kubernetes/api.ts';

interface Change {
  readonly version: number;
  readonly key: string;
  readonly event: WatchEvent;
}

interface Watcher {
  readonly plural: string;
  readonly selector: string | null;
  push(event: WatchEvent): void;
  end(error?: Error): void;
}

export class FakeApi implements KubernetesApi {
  /** Every request, as `VERB plural` or `VERB plural/name`. */
  readonly asked: string[] = [];
  readonly sent: ApiChange[] = [];
  /** Rights that are missing, as `list mcpservers`. */
  readonly forbidden = new Set<string>();
  /** Kinds by plural that are not installed. */
  readonly absent = new Set<string>();
  /** The versions of ToolHive's kinds; none where they are not installed. */
  versions: readonly string[] = ['v1beta1', 'v1alpha1'];
  /** Answers each request with this, while it is set. */
  down: Error | undefined;
  pageSize = 500;
  readonly #objects = new Map<string, ApiObject>();
  readonly #watchers = new Set<Watcher>();
  #history: Change[] = [];
  #compacted = 0;
  #version = 1;

  /** Creates an object, or replaces it. Labels of Services are under `labels`. */
  put(plural: string, name: string, rest: object = {}): void {
    const key = `${plural}/${name}`;
    const isNew = !this.#objects.has(key);
    const { metadata = {}, ...body } = rest as { metadata?: object };
    const object = { metadata: { ...metadata, name, resourceVersion: String(++this.#version) }, ...body };
    this.#objects.set(key, object);
    this.#record(key, { type: isNew ? 'ADDED' : 'MODIFIED', object });
  }

  delete(plural: string, name: string): void {
    const key = `${plural}/${name}`;
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#record(key, { type: 'DELETED', object: { ...object, metadata } });
  }

  /** Forgets the history, as etcd does: a watch from before is answered 410. */
  compact(): void {
    this.#compacted = ++this.#version;
    this.#history = [];
  }

  /** Ends every watch, as the server does after `timeoutSeconds`, or by an error. */
  endWatches(error?: Error): void {
    for (const watcher of this.#watchers) watcher.end(error);
    this.#watchers.clear();
  }

  /** Tells each watch the version, and nothing else. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: String(++this.#version) } };
    for (const watcher of this.#watchers) watcher.push({ type: 'BOOKMARK', object });
  }

  /** Ends each watch by an event of the type `ERROR`. */
  tellExpired(): void {
    for (const watcher of this.#watchers)
      watcher.push({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } });
  }

  get watchCount(): number {
    return this.#watchers.size;
  }

  async get(path: string): Promise<unknown> {
    const { pathname, searchParams } = new URL(path, 'http://fake');
    if (pathname === '/apis/toolhive.stacklok.dev') return this.#group();
    const [plural = '', name] = resourceOf(pathname);
    if (name !== undefined) {
      this.#ask('get', plural, name);
      const found = this.#objects.get(`${plural}/${name}`);
      if (found === undefined) throw new ApiError(404, `${plural} "${name}" not found`);
      return found;
    }
    this.#ask('list', plural);
    const all = this.#listed(plural, searchParams.get('labelSelector'));
    const start = Number(searchParams.get('continue') ?? 0);
    const end = start + Math.min(this.pageSize, Number(searchParams.get('limit') ?? 500));
    const more = end < all.length ? { continue: String(end) } : {};
    return { metadata: { resourceVersion: String(this.#version), ...more }, items: all.slice(start, end) };
  }

  async watch(path: string, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>> {
    const { pathname, searchParams } = new URL(path, 'http://fake');
    const [plural = ''] = resourceOf(pathname);
    this.#ask('watch', plural);
    const from = Number(searchParams.get('resourceVersion'));
    if (from < this.#compacted) throw new ApiError(410, 'too old resource version');
    const stream = new EventStream();
    const watcher = {
      plural,
      selector: searchParams.get('labelSelector'),
      push: stream.push,
      end: stream.end,
    };
    for (const { version, key, event } of this.#history)
      if (version > from && key.startsWith(`${plural}/`) && isSelected(event.object, watcher.selector))
        stream.push(event);
    this.#watchers.add(watcher);
    signal.addEventListener('abort', () => {
      this.#watchers.delete(watcher);
      stream.end(new Error('aborted'));
    });
    return stream;
  }

  async send(change: ApiChange): Promise<unknown> {
    const [plural = '', name, sub] = resourceOf(new URL(change.path, 'http://fake').pathname);
    this.#ask(change.method.toLowerCase(), sub === undefined ? plural : `${plural}/${sub}`, name);
    this.sent.push(change);
    return change.body;
  }

  #group(): object {
    this.asked.push('get group');
    if (this.down !== undefined) throw this.down;
    if (this.versions.length === 0)
      throw new ApiError(404, 'the server could not find the requested resource');
    return { versions: this.versions.map((version) => ({ version })) };
  }

  #ask(verb: string, plural: string, name?: string): void {
    this.asked.push(`${verb} ${plural}${name === undefined ? '' : `/${name}`}`);
    if (this.down !== undefined) throw this.down;
    if (this.absent.has(plural)) throw new ApiError(404, 'the server could not find the requested resource');
    if (this.forbidden.has(`${verb} ${plural}`))
      throw new ApiError(403, `${plural} is forbidden: User "vmcp" cannot ${verb} resource "${plural}"`);
  }

  #listed(plural: string, selector: string | null): ApiObject[] {
    return [...this.#objects]
      .filter(([key, object]) => key.startsWith(`${plural}/`) && isSelected(object, selector))
      .map(([, object]) => object);
  }

  #record(key: string, event: WatchEvent): void {
    this.#history.push({ version: this.#version, key, event });
    for (const { plural, selector, push } of this.#watchers)
      if (key.startsWith(`${plural}/`) && isSelected(event.object, selector)) push(event);
  }
}

/** The plural, and what follows it, of a path below a namespace. */
function resourceOf(pathname: string): string[] {
  return pathname
    .replace(/^.*\/namespaces\/[^/]+\//, '')
    .split('/')
    .map(decodeURIComponent);
}

function isSelected(object: ApiObject, selector: string | null): boolean {
  if (selector === null) return true;
  const [label = '', value] = selector.split('=');
  const { labels = {} } = (object.metadata ?? {}) as { labels?: Readonly<Record<string, string>> };
  return labels[label] === value;
}

/** Events that are waiting, and whoever waits for one. */
class EventStream implements AsyncIterable<WatchEvent> {
  readonly #events: WatchEvent[] = [];
  #ended: { readonly error: Error | undefined } | undefined;
  #wake = Promise.withResolvers<void>();

  readonly push = (event: WatchEvent): void => {
    this.#events.push(event);
    this.#wake.resolve();
  };

  readonly end = (error?: Error): void => {
    this.#ended ??= { error };
    this.#wake.resolve();
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      if (this.#ended?.error !== undefined) throw this.#ended.error;
      if (this.#ended !== undefined) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
