/**
 * The backends of a group, as the API server tells of them. Watches the kinds that are installed, reads the Secrets that
 * these name, and tells when the backends are others than before.
 */
import type { ApiObject, KubernetesApi } from './api.ts';
import { isAbsent } from './api.ts';
import { Lookup, Skip, type FoundBackend, type SkippedBackend } from './candidate.ts';
import { NamedData } from './named-data.ts';
import { listAt, textAt } from './read-object.ts';
import { groupLabel, serviceBackend } from './services.ts';
import {
  authConfigPlural,
  backendKinds,
  isOfGroup,
  toolhiveBackend,
  toolhiveGroup,
  toolhiveVersions,
  type BackendPlural,
} from './toolhive.ts';
import { WatchedList } from './watched-list.ts';
import { contain, type OnDefect } from '../../lib/guarded.ts';
import { messageOf } from '../../lib/thrown.ts';

/** Backends of a group, and what of the group is no backend. */
export interface FoundGroup {
  readonly backends: readonly FoundBackend[];
  readonly skipped: readonly SkippedBackend[];
}

export interface DiscoveryStatus {
  readonly group: string;
  readonly namespace: string;
  /** `toolhive`: its kinds. `services`: Services with the label. Undefined until the API server has answered. */
  readonly source?: 'toolhive' | 'services';
  /** `stale`: served is what was known when the API server was last reached. */
  readonly state: 'starting' | 'watching' | 'stale';
  /** What is not followed, and why. */
  readonly problems: readonly string[];
  readonly skipped: readonly SkippedBackend[];
}

export interface DiscoveryOptions {
  readonly api: KubernetesApi;
  readonly group: string;
  readonly namespace: string;
  /** Told of the backends once all lists have come, and each time that they have changed. */
  readonly onFound: (found: FoundGroup) => void;
  readonly onDefect: OnDefect;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly random: () => number;
}

/** Changes that come together are told together. */
const settleMs = 100;
const secretsEveryMs = 60_000;
const probeRetryMs = 2_000;
/** A backend that refuses its credential makes one read of the Secrets in so long. */
const refusedEveryMs = 5_000;

