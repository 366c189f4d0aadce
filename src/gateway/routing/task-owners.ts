import { BoundedMap } from './bounded-map.ts';

/** Where a task runs, and for whom it was made. */
export interface TaskOwner {
  /** The backend's name. */
  readonly backend: string;
  /** That is listed the task and told how it fares; absent where only the principal is known. */
  readonly sessionId?: string;
  /** `principalKey` of who may ask about it, in any session: a client that comes back has another one. */
  readonly principal: string;
}

/** Whose each task is. What is not known here may be known to another process. */
export interface TaskOwners {
  /** As far as this process knows. */
  known(taskId: string): TaskOwner | undefined;
  /** As far as any process knows. */
  find(taskId: string): Promise<TaskOwner | undefined>;
  /** Who is remembered for a task stays its owner. Waits until other processes can know, too. */
  remember(taskId: string, owner: TaskOwner): Promise<void> | void;
}

const maxRemembered = 10_000;

/** The owners that this process has seen, over reloads. */
export class OwnTaskOwners implements TaskOwners {
  readonly #owners = new BoundedMap<string, TaskOwner>(maxRemembered);

  known(taskId: string): TaskOwner | undefined {
    return this.#owners.get(taskId);
  }

  find(taskId: string): Promise<TaskOwner | undefined> {
    return Promise.resolve(this.known(taskId));
  }

  remember(taskId: string, owner: TaskOwner): void {
    if (this.#owners.get(taskId) === undefined) this.#owners.set(taskId, owner);
  }
}
