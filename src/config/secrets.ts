import { percentDecoded } from '../lib/percent-decoded.ts';
import { isSecret, isSecretName, looksSecret } from '../lib/secrets.ts';
import type { BaseConfig } from './schema/config.ts';

/** Shorter values are no secrets worth the name, and would be found inside other words by chance. */
const shortest = 6;

/**
 * Every value in a configuration that must never be shown: credentials of backends and of the OTLP endpoint, and what
 * came out of environment variables that look like secrets.
 * @param substituted the environment variables that the file refers to, with their values
 */
export function secretsOf(config: BaseConfig, substituted: ReadonlyMap<string, string>): readonly string[] {
  const found = [
    ...pickSecret(substituted),
    ...config.backends.flatMap((backend) =>
      backend.transport === 'stdio'
        ? [...pickSecret(Object.entries(backend.env)), ...backend.args.flatMap(secretsOfUrl)]
        : secretsOfUrl(backend.url),
    ),
    ...Object.values(config.telemetry.headers),
    ...secretsOfUrl(config.telemetry.endpoint ?? ''),
  ];
  return [...new Set(found)].filter((value) => value.length >= shortest);
}

function pickSecret(entries: Iterable<readonly [string, string]>): string[] {
  return [...entries].filter(([name, value]) => isSecret(name, value)).map(([, value]) => value);
}

/** Each both as it is written and as it is meant: either may turn up in an error. */
function secretsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, pathname, search } = new URL(text);
  const parameters = [...search.matchAll(/[?&]([^=&]+)=([^&]+)/g)]
    .filter(([, name = '', value = '']) => isSecretName(name) || looksSecret(value))
    .map(([, , value = '']) => value);
  const tokens = [username, ...pathname.split('/')].filter(looksSecret);
  return [password, ...tokens, ...parameters].flatMap((secret) => [
    secret,
    percentDecoded(secret.replaceAll('+', ' ')),
  ]);
}
