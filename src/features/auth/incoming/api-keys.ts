import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../../gateway/index.ts';
import { apiKeyDigest, isApiKey } from '../../../lib/api-key.ts';
import type { ApiKeyOptions } from '../declaration.ts';
import { FeatureError } from '../../feature.ts';
import { invalid, type TokenCheck } from './credential/check.ts';

/** The issuer of everyone who calls with an API key. */
export const apiKeyIssuer = 'vmcp:apiKeys';

interface HeldKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/**
 * Checks API keys. How long it takes does not depend on which key was sent, or how much of one was right.
 * @throws FeatureError where an environment variable does not hold a key
 */
export function checkApiKeys(
  keys: readonly ApiKeyOptions[],
  environment: Readonly<Record<string, string | undefined>>,
): TokenCheck {
  const held = keys.map((key): HeldKey => {
    const principal = { issuer: apiKeyIssuer, subject: key.name, claims: {}, groups: key.groups, scopes: [] };
    return { digest: digestOf(key, environment), principal };
  });
  assertApart(held);
  return {
    check(token) {
      const digest = apiKeyDigest(token);
      let found: HeldKey | undefined;
      for (const key of held) if (timingSafeEqual(key.digest, digest)) found = key;
      return found === undefined ? invalid('this API key is not known here') : { principal: found.principal };
    },
  };
}

function digestOf(
  { name, sha256, env = '' }: ApiKeyOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Buffer {
  if (sha256 !== undefined) return Buffer.from(sha256, 'hex');
  const key = environment[env];
  const where = `incomingAuth.apiKeys "${name}": the environment variable ${env}`;
  if (key === undefined || key === '')
    throw new FeatureError(`${where} is not set; "vmcp key ${name}" makes a key`);
  if (!isApiKey(key)) {
    throw new FeatureError(
      `${where} holds no API key: expected "vmcp_" and at least 43 letters, digits, "-" or "_" (256 bits); ` +
        `"vmcp key ${name}" makes one`,
    );
  }
  return apiKeyDigest(key);
}

function assertApart(held: readonly HeldKey[]): void {
  const names = new Map<string, string>();
  for (const { digest, principal } of held) {
    const text = digest.toString('hex');
    const other = names.get(text);
    if (other !== undefined) {
      throw new FeatureError(`incomingAuth.apiKeys: "${other}" and "${principal.subject}" have the same key`);
    }
    names.set(text, principal.subject);
  }
}
