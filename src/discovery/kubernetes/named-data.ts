/**
 * Secrets and ConfigMaps, by `get` of those that something names. They are neither listed nor watched: the right to list
 * Secrets is the right to read them all.
 */
import { messageOf } from '../../lib/thrown.ts';
import { isAbsent, isForbidden, type ApiObject, type KubernetesApi } from './api.ts';

/** A key of a Secret or a ConfigMap. */
export interface DataRef {
  readonly resource: 'secrets' | 'configmaps';
  readonly name: string;
  readonly key: string;
}

/** What a reference leads to. */
export type Looked = { readonly text: string } | { readonly missing: string };

interface Held {
  readonly data?: Readonly<Record<string, string>>;
  readonly problem?: string;
}

export interface NamedDataOptions {
  readonly namespace: string;
  /** Told when what a reference leads to is another. */
  readonly onChange: () => void;
}

export class NamedData {
  readonly #api: KubernetesApi;
  readonly #options: NamedDataOptions;
  readonly #held = new Map<string, Held>();
  /** Named in the last look, by `resource/name`. */
  #wanted = new Set<string>();
  #reading: Promise<void> | undefined;

  constructor(api: KubernetesApi, options: NamedDataOptions) {
    this.#api = api;
    this.#options = options;
  }

  /**
   * Looks references up in what has been read.
   * @param look is given what looks one up; whatever it asks for is read by the next `refresh`, and nothing else is
   */
  during<Result>(look: (find: (ref: DataRef) => Looked) => Result): Result {
    const wanted = new Set<string>();
    const result = look((ref) => {
      const place = `${ref.resource}/${ref.name}`;
      wanted.add(place);
      return find(this.#held.get(place), ref);
    });
    this.#wanted = wanted;
    for (const place of this.#held.keys()) if (!wanted.has(place)) this.#held.delete(place);
    return result;
  }

  /** Whether something is named that has not been read. */
  get isIncomplete(): boolean {
    return [...this.#wanted].some((place) => !this.#held.has(place));
  }

  /**
   * Reads what is named, once more where it was read before. Never rejects.
   * @param only what has not been read
   */
  refresh(signal: AbortSignal, only: 'all' | 'unread' = 'all'): Promise<void> {
    this.#reading ??= this.#read(signal, only).finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(signal: AbortSignal, only: 'all' | 'unread'): Promise<void> {
    const due = [...this.#wanted].filter((place) => only === 'all' || !this.#held.has(place));
    const changed = await Promise.all(due.map((place) => this.#readOne(place, signal)));
    if (!signal.aborted && changed.some(Boolean)) this.#options.onChange();
  }

  async #readOne(place: string, signal: AbortSignal): Promise<boolean> {
    const before = this.#held.get(place);
    const now = await this.#fetch(place, before, signal);
    // In the meantime it may have ceased to be named.
    if (this.#wanted.has(place)) this.#held.set(place, now);
    return JSON.stringify(before) !== JSON.stringify(now);
  }

  async #fetch(place: string, before: Held | undefined, signal: AbortSignal): Promise<Held> {
    const [resource, name = ''] = place.split('/');
    try {
      const path = `/api/v1/namespaces/${this.#options.namespace}/${resource}/${encodeURIComponent(name)}`;
      const { data = {} } = (await this.#api.get(path, signal)) as ApiObject;
      return { data: resource === 'secrets' ? decoded(data) : data };
    } catch (error) {
      if (isAbsent(error)) return { problem: 'it does not exist' };
      if (isForbidden(error)) return { problem: messageOf(error) };
      // The server is not there: what was read holds on.
      return before?.data === undefined ? { problem: messageOf(error) } : before;
    }
  }
}

function find(held: Held | undefined, { resource, name, key }: DataRef): Looked {
  const what = `${resource === 'secrets' ? 'Secret' : 'ConfigMap'} "${name}"`;
  if (held === undefined) return { missing: `${what} has not been read yet` };
  if (held.data === undefined) return { missing: `${what}: ${held.problem ?? 'it holds nothing'}` };
  const text = Object.hasOwn(held.data, key) ? held.data[key] : undefined;
  return text === undefined || text === '' ? { missing: `${what} has no key "${key}"` } : { text };
}

function decoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, base64]) => [key, Buffer.from(base64, 'base64').toString('utf8')]),
  );
}
