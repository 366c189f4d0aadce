/** The blocks of the strategies that ask a provider for tokens. That a secret is in one place alone is a rule between keys. */
import { z } from 'zod';
import { isFilled, where } from '../kit/editor-rules.ts';
import { compact, flag, list, openText, refused, section, someText } from '../kit/parts.ts';
import { openWebUrl, webUrl } from '../kit/url.ts';
import type { WrittenClientCredentials, WrittenTokenExchange, WrittenXaa } from './written.ts';

const ofThisServer = 'The id of this server at the provider.';
const secretEnv = 'The environment variable that holds the secret.';
const providerName =
  "it names a token that ToolHive's own authorization server keeps; what is exchanged here is the caller's own token: remove it";

const tokenTypes = ['access_token', 'id_token', 'jwt'] as const;
const urn = 'urn:ietf:params:oauth:token-type:';

/** One of the short words, or their URN. */
function subjectTokenType(fallback: (typeof tokenTypes)[number]): z.ZodType<string, string | undefined> {
  return z
    .enum(['', ...tokenTypes, ...tokenTypes.map((word) => `${urn}${word}` as const)])
    .transform((word) => (word.startsWith(urn) ? word : `${urn}${word || fallback}`))
    .prefault(fallback);
}

/** A secret is in one place at most, and belongs to a client. */
function secretOf(client: string): object[] {
  const [id, text, variable] = [`${client}Id`, `${client}Secret`, `${client}SecretEnv`];
  return [
    { not: { allOf: [isFilled(text), isFilled(variable)] } },
    where({ anyOf: [isFilled(text), isFilled(variable)] }, isFilled(id)),
  ];
}

export const clientCredentialsSchema: z.ZodType<WrittenClientCredentials> = section({
  tokenUrl: webUrl().describe('The token endpoint of the provider.'),
  clientId: someText().describe(ofThisServer),
  clientSecret: openText().describe('Its secret, such as "${CLIENT_SECRET}".'),
  clientSecretEnv: openText().describe(secretEnv),
  scopes: list(someText()).describe('Scopes to ask for.'),
  audience: openText().describe('The audience to ask for, where the provider wants one.'),
  resource: openWebUrl().describe('The resource to ask for (RFC 8707), where the provider wants one.'),
})
  .meta({ oneOf: [isFilled('clientSecret'), isFilled('clientSecretEnv')] })
  .transform((block) => compact(block));

export const tokenExchangeSchema: z.ZodType<WrittenTokenExchange> = section({
  tokenUrl: webUrl().describe('The token endpoint of the provider.'),
  clientId: openText().describe(ofThisServer),
  clientSecret: openText().describe('Its secret, such as "${CLIENT_SECRET}".'),
  clientSecretEnv: openText().describe(secretEnv),
  audience: openText().describe('Who the token is to be for: the backend, as the provider knows it.'),
  scopes: list(someText()).describe('Scopes to ask for.'),
  subjectTokenType: subjectTokenType('access_token').describe("What the caller's token is said to be."),
  subjectProviderName: refused(providerName),
})
  .meta({ allOf: secretOf('client') })
  .transform(({ subjectProviderName: _, ...block }) => compact(block));

export const xaaSchema: z.ZodType<WrittenXaa> = section({
  idpTokenUrl: webUrl().describe("The token endpoint of the callers' provider."),
  idpClientId: openText().describe(ofThisServer),
  idpClientSecret: openText().describe('Its secret there, such as "${IDP_SECRET}".'),
  idpClientSecretEnv: openText().describe(secretEnv),
  targetTokenUrl: webUrl().describe("The token endpoint of the backend's authorization server."),
  insecureTargetTokenUrl: flag(false).describe('Lets targetTokenUrl be asked without TLS. For trials alone.'),
  targetClientId: openText().describe("The id of this server at the backend's authorization server."),
  targetClientSecret: openText().describe('Its secret there, such as "${TARGET_SECRET}".'),
  targetClientSecretEnv: openText().describe(secretEnv),
  targetAudience: someText().describe("The backend's authorization server, as its issuer URL."),
  targetResource: someText().describe('The backend, as its URL: what its token is for.'),
  scopes: list(someText()).describe('Scopes to ask for.'),
  subjectTokenType: subjectTokenType('id_token').describe("What the caller's token is said to be."),
  subjectProviderName: refused(providerName),
})
  .meta({ allOf: [...secretOf('idpClient'), ...secretOf('targetClient')] })
  .transform(({ subjectProviderName: _, insecureTargetTokenUrl: _insecure, ...block }) => compact(block));
