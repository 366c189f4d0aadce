import { z } from 'zod';
import { is, isFilled, says, where } from '../kit/editor-rules.ts';
import { choice, compact, credential, headerName, refused, section } from '../kit/parts.ts';
import { clientCredentialsSchema, tokenExchangeSchema, xaaSchema } from './exchange.ts';
import type {
  WrittenClientCredentials,
  WrittenHeaderInjection,
  WrittenOutgoingAuth,
  WrittenStrategy,
  WrittenTokenExchange,
  WrittenXaa,
} from './written.ts';

const laterStrategies = [
  'external_auth_config_ref',
  'pass_through',
  'service_account',
  'oauth_proxy',
];

const tokenOfItsOwn = 'give the backend a token of its own with "header_injection"';
const refusedStrategies = {
  upstream_inject: `it needs the authorization server that ToolHive embeds, which is not part of this program; ${tokenOfItsOwn}`,
  aws_sts: `requests are not signed for AWS here; put a proxy that signs them (SigV4) before the backend, and leave this "unauthenticated"`,
  obo: `it is reserved for builds of ToolHive that are not public, and does nothing in the public one; ${tokenOfItsOwn}`,
};

const headerInjection = section({
  headerName: headerName().describe('The header, such as Authorization or X-Api-Key.'),
  headerValue: z.union([z.literal(''), credential()]).optional().describe('Its whole value, such as "Bearer ${TOKEN}".'),
  headerValueEnv: z.string().optional().describe('The environment variable that holds its whole value.'),
  headerValueFile: z
    .string()
    .optional()
    .describe('The file that holds its whole value, read again when it changes; relative to the configuration file.'),
}).meta({
  oneOf: [isFilled('headerValue'), isFilled('headerValueEnv'), isFilled('headerValueFile')],
}).transform(({ headerName: name, headerValue, headerValueEnv, headerValueFile }) =>
  compact({
    headerName: name.toLowerCase(),
    // ToolHive reads an empty text as "not set".
    headerValue: headerValue || undefined,
    headerValueEnv: headerValueEnv || undefined,
    headerValueFile: headerValueFile || undefined,
  }),
);

/** What each strategy needs. */
const blockOfType = {
  header_injection: 'headerInjection',
  token_exchange: 'tokenExchange',
  xaa: 'xaa',
  client_credentials: 'clientCredentials',
};

const strategy = section({
  type: choice(['unauthenticated', 'header_injection', 'token_exchange', 'xaa', 'client_credentials'], {
    notBuilt: laterStrategies,
    refused: refusedStrategies,
  }).describe('How backends are told who calls: not at all, by a header that is the same for every caller, or by a token of a provider.'),
  headerInjection: headerInjection.optional().describe('With "type: header_injection".'),
  tokenExchange: tokenExchangeSchema.optional().describe('With "type: token_exchange".'),
  xaa: xaaSchema.optional().describe('With "type: xaa".'),
  clientCredentials: clientCredentialsSchema.optional().describe('With "type: client_credentials".'),
  upstreamInject: refused(refusedStrategies.upstream_inject),
  awsSts: refused(refusedStrategies.aws_sts),
  obo: refused(refusedStrategies.obo),
}).meta({
  allOf: [
    ...Object.entries(blockOfType).map(([type, block]) => where(is('type', type), says(block))),
    ...Object.entries(blockOfType).map(([type, block]) =>
      where(says('type'), { anyOf: [{ not: says(block) }, is('type', type), { properties: { type: { pattern: '\\$\\{' } } }] }),
    ),
  ],
}).transform(toStrategy);

/** That the type and its block come together is a rule between keys. */
function toStrategy(written: {
  readonly type: WrittenStrategy['type'];
  readonly headerInjection?: WrittenHeaderInjection | undefined;
  readonly tokenExchange?: WrittenTokenExchange | undefined;
  readonly xaa?: WrittenXaa | undefined;
  readonly clientCredentials?: WrittenClientCredentials | undefined;
}): WrittenStrategy {
  const { type, headerInjection: injection, tokenExchange, xaa, clientCredentials } = written;
  if (type === 'header_injection' && injection) return { type, headerInjection: injection };
  if (type === 'token_exchange' && tokenExchange) return { type, tokenExchange };
  if (type === 'xaa' && xaa) return { type, xaa };
  if (type === 'client_credentials' && clientCredentials) return { type, clientCredentials };
  return { type: 'unauthenticated' };
}

/** The block `outgoingAuth`. */
export const outgoingAuthSchema: z.ZodType<WrittenOutgoingAuth> = section({
  source: choice(['inline', 'discovered'], { notBuilt: ['mixed'] }).describe(
    'Where strategies come from: written here, or with the backends of `groupRef` from the Kubernetes API.',
  ),
  default: strategy.optional().describe('For every backend that is not named below.'),
  backends: z.record(z.string(), strategy).prefault({}).describe('By backend name.'),
}).transform((written) => compact(written));