export class KubernetesDiscovery {
  readonly #options: DiscoveryOptions;
  readonly #data: NamedData;
  readonly #ending = new AbortController();
  #source: 'toolhive' | 'services' | undefined;
  #probeProblem: string | undefined;
  #lists: ReadonlyMap<string, WatchedList> = new Map();
  #told: string | undefined;
  #found: FoundGroup = { backends: [], skipped: [] };
  #due = false;
  /** One after another: a look that waited for Secrets is not to come behind a later one. */
  #telling: Promise<void> = Promise.resolve();
  #readAt = -Infinity;
  #refusedDue = false;
  #running: Promise<void> | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    const { api, namespace } = options;
    this.#data = new NamedData(api, { namespace, onChange: () => this.#settle() });
  }

  /** Starts to follow. */
  start(): void {
    this.#running ??= this.#run().catch((error: unknown) =>
      this.#options.onDefect(error, 'the discovery of backends'),
    );
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /** Whether the group is known, so that a server with no backend is one of an empty group. */
  get isKnown(): boolean {
    return this.#told !== undefined;
  }

  get status(): DiscoveryStatus {
    const { group, namespace } = this.#options;
    const lists = [...this.#lists];
    const isStale = lists.some(([, { state }]) => state === 'unreachable');
    const problems = lists.flatMap(([plural, { state, problem }]) =>
      problem === undefined || state === 'absent' ? [] : [`${plural}: ${problem}`],
    );
    return {
      group,
      namespace,
      ...(this.#source !== undefined && { source: this.#source }),
      state: !this.isKnown ? 'starting' : isStale ? 'stale' : 'watching',
      problems: this.#probeProblem === undefined ? problems : [this.#probeProblem, ...problems],
      skipped: this.#found.skipped,
    };
  }

  /** A backend has refused its credential: the Secrets are read again, a little later where they just were. */
  credentialRefused(): void {
    if (this.#refusedDue) return;
    this.#refusedDue = true;
    contain('the reading of Secrets', this.#options.onDefect, async () => {
      const { sleep, now } = this.#options;
      const waitMs = this.#readAt + refusedEveryMs - now();
      if (waitMs > 0) await sleep(waitMs, this.#ending.signal).catch(() => undefined);
      this.#refusedDue = false;
      if (!this.#ending.signal.aborted) await this.#readData('all');
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const version = await this.#probe(signal);
    if (signal.aborted) return;
    this.#lists = version === undefined ? this.#serviceLists() : this.#toolhiveLists(version);
    this.#source = version === undefined ? 'services' : 'toolhive';
    await Promise.all([
      ...[...this.#lists.values()].map((list) => list.run(signal)),
      this.#keepReading(signal),
    ]);
  }

  /** Which version of ToolHive's kinds is served; undefined where none is. */
  async #probe(signal: AbortSignal): Promise<string | undefined> {
    const { api, sleep, random } = this.#options;
    for (;;) {
      try {
        const group = await api.get(`/apis/${toolhiveGroup}`, signal);
        const served = listAt(group, 'versions').map((each) => textAt(each, 'version'));
        this.#probeProblem = undefined;
        return toolhiveVersions.find((version) => served.includes(version));
      } catch (error) {
        if (isAbsent(error)) this.#probeProblem = undefined;
        if (signal.aborted || isAbsent(error)) return undefined;
        this.#probeProblem = `the API server: ${messageOf(error)}`;
      }
      await sleep(probeRetryMs * (0.5 + random() / 2), signal).catch(() => undefined);
      if (signal.aborted) return undefined;
    }
  }

  #toolhiveLists(version: string): Map<string, WatchedList> {
    const plurals = [...Object.keys(backendKinds), authConfigPlural];
    return new Map(
      plurals.map((plural) => [
        plural,
        this.#watch(`/apis/${toolhiveGroup}/${version}/namespaces/${this.#options.namespace}/${plural}`),
      ]),
    );
  }

  #serviceLists(): Map<string, WatchedList> {
    const { namespace, group } = this.#options;
    const selector = `labelSelector=${encodeURIComponent(`${groupLabel}=${group}`)}`;
    return new Map([['services', this.#watch(`/api/v1/namespaces/${namespace}/services`, selector)]]);
  }

  #watch(path: string, selector?: string): WatchedList {
    const { api, sleep, now, random } = this.#options;
    const onChange = (): void => this.#settle();
    return new WatchedList(api, {
      path,
      onChange,
      sleep,
      now,
      random,
      ...(selector !== undefined && { selector }),
    });
  }

  async #keepReading(signal: AbortSignal): Promise<void> {
    const { sleep } = this.#options;
    while (!signal.aborted) {
      await sleep(secretsEveryMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#readData('all');
    }
  }

  async #readData(only: 'all' | 'unread'): Promise<void> {
    this.#readAt = this.#options.now();
    await this.#data.refresh(this.#ending.signal, only);
  }

  /** Once a little later, however often it is asked for until then. */
  #settle(): void {
    if (this.#due) return;
    this.#due = true;
    contain('the discovery of backends', this.#options.onDefect, async () => {
      await this.#options.sleep(settleMs, this.#ending.signal).catch(() => undefined);
      this.#due = false;
      this.#telling = this.#telling.then(() => this.#tell());
      await this.#telling;
    });
  }

  async #tell(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    if (![...this.#lists.values()].every(({ hasAnswered }) => hasAnswered)) return;
    let found = this.#data.during((find) => this.#look(find));
    // A reading that was under way may have begun before something was named.
    for (let reads = 0; this.#data.isIncomplete && reads < 3; reads++) {
      await this.#readData('unread');
      found = this.#data.during((find) => this.#look(find));
    }
    if (this.#ending.signal.aborted) return;
    this.#found = found;
    const told = JSON.stringify(found.backends);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onFound(found);
  }

  #look(find: ConstructorParameters<typeof Lookup>[0]): FoundGroup {
    const backends = new Map<string, FoundBackend>();
    const skipped: SkippedBackend[] = [];
    for (const { kind, object, make } of this.#objects()) {
      const name = object.metadata?.name ?? '';
      const winner = backends.get(name);
      try {
        const backend = make(new Lookup(find));
        if (winner !== undefined) throw new Skip(`the ${winner.kind} of the same name is served`);
        backends.set(name, backend);
      } catch (error) {
        if (!(error instanceof Skip)) throw error;
        skipped.push({ name, kind, reason: error.message });
      }
    }
    // By name, so that a list that comes in another order is no change.
    const inOrder = [...backends.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
    return { backends: inOrder, skipped };
  }

  *#objects(): Generator<{ kind: string; object: ApiObject; make: (lookup: Lookup) => FoundBackend }> {
    const { group, namespace } = this.#options;
    const authConfigs = this.#lists.get(authConfigPlural)?.items ?? new Map<string, ApiObject>();
    for (const plural of Object.keys(backendKinds) as BackendPlural[]) {
      for (const object of this.#lists.get(plural)?.items.values() ?? []) {
        if (!isOfGroup(object, group)) continue;
        const make = (lookup: Lookup): FoundBackend => toolhiveBackend(plural, object, authConfigs, lookup);
        yield { kind: backendKinds[plural], object, make };
      }
    }
    for (const object of this.#lists.get('services')?.items.values() ?? [])
      yield { kind: 'Service', object, make: () => serviceBackend(object, namespace) };
  }
}
