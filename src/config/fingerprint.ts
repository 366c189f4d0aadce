/** What two configurations have in common, for whoever may not see both. */
import { createHash } from 'node:crypto';
import { createRedact } from '../lib/redact.ts';
import type { BaseConfig } from './schema/config.ts';

/** A short text for each part of a configuration, equal where the part is. Secrets play no part in it. */
export interface ConfigFingerprints {
  /** By the backend's name. */
  readonly backends: Readonly<Record<string, string>>;
  /** By the key's path in the file. */
  readonly keys: Readonly<Record<string, string>>;
}

export function fingerprintsOf({
  config,
  secrets,
}: {
  readonly config: BaseConfig;
  readonly secrets: readonly string[];
}): ConfigFingerprints {
  const redact = createRedact(secrets);
  const hash = (value: unknown): string =>
    createHash('sha256')
      .update(redact(JSON.stringify(value)))
      .digest('hex')
      .slice(0, 12);
  return {
    backends: Object.fromEntries(config.backends.map((backend) => [backend.name, hash(backend)])),
    keys: Object.fromEntries(keysOf(config).map(([path, value]) => [path, hash(value)])),
  };
}

/** The keys of a configuration and those within them, backends aside: two levels, which is where people look for them. */
export function keysOf({ backends: _, ...config }: BaseConfig): [path: string, value: unknown][] {
  return Object.entries(config).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, part]) => [`${key}.${keyOfFile(inner)}`, part])
      : [[key, value]],
  );
}

/** Fields carry their unit, which keys of the file do not. */
function keyOfFile(field: string): string {
  return field.replace(/(?:Ms|Bytes)$/, '');
}
