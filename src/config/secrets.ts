import { secretsInHeader } from '../lib/header-text.ts';
import { percentDecoded } from '../lib/percent-decoded.ts';
import { shortestSecret } from '../lib/redact.ts';
import { isSecret, isSecretName, looksSecret } from '../lib/secrets.ts';
import type { BackendConfig, BaseConfig, HttpBackendConfig } from './schema/config.ts';

/**
 * Every value in a configuration that must never be shown: credentials of backends, of proxies and of the OTLP endpoint,
 * and what came out of environment variables that look like secrets.
 * @param substituted the environment variables that the file refers to, with their values
 * @param headerVariables those among them that are put into headers of backends
 */
export function secretsOf(
  config: BaseConfig,
  substituted: ReadonlyMap<string, string>,
  headerVariables: ReadonlySet<string>,
): readonly string[] {
  const found = [
    ...pickSecret(substituted),
    ...[...headerVariables].flatMap((name) => secretsInHeader(substituted.get(name) ?? '')),
    ...config.backends.flatMap(secretsOfBackend),
    ...Object.values(config.telemetry.headers).flatMap(secretsInHeader),
    ...secretsOfUrl(config.telemetry.endpoint ?? ''),
  ];
  return [...new Set(found)].filter((value) => value.length >= shortestSecret);
}

function secretsOfBackend(backend: BackendConfig): string[] {
  return backend.transport === 'stdio'
    ? [...pickSecret(Object.entries(backend.env)), ...backend.args.flatMap(secretsOfUrl)]
    : [
        ...secretsOfUrl(backend.url),
        ...secretsOfUrl(backend.proxy?.url ?? ''),
        ...pickSecret(Object.entries(backend.headers)).flatMap(secretsInHeader),
        ...secretsOfStrategy(backend.strategy),
      ];
}

/** What a file holds is not known yet; `headerValueFile` is told when it is read. */
function secretsOfStrategy(strategy: HttpBackendConfig['strategy']): string[] {
  switch (strategy.type) {
    case 'unauthenticated':
      return [];
    case 'header_injection':
      return secretsInHeader(strategy.headerValue ?? '');
    case 'oauth':
    case 'client_credentials':
    case 'token_exchange':
      return secretsOfClient(strategy.clientId, strategy.clientSecret);
    case 'xaa':
      return [
        ...secretsOfClient(strategy.idpClientId, strategy.idpClientSecret),
        ...secretsOfClient(strategy.targetClientId, strategy.targetClientSecret),
      ];
  }
}

/** A secret as it is, and as `Basic` has it. */
function secretsOfClient(id = '', secret = ''): string[] {
  if (secret === '') return [];
  const pair = Buffer.from([id, secret].map(formEncoded).join(':')).toString('base64');
  return [secret, ...secretsInHeader(`Basic ${pair}`)];
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
  // A name and a password are sent as `Basic`, and a server may quote that.
  const hasSecret = password !== '' || looksSecret(username);
  const pair = Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString('base64');
  return [
    ...(hasSecret ? secretsInHeader(`Basic ${pair}`) : []),
    ...[password, ...tokens, ...parameters].flatMap((secret) => [
      secret,
      percentDecoded(secret.replaceAll('+', ' ')),
    ]),
  ];
}

/** As RFC 6749 §2.3.1 has a client's id and secret within `Basic`. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
