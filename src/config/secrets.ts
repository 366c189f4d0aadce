import { isSecret, isSecretName } from '../lib/secrets.ts';
import type { Config } from './config.ts';

/** Shorter values are no secrets worth the name, and would be found inside other words by chance. */
const shortest = 6;

/**
 * Every value in a configuration that must never be shown: credentials of backends and of the OTLP endpoint, and what
 * came out of environment variables that look like secrets.
 * @param substituted the environment variables that the file refers to, with their values
 */
export function secretsOf(config: Config, substituted: ReadonlyMap<string, string>): readonly string[] {
  const found = [
    ...pickSecret(substituted),
    ...config.backends.flatMap((backend) =>
      backend.transport === 'stdio' ? pickSecret(Object.entries(backend.env)) : secretsOfUrl(backend.url),
    ),
    ...Object.values(config.telemetry.headers),
    ...secretsOfUrl(config.telemetry.endpoint ?? ''),
  ];
  return [...new Set(found)].filter((value) => value.length >= shortest);
}

function pickSecret(entries: Iterable<readonly [string, string]>): string[] {
  return [...entries].filter(([name, value]) => isSecret(name, value)).map(([, value]) => value);
}

function secretsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password, searchParams } = new URL(text);
  const parameters = [...searchParams].filter(([name]) => isSecretName(name)).map(([, value]) => value);
  return [password, decoded(password), ...parameters];
}

/** What stands in a URL for it; a text with a stray percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
