import type { Replicas, Sealer, Store } from '../../../storage/index.ts';

/** What this process shares with other replicas. */
export interface SharedParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly replicas: Replicas;
  /** Namespace and name of the virtual server. */
  readonly fleet: readonly string[];
}
