/**
 * A reload in three steps. *Prepare* does all that can fail, beside the configuration in force. *Commit* swaps one
 * reference and cannot fail. *Retire* lets what was in force finish.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangedList, McpEndpoint } from '../mcp/server/index.ts';
import type { Caller } from '../gateway/index.ts';
import { ListChanges } from './changes.ts';
import type { LoadedConfig } from './config.ts';
import { prepareGeneration, type Generation, type Shared } from './generation.ts';
import { assertMayListen, type MetricsPort, type PreparedPort } from './ports.ts';

/** The steps of prepare, in their order: what may fail, by name. */
export const prepareSteps = ['address', 'ports', 'generation', 'backends', 'lists'] as const;
export type PrepareStep = (typeof prepareSteps)[number];

export interface ReloadOptions {
  readonly host: string;
  readonly shared: Shared;
  readonly metricsPort: MetricsPort;
  readonly endpoint: McpEndpoint;
  readonly before: Generation;
  /** Secrets of the configuration in force. */
  readonly secrets: readonly string[];
  /** Told before each step. It may throw: tests inject their faults here. */
  readonly onStep?: (step: PrepareStep) => void;
  /** How long new backends are waited for; after it they join when they answer. */
  readonly waitMs?: number | undefined;
}

/** A configuration that is ready to be put in force. */
export interface Prepared {
  readonly generation: Generation;
  /** Which lists this caller sees otherwise. */
  readonly changedFor: (caller: Caller) => readonly ChangedList[];
  /** Puts the ports and what is shared in force. Cannot fail. */
  commit(): void;
  /** Lets go of the ports of the configuration before. */
  retire(): Promise<void>;
}

/** Longest wait of a reload for backends that are new; after it they join when they answer. */
const reloadWaitMs = 5000;

/**
 * @throws AppError or what a part could not prepare. The configuration in force is untouched then, and nothing that was
 * prepared is held.
 */
export async function prepareReload(
  { config, secrets }: LoadedConfig,
  { host, shared, metricsPort, endpoint, before, onStep, ...options }: ReloadOptions,
): Promise<Prepared> {
  const step = onStep ?? ((): void => undefined);
  let port: PreparedPort | undefined;
  let generation: Generation | undefined;
  try {
    step('address');
    assertMayListen(config, host);
    step('ports');
    port = await metricsPort.prepare(config.telemetry);
    step('generation');
    // The log may hear of the new secrets from here on, and of the old ones while old backends still speak.
    shared.secrets.configure(secrets);
    generation = await prepareGeneration(config, shared);
    step('backends');
    await Promise.race([
      generation.settled(),
      sleep(options.waitMs ?? reloadWaitMs, undefined, { ref: false }),
    ]);
    step('lists');
    const changes = await ListChanges.between(before, generation, endpoint.callers());
    const prepared = { port, generation };
    return {
      generation,
      changedFor: (caller) => changes.of(caller),
      commit: () => {
        prepared.port.commit();
        prepared.generation.commit();
        shared.log.setLevel(config.operational.logLevel);
      },
      retire: () => prepared.port.retire(),
    };
  } catch (error) {
    await Promise.allSettled([generation?.retire(), port?.drop()]);
    shared.secrets.configure(options.secrets);
    throw error;
  }
}
