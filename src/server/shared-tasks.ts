import { OwnTaskOwners, type TaskOwner, type TaskOwners } from '../gateway/index.ts';
import { StoreError, type Store } from '../storage/index.ts';

/** A task that is not asked about for longer is no longer known to replicas that did not make it. */
const taskMs = 24 * 60 * 60_000;

/** The owners of tasks as all replicas know them. */
export class SharedTaskOwners implements TaskOwners {
  readonly #own = new OwnTaskOwners();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  known(taskId: string): TaskOwner | undefined {
    return this.#own.known(taskId);
  }

  /** @throws {StoreError} where the task is unknown here and the store cannot be reached */
  async find(taskId: string): Promise<TaskOwner | undefined> {
    const own = this.#own.known(taskId);
    if (own !== undefined) return own;
    const text = await this.#store.get(keyOf(taskId));
    if (text === undefined) return undefined;
    const owner = JSON.parse(text) as TaskOwner;
    this.#own.remember(taskId, owner);
    return owner;
  }

  async remember(taskId: string, owner: TaskOwner): Promise<void> {
    if (this.#own.known(taskId) !== undefined) return;
    this.#own.remember(taskId, owner);
    try {
      await this.#store.set(keyOf(taskId), JSON.stringify(owner), { ttlMs: taskMs, onlyIfAbsent: true });
    } catch (error) {
      // The task runs; until the store is back it is known here alone.
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

function keyOf(taskId: string): string {
  return `task:${taskId}`;
}
