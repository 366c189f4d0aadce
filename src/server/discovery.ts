/** The search for the backends of a group: made of the configuration and the environment, and what `/status` tells of it. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  HttpKubernetesApi,
  KubernetesDiscovery,
  surroundingsOf,
  type DiscoveryStatus,
  type FoundGroup,
  type SkippedBackend,
} from '../discovery/index.ts';
import type { OnDefect } from '../lib/guarded.ts';
import { messageOf } from '../lib/thrown.ts';
import { AppError } from './app-error.ts';
import type { Config } from './config.ts';

export type { DiscoveryStatus };

/** What a server asks of its discovery. */
export interface DiscoveryView {
  /** Whether the group has been read, and what it has is in force. */
  readonly isKnown: boolean;
  readonly status: DiscoveryStatus;
  /** A backend has answered 401: its Secret may be another by now. Never throws. */
  credentialRefused(): void;
}

export interface RunningDiscovery extends DiscoveryView {
  /** Begins to follow. `onFound` is told of the backends when they are known, and each time that they change. */
  start(onFound: (found: FoundGroup) => void, onDefect: OnDefect): void;
  /** Takes note that what was found is in force, but for backends that the configuration refused. */
  putInForce(refused: readonly SkippedBackend[]): void;
  close(): Promise<void>;
}

/**
 * @returns undefined where every backend is in the file
 * @throws AppError outside Kubernetes
 */
export function createDiscovery(
  { discovery }: Pick<Config, 'discovery'>,
  environment: Readonly<Record<string, string | undefined>>,
): RunningDiscovery | undefined {
  if (discovery === undefined) return undefined;
  return new GroupDiscovery(discovery.group, surroundingsIn(environment));
}

/**
 * For servers that look at nothing but their file.
 * @throws AppError where the configuration looks for backends elsewhere
 */
export function assertNoDiscovery({ discovery }: Pick<Config, 'discovery'>): void {
  if (discovery === undefined) return;
  throw new AppError(
    'cannot_prepare',
    `the configuration looks for the backends of the group "${discovery.group}" in Kubernetes, which "vmcp serve" alone does: ` +
      'ask the running server by its URL, or use "outgoingAuth.source: inline"',
  );
}

function surroundingsIn(
  environment: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof surroundingsOf> {
  try {
    return surroundingsOf(environment, (path) => readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AppError('cannot_prepare', messageOf(error), { cause: error });
  }
}

class GroupDiscovery implements RunningDiscovery {
  readonly #group: string;
  readonly #surroundings: ReturnType<typeof surroundingsOf>;
  readonly #api: HttpKubernetesApi;
  #running: KubernetesDiscovery | undefined;
  #refused: readonly SkippedBackend[] = [];
  #isInForce = false;

  constructor(group: string, surroundings: ReturnType<typeof surroundingsOf>) {
    this.#group = group;
    this.#surroundings = surroundings;
    this.#api = new HttpKubernetesApi(surroundings);
  }

  start(onFound: (found: FoundGroup) => void, onDefect: OnDefect): void {
    this.#running = new KubernetesDiscovery({
      api: this.#api,
      group: this.#group,
      namespace: this.#surroundings.namespace,
      onFound,
      onDefect,
      sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
      now: () => performance.now(),
      random: Math.random,
    });
    this.#running.start();
  }

  get isKnown(): boolean {
    return this.#isInForce;
  }

  get status(): DiscoveryStatus {
    const { namespace } = this.#surroundings;
    const status = this.#running?.status;
    if (status === undefined)
      return { group: this.#group, namespace, state: 'starting', problems: [], skipped: [] };
    return { ...status, skipped: [...status.skipped, ...this.#refused] };
  }

  putInForce(refused: readonly SkippedBackend[]): void {
    this.#isInForce = this.#running?.isKnown === true;
    this.#refused = refused;
  }

  credentialRefused(): void {
    this.#running?.credentialRefused();
  }

  async close(): Promise<void> {
    await this.#running?.close();
    await this.#api.close();
  }
}
