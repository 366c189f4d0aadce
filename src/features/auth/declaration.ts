/** Incoming identity as the rest of the program knows it: its block `incomingAuth`, and where its code is. */
import {
  choice,
  flag,
  is,
  isFilled,
  isYes,
  list,
  openFlag,
  openText,
  openWebUrl,
  says,
  section,
  someText,
  webUrl,
  where,
  type z,
} from '../../config/kit/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { Feature } from '../feature.ts';
import type { KeptProviders } from './incoming/oidc/kept-providers.ts';

const types = ['anonymous', 'oidc', 'local', 'apiKeys'] as const;

const apiKey = section({
  name: someText()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,127}$/u, {
      error: 'expected a name of letters, digits, spaces and ". _ @ + -"',
    })
    .describe('Who holds the key: the subject of its calls.'),
  sha256: someText()
    .regex(/^[0-9a-fA-F]{64}$/, { error: 'expected the 64 hexadecimal digits that "vmcp key" prints' })
    .optional()
    .describe('SHA-256 of the key, as `vmcp key` prints it.'),
  env: someText().optional().describe('The environment variable that holds the key itself.'),
  groups: list(someText()).describe('Groups of its holder.'),
}).meta({ oneOf: [says('sha256'), says('env')] });

const oidc = section({
  issuer: webUrl().describe('The provider, as its tokens name it in `iss`.'),
  audience: someText().describe('What tokens for this server hold in `aud`.'),
  clientId: openText().describe('For introspection: this server as the provider knows it.'),
  clientSecretEnv: openText().describe(
    'The environment variable with the secret of `clientId`; TOOLHIVE_OIDC_CLIENT_SECRET unless given.',
  ),
  resource: openWebUrl().describe(
    'The URL of this server as clients know it; publicUrl and /mcp unless given.',
  ),
  jwksUrl: openWebUrl().describe("The provider's keys, where discovery is not to be asked."),
  introspectionUrl: openWebUrl().describe('Where tokens are checked that are not JWTs.'),
  scopes: list(someText()).describe('Scopes that clients are told to ask for.'),
  caBundlePath: openText()
    .refine((path) => path === undefined || /^\/(?!(?:.*\/)?\.\.(?:\/|$))[^\0]*$/.test(path), {
      error: 'expected an absolute path without ".."',
    })
    .meta({ pattern: String.raw`^$|^/(?!(?:.*/)?\.\.(?:/|$)).*$` })
    .describe("Certificates (PEM) to trust beside the system's when the provider is asked."),
  protectedResourceAllowPrivateIp: flag(false).describe('The same as jwksAllowPrivateIp, as in ToolHive.'),
  jwksAllowPrivateIp: flag(false).describe('Lets the provider have an address of a private network.'),
  insecureAllowHttp: flag(false).describe('Lets the provider be asked without TLS. For trials alone.'),
});

/** @param authz the block of what callers may do */
const blockWith = <Authz extends z.ZodType>(authz: Authz) =>
  section({ ...keys, authz: authz.optional().describe('What callers may do.') })
    .superRefine(checkBlock)
    .meta({
      oneOf: [says('type'), isFilled('types')],
      allOf: [
        where(hasType('oidc'), says('oidc')),
        where(hasType('apiKeys'), isFilled('apiKeys')),
        where(isYes('requireScopes'), { properties: { oidc: isFilled('scopes') }, required: ['oidc'] }),
      ],
    })
    .transform(({ type, types: several, statusRequiresAuth, authz: decided, ...rest }) => {
      const chosen = type === undefined ? several : [type];
      return {
        ...rest,
        types: chosen,
        statusRequiresAuth: statusRequiresAuth ?? !chosen.includes('anonymous'),
        ...(decided !== undefined && { authz: decided }),
      };
    })
    .optional();

/** In the words of JSON Schema. */
function hasType(word: string): Record<string, unknown> {
  const several = {
    required: ['types'],
    properties: { types: { type: 'array', contains: { const: word } } },
  };
  return { anyOf: [is('type', word), several] };
}

