import type { BackendRequestRecord, BackendTuning, Catalogue } from './backend.ts';

/** Limits and habits of one supervised backend. Durations are milliseconds. */
export interface SuperviseOptions extends Partial<BackendTuning> {
  /** Of one attempt to open a connection and read all lists. 30 s when not given. */
  readonly startTimeoutMs?: number;
  /** Before the first and between all further attempts to connect again. 200 ms, doubling to 60 s, when not given. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /**
   * The longest pause before the next attempt while there is no credential, where looking for one asks nothing of others. As
   * any other when not given.
   */
  readonly credentialPauseMs?: number;
  /** How long `close` waits for requests in flight. 30 s when not given. */
  readonly drainTimeoutMs?: number;
  /** Between two readings of the same list, so that a backend that changes it constantly costs little. 1 s when not given. */
  readonly refreshIntervalMs?: number;
  readonly onLog: (entry: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly backend: string;
    readonly message: string;
  }) => void;
  /** Each request that reached the backend, the gateway's own included. */
  readonly onRequest?: (record: BackendRequestRecord) => void;
  /** Gives one object for all catalogues that are equal. */
  readonly share?: (catalogue: Catalogue) => Catalogue;
  readonly now?: () => number;
}

export type SuperviseSettings = Required<
  Omit<SuperviseOptions, 'circuitBreaker' | 'onRequest' | 'share' | 'credentialPauseMs'>
> &
  Pick<SuperviseOptions, 'circuitBreaker' | 'onRequest' | 'share' | 'credentialPauseMs'>;

export function withSuperviseDefaults(options: SuperviseOptions): SuperviseSettings {
  return {
    timeoutMs: 30_000,
    startTimeoutMs: 30_000,
    healthCheckIntervalMs: 30_000,
    healthCheckTimeoutMs: 10_000,
    unhealthyThreshold: 3,
    backoff: { firstMs: 200, maxMs: 60_000 },
    drainTimeoutMs: 30_000,
    refreshIntervalMs: 1_000,
    lazy: false,
    now: () => performance.now(),
    ...options,
  };
}
