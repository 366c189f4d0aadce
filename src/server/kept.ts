import { AssertionError } from 'node:assert';
import type {
  FeatureCode,
  FeatureHost,
  FeatureParts,
  KeptState,
  ServerView,
  SharedBuckets,
  StandardStreams,
} from '../features/feature.ts';
import type { Tool } from '../gateway/index.ts';
import { contain } from '../lib/guarded.ts';
import type { Redact } from '../lib/redact.ts';
import type { Environment } from '../config/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import { optionsOf, type AnyFeature } from './features.ts';
import type { Log } from './log.ts';

/** What gauges read of a generation. */
export interface GenerationInForce {
  readonly config: { readonly name: string };
  readonly parts: ReadonlyMap<string, FeatureParts>;
  readonly catalogue: { tools(): readonly Tool[] };
}

/** What a feature needs to make its parts: its code, its host, what it keeps. */
export interface LoadedFeature {
  // oxlint-disable-next-line typescript/no-explicit-any -- see AnyFeature
  readonly code: FeatureCode<any, any>;
  // oxlint-disable-next-line typescript/no-explicit-any -- see AnyFeature
  readonly host: FeatureHost<any>;
  readonly kept: KeptState;
}

export interface KeptOptions {
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly environment: Environment;
  readonly redact: Redact;
  readonly streams: StandardStreams;
  readonly sharedBuckets?: SharedBuckets | undefined;
}

/** What features keep over reloads: code that was loaded, instruments, state. Made when first needed. */
export class KeptFeatures {
  readonly #telemetry: Telemetry;
  readonly #log: Log;
  readonly #environment: Environment;
  readonly #options: KeptOptions;
  readonly #hosts = new Map<string, LoadedFeature['host']>();
  readonly #loaded = new Map<string, Promise<LoadedFeature>>();
  #server: ServerView | undefined;
  #onReload: () => void = () => undefined;

  /** Instruments are made at once, so that series stand at 0 from the start, whether a feature is on or not. */
  constructor(features: readonly AnyFeature[], options: KeptOptions) {
    this.#telemetry = options.telemetry;
    this.#log = options.log;
    this.#environment = options.environment;
    this.#options = options;
    for (const { key, metrics } of features) this.#hosts.set(key, this.#host(metrics));
  }

  /** Has the gauges of every feature read the configuration now in force. */
  observe(features: readonly AnyFeature[], inForce: () => GenerationInForce): void {
    for (const feature of features)
      feature.observe?.(this.hostOf(feature).instruments, () => {
        const { config, parts, catalogue } = inForce();
        const made = parts.get(feature.key);
        return {
          serverName: config.name,
          options: optionsOf(feature, config),
          ...(made !== undefined && { parts: made }),
          tools: () => catalogue.tools(),
        };
      });
  }

  /** Has this called when a feature wants the configuration prepared again. */
  onReload(reload: () => void): void {
    this.#onReload = reload;
  }

  /** Says what features see of the server; to be called before a request is served. */
  setServer(server: ServerView): void {
    this.#server = server;
  }

  hostOf({ key }: AnyFeature): LoadedFeature['host'] {
    const host = this.#hosts.get(key);
    if (host === undefined) throw new Error(`the feature "${key}" is not in the list of features`);
    return host;
  }

  /** Loads a feature and makes what it keeps, once. A failure is forgotten, so that the next reload tries again. */
  load(feature: AnyFeature, options: unknown): Promise<LoadedFeature> {
    let loading = this.#loaded.get(feature.key);
    if (loading === undefined) {
      loading = this.#load(feature, options);
      this.#loaded.set(feature.key, loading);
      loading.catch(() => this.#loaded.delete(feature.key));
    }
    return loading;
  }

  /** Ends the responses of features that would go on without end. Never rejects. */
  async drain(): Promise<void> {
    for (const one of await Promise.allSettled(this.#loaded.values()))
      if (one.status === 'fulfilled')
        contain('the end of a feature', this.#log.defect, () => one.value.kept.drain?.());
  }

  /** Has each feature open its files again. */
  reopen(): void {
    for (const loading of this.#loaded.values())
      contain('the opening of files', this.#log.defect, async () => (await loading).kept.reopen?.());
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#loaded.values());
    const loaded = settled.filter((one) => one.status === 'fulfilled');
    const closed = await Promise.allSettled(loaded.map(({ value }) => value.kept.close()));
    for (const one of closed)
      if (one.status === 'rejected') this.#log.defect(one.reason, 'the end of a feature');
  }

  async #load(feature: AnyFeature, options: unknown): Promise<LoadedFeature> {
    const code = await feature.load();
    const host = this.hostOf(feature);
    return { code, host, kept: await code.keep(options, host) };
  }

  #host(metrics: AnyFeature['metrics']): LoadedFeature['host'] {
    const spans = this.#telemetry.tracing?.spans;
    const { redact, streams, sharedBuckets } = this.#options;
    return {
      instruments: this.#telemetry.instrumentsOf(metrics),
      environment: this.#environment,
      redact,
      streams,
      ...(spans && { spans }),
      ...(sharedBuckets && { sharedBuckets }),
      onDefect: this.#log.defect,
      reload: () => this.#onReload(),
      log: (level, message, fields = {}) => this.#log.write(level, message, { ...fields }),
      server: () => {
        if (this.#server !== undefined) return this.#server;
        throw new AssertionError({ message: 'a feature asked for the server before it had started' });
      },
    };
  }
}