const keys = {
  type: choice(types).optional().describe('Who may call, and how they prove who they are.'),
  types: list(choice(types)).describe('Several types together: oidc and apiKeys.'),
  oidc: oidc.optional().describe('An OpenID Connect provider, whose access tokens are taken.'),
  apiKeys: list(apiKey).describe('Keys that callers hold. `vmcp key` makes one.'),
  requireScopes: flag(false).describe('Refuses tokens that lack one of oidc.scopes.'),
  statusRequiresAuth: openFlag().describe(
    'Hides names of backends at /status and /readyz from unknown callers; true unless anonymous.',
  ),
};

/** Who may call. */
export type IncomingAuthOptions = Omit<NonNullable<z.output<ReturnType<typeof blockWith>>>, 'authz'>;
export type ApiKeyOptions = IncomingAuthOptions['apiKeys'][number];
export type OidcOptions = z.output<typeof oidc>;

type Fault = (message: string, ...path: (string | number)[]) => void;

interface Written {
  readonly type?: (typeof types)[number] | undefined;
  readonly types: readonly (typeof types)[number][];
  readonly oidc?: z.output<typeof oidc> | undefined;
  readonly apiKeys: readonly z.output<typeof apiKey>[];
  readonly requireScopes: boolean;
}

function checkBlock(written: Written, context: z.RefinementCtx): void {
  const fault: Fault = (message, ...path) => context.addIssue({ code: 'custom', message, path });
  const { type, types: several, oidc: provider, apiKeys, requireScopes } = written;
  if (type !== undefined && several.length > 0) fault('expected "type" or "types", found both', 'types');
  if (type === undefined && several.length === 0) {
    fault(`expected "type": one of ${types.map((word) => `"${word}"`).join(', ')}`);
  }
  const chosen = type === undefined ? several : [type];
  const lonely = chosen.find((word) => word === 'anonymous' || word === 'local');
  if (chosen.length > 1 && lonely !== undefined)
    fault(`"${lonely}" cannot be combined with another type`, 'types');
  if (new Set(chosen).size < chosen.length) fault('expected each type once', 'types');
  if (chosen.includes('oidc') && provider === undefined) fault('the type "oidc" needs the block "oidc"');
  if (chosen.includes('apiKeys') && apiKeys.length === 0) {
    fault('the type "apiKeys" needs a list of keys; "vmcp key NAME" prints the lines to paste', 'apiKeys');
  }
  if (requireScopes && (provider?.scopes.length ?? 0) === 0) {
    fault('expected scopes to require in "oidc.scopes", found none', 'requireScopes');
  }
  checkApiKeys(apiKeys, fault);
  if (provider !== undefined) checkProvider(provider, fault);
}

/** A provider on this machine may be asked without TLS; one elsewhere where the file says so. */
function checkProvider(provider: OidcOptions, fault: Fault): void {
  if (provider.insecureAllowHttp) return;
  for (const key of ['issuer', 'jwksUrl', 'introspectionUrl'] as const) {
    const url = URL.parse(provider[key] ?? '');
    if (url?.protocol !== 'http:' || loopbackHost.test(url.hostname)) continue;
    fault('expected https; "insecureAllowHttp: true" would allow http', 'oidc', key);
  }
}

const loopbackHost = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function checkApiKeys(apiKeys: Written['apiKeys'], fault: Fault): void {
  const names = new Set<string>();
  const digests = new Set<string>();
  for (const [index, { name, sha256, env }] of apiKeys.entries()) {
    if ((sha256 === undefined) === (env === undefined)) {
      fault(`the key "${name}": expected either "sha256" or "env"`, 'apiKeys', index);
    }
    if (names.has(name)) fault('two keys have this name', 'apiKeys', index, 'name');
    names.add(name);
    if (sha256 === undefined) continue;
    if (digests.has(sha256.toLowerCase())) fault('two names share one key', 'apiKeys', index, 'sha256');
    digests.add(sha256.toLowerCase());
  }
}

/** @param authz the schema of `incomingAuth.authz`, which another feature reads */
export function createAuthFeature<Authz extends z.ZodType>(
  authz: Authz,
): Feature<
  'incomingAuth',
  (IncomingAuthOptions & { readonly authz?: z.output<Authz> | undefined }) | undefined,
  Metrics,
  KeptProviders
> {
  return {
    key: 'incomingAuth',
    schema: blockWith(authz),
    about: 'Who may call.',
    optional: true,
    metrics: {},
    isOn: (options) => options !== undefined,
    load: async () => (await import('./incoming/index.ts')).incomingAuthCode,
  };
}
