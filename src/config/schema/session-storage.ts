import { z } from 'zod';
import { is, isFilled, isYes, where } from '../kit/editor-rules.ts';
import { choice, compact, flag, openText, refused, section } from '../kit/parts.ts';
import type { SessionStorageConfig } from './config.ts';

/** A host and a port; a host of IPv6 stands in brackets. */
const address = z
  .string()
  .regex(/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?:[0-9]{1,5})$/, { error: 'expected HOST:PORT, such as "redis:6379"' });

/** ToolHive's prefix, so that what an administrator allows in an access list fits both. */
const defaultKeyPrefix = 'thv:vmcp:session:';

/** The block `sessionStorage`. */
export const sessionStorageSchema: z.ZodType<SessionStorageConfig> = section({
  provider: choice(['memory', 'redis']).describe(
    'Where replicas of this server share their sessions: not at all, or in Redis or Valkey.',
  ),
  address: z.union([z.literal(''), address]).optional().describe('HOST:PORT of Redis, with "provider: redis".'),
  db: z.int().min(0).prefault(0).describe('The number of the database.'),
  keyPrefix: openText().describe('Put before every key and channel.'),
  username: openText().describe('The user of an access list; the password is THV_SESSION_REDIS_PASSWORD.'),
  tls: flag(false).describe('Whether the connection is encrypted.'),
  caCertPath: openText().describe('PEM certificates trusted beside the system\'s, with "tls: true".'),
  onStoreFailure: choice(['open', 'closed'])
    .prefault('open')
    .describe('What becomes of calls while their rate limits cannot be checked: they pass, or are refused.'),
  passwordRef: refused('a Secret is not read here; set the environment variable THV_SESSION_REDIS_PASSWORD'),
})
  .superRefine(({ provider, address: written, tls, caCertPath }, context) => {
    if (provider === 'redis' && !written)
      context.addIssue({ code: 'custom', path: ['address'], message: '"provider: redis" needs an "address", HOST:PORT' });
    if (caCertPath !== undefined && !tls)
      context.addIssue({ code: 'custom', path: ['caCertPath'], message: '"caCertPath" has a meaning with "tls: true" alone' });
  })
  .meta({
    allOf: [where(is('provider', 'redis'), isFilled('address')), where(isFilled('caCertPath'), isYes('tls'))],
  })
  .transform(({ provider, address: written, db, keyPrefix, username, tls, caCertPath, onStoreFailure }): SessionStorageConfig => {
    if (provider === 'memory' || !written) return { provider: 'memory' };
    const colon = written.lastIndexOf(':');
    return {
      provider,
      host: written.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(written.slice(colon + 1)),
      db,
      keyPrefix: keyPrefix ?? defaultKeyPrefix,
      ...compact({ username }),
      ...(tls && { tls: compact({ caCertPath }) }),
      onStoreFailure,
    };
  });
