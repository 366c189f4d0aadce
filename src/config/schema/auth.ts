import { z } from 'zod';
import type { IncomingAuthConfig } from './config.ts';
import { choice, notBuilt, section } from '../kit/parts.ts';

/** The block `incomingAuth`. Anonymous is what is built; everything else is refused by name. */
export const incomingAuthSchema: z.ZodType<IncomingAuthConfig> = section({
  type: choice(['anonymous'], { notBuilt: ['oidc', 'local'] }).describe(
    'Who may call: anyone who reaches the port.',
  ),
  oidc: notBuilt('OpenID Connect is'),
  authz: section({
    type: choice(['none'], { notBuilt: ['cedar'] }).describe('What callers may do: everything.'),
    policies: notBuilt('Cedar authorization is'),
    entitiesJson: notBuilt('Cedar authorization is'),
    primaryUpstreamProvider: notBuilt('Cedar authorization is'),
    groupClaimName: notBuilt('Cedar authorization is'),
    roleClaimName: notBuilt('Cedar authorization is'),
    groupEntityType: notBuilt('Cedar authorization is'),
  }).optional(),
}).transform(({ type }) => ({ type }));

const laterStrategies = [
  'header_injection',
  'token_exchange',
  'upstream_inject',
  'aws_sts',
  'obo',
  'xaa',
  'external_auth_config_ref',
  'pass_through',
  'client_credentials',
  'service_account',
  'oauth_proxy',
];

const strategy = section({
  type: choice(['unauthenticated'], { notBuilt: laterStrategies }).describe(
    'How backends are told who calls: not at all.',
  ),
  headerInjection: notBuilt('the strategy header_injection is'),
  tokenExchange: notBuilt('the strategy token_exchange is'),
  upstreamInject: notBuilt('the strategy upstream_inject is'),
  awsSts: notBuilt('the strategy aws_sts is'),
  obo: notBuilt('the strategy obo is'),
  xaa: notBuilt('the strategy xaa is'),
});

/** The block `outgoingAuth`. All that is built means "send no credentials", so it leaves nothing in the Config. */
export const outgoingAuthSchema: z.ZodType<unknown> = section({
  source: choice(['inline'], { notBuilt: ['discovered', 'mixed'] }).describe('Strategies are written here.'),
  default: strategy.optional().describe('For every backend that is not named below.'),
  backends: z.record(z.string(), strategy).prefault({}).describe('By backend name.'),
});

/** The block `sessionStorage`. Sessions live in memory. */
export const sessionStorageSchema: z.ZodType<unknown> = section({
  provider: choice(['memory'], { notBuilt: ['redis'] }).describe('Where sessions live.'),
  address: notBuilt('storing sessions in Redis is'),
  db: notBuilt('storing sessions in Redis is'),
  keyPrefix: notBuilt('storing sessions in Redis is'),
});
