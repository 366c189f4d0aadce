/** What a reload changes: which lists clients must hear of, and which keys it cannot change at all. */
import type { Config, TelemetryConfig } from '../config/index.ts';
import { ownCaller, type Generation } from './generation.ts';
import { noClient } from '../gateway/index.ts';
import type { ListMethod } from '../protocol/index.ts';
import type { ChangedList } from '../mcp/server/index.ts';

type ListReader = (read: (method: ListMethod) => Promise<unknown>) => Promise<unknown>;

const readers: Readonly<Record<ChangedList, ListReader>> = {
  tools: (read) => read('tools/list'),
  prompts: (read) => read('prompts/list'),
  resources: (read) => Promise.all([read('resources/list'), read('resources/templates/list')]),
};

/** How long a list may take that is read to be compared. */
const listMs = 30_000;

function readerOf({ gateway }: Generation): (method: ListMethod) => Promise<unknown> {
  return (method) =>
    gateway.ask({
      origin: 'gateway',
      method,
      caller: ownCaller,
      client: noClient,
      signal: AbortSignal.timeout(listMs),
    });
}

/** Lists that clients see otherwise under the new configuration. */
export async function changedLists(before: Generation, after: Generation): Promise<ChangedList[]> {
  const lists = Object.keys(readers) as ChangedList[];
  const same = await Promise.all(
    lists.map(async (list) => {
      const [old, now] = await Promise.all([readers[list](readerOf(before)), readers[list](readerOf(after))]);
      return JSON.stringify(old) === JSON.stringify(now);
    }),
  );
  return lists.filter((_, index) => !same[index]);
}

/** The server has one MeterProvider and one tracer from start to end, and these are what they are made of. */
const readOnce: readonly (keyof TelemetryConfig)[] = [
  'endpoint',
  'headers',
  'insecure',
  'caCertPath',
  'tracingEnabled',
  'metricsEnabled',
  'samplingRate',
  'serviceName',
  'serviceVersion',
  'customAttributes',
  'environmentVariables',
  'useLegacyAttributes',
];

/** Keys that differ and that only the next start reads, with what they are where the file leaves them out. */
export function changesForNextStart(before: Config, after: Config): string[] {
  const [old, now] = [withServiceName(before), withServiceName(after)];
  return readOnce
    .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]))
    .map((key) => `telemetry.${key}`);
}

/** The name of the service is that of the server unless written. */
function withServiceName({ name, telemetry }: Config): TelemetryConfig {
  return { serviceName: name, ...telemetry };
}
