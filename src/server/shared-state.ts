/** What this process shares with other replicas of the same virtual server, as the configuration and the environment have it. */
import type { Environment } from '../config/index.ts';
import type { SharedBuckets } from '../features/feature.ts';
import {
  loadRedisStore,
  readSecretKeys,
  Replicas,
  Sealer,
  secretKeyVariable,
  SecretKeyError,
  type Store,
} from '../storage/index.ts';
import { AppError } from './app-error.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { readCertificate } from './read-certificate.ts';

/** An operation of the store that takes longer has failed. */
const commandTimeoutMs = 1_000;
const minSecretBytes = 16;

export interface SharedState {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly replicas: Replicas;
  readonly buckets: SharedBuckets;
  /** Namespace and name of the virtual server. */
  readonly fleet: readonly string[];
  close(): Promise<void>;
}

/**
 * Undefined where the configuration shares nothing. A store that cannot be reached is no error: it is used from when it can.
 * @throws AppError when the secret is missing or unfit, or a file cannot be read
 */
export async function openSharedState(
  config: Config,
  environment: Environment,
  log: Log,
): Promise<SharedState | undefined> {
  const { sessionStorage, name } = config;
  if (sessionStorage.provider === 'memory') {
    warnOfReplicas(environment, log);
    return undefined;
  }
  const sealer = new Sealer(secretsOf(environment));
  const { host, port, db, username, tls, keyPrefix, onStoreFailure } = sessionStorage;
  const fleet = [environment['VMCP_NAMESPACE'] ?? '', environment['VMCP_NAME'] || name];
  const password = environment['THV_SESSION_REDIS_PASSWORD'];
  const { caCertPath } = tls ?? {};
  const store = await loadRedisStore(
    {
      host,
      port,
      db,
      ...(username !== undefined && { username }),
      ...(password && { password }),
      ...(tls && {
        tls: caCertPath === undefined ? {} : { ca: readCertificate('sessionStorage.caCertPath', caCertPath) },
      }),
    },
    {
      // Servers that share a Redis are to have keys of their own.
      keyPrefix: `${keyPrefix}${fleet.map(encodeURIComponent).join('/')}:`,
      commandTimeoutMs,
      onConnection: (state, reason) =>
        state === 'connected'
          ? log.write('info', `shared sessions: connected to Redis at ${host}:${port}`)
          : log.write('warn', `shared sessions: Redis at ${host}:${port} cannot be reached: ${reason}`),
      onDefect: log.defect,
    },
  );
  const replicas = new Replicas({ store, sealer, fleet, onDefect: log.defect });
  await replicas.open();
  return {
    store,
    sealer,
    replicas,
    buckets: { store: store.buckets, onFailure: onStoreFailure },
    fleet,
    close: async () => {
      await replicas.close();
      await store.close();
    },
  };
}

/** `VMCP_SECRET_KEY`, or what ToolHive's operator gives its own server. */
function secretsOf(environment: Environment): readonly Uint8Array[] {
  const own = ownSecretsOf(environment);
  if (own !== undefined) return own;
  const given = environment['VMCP_SESSION_HMAC_SECRET'];
  if (!given)
    throw new AppError(
      'cannot_prepare',
      `sessionStorage.provider "redis" needs ${secretKeyVariable}, the same for all replicas: base64 of 32 random bytes (\`openssl rand -base64 32\`)`,
    );
  const secret = Buffer.from(given);
  if (secret.length >= minSecretBytes) return [secret];
  throw new AppError(
    'cannot_prepare',
    `VMCP_SESSION_HMAC_SECRET: expected at least ${minSecretBytes} bytes, found ${secret.length}`,
  );
}

function ownSecretsOf(environment: Environment): readonly Uint8Array[] | undefined {
  try {
    return readSecretKeys(environment[secretKeyVariable]);
  } catch (error) {
    if (!(error instanceof SecretKeyError)) throw error;
    throw new AppError('cannot_prepare', error.message, { cause: error });
  }
}

function warnOfReplicas(environment: Environment, log: Log): void {
  const replicas = Number(environment['VMCP_REPLICAS'] ?? '');
  if (!(replicas > 1)) return;
  log.write(
    'warn',
    `VMCP_REPLICAS is ${replicas} and sessionStorage.provider is "memory": send each client to one replica (session affinity). ` +
      'Sessions of revisions before 2026-07-28 with their streams, answers to questions, retries of input-required calls ' +
      'and tasks are known to the replica that began them alone',
  );
}
