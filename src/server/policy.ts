/** Questions about the policies of a configuration, for a program that asks and ends. */
import type { Access, Explanation, NamedPolicy } from '../features/policy/index.ts';
import type { Places, Principal } from '../gateway/index.ts';
import { didYouMean } from '../lib/near-miss.ts';
import { messageOf } from '../lib/thrown.ts';
import type { JsonObject } from '../protocol/index.ts';
import { AppError } from './app-error.ts';
import type { LoadedConfig } from './config.ts';

export type { Access, Explanation } from '../features/policy/index.ts';

/** The policies of a configuration. */
export interface Policies {
  /** Groups that policies name. */
  readonly groups: readonly string[];
  /** Names of API keys. */
  readonly apiKeys: readonly string[];
  /**
   * @param written claims of a token, or `{"apiKey": NAME}`
   * @throws AppError where no key has this name
   */
  principalOf(written: JsonObject): Principal;
  explain(asked: AskedTool & { readonly args: JsonObject }): Explanation;
  accessOf(asked: AskedTool): Access;
  /** `vmcp.yaml:12` or `policies/ops.cedar:3`. */
  placeOf(policy: NamedPolicy): string;
}

export interface AskedTool {
  readonly principal: Principal;
  readonly tool: string;
  readonly places: Places;
}

/**
 * @param file what messages call the configuration
 * @throws AppError where it has no policies, or they are not sound
 */
export async function openPolicies(file: string, { config, placeOf }: LoadedConfig): Promise<Policies> {
  const authz = config.incomingAuth?.authz;
  if (authz === undefined)
    throw new AppError(
      'cannot_prepare',
      'incomingAuth.authz.type is not "cedar": every caller may do everything',
    );
  const policy = await import('../features/policy/index.ts');
  const explainer = await policy.createExplainer(authz, config.name).catch((cause: unknown) => {
    throw new AppError('cannot_prepare', `incomingAuth.authz: ${messageOf(cause)}`, { cause });
  });
  const keys = new Map(config.incomingAuth?.apiKeys.map(({ name, groups }) => [name, groups]));
  return {
    groups: explainer.groups,
    apiKeys: [...keys.keys()],
    principalOf(written) {
      const { apiKey } = written;
      if (typeof apiKey !== 'string')
        return policy.principalOfClaims(written, config.incomingAuth?.oidc?.issuer ?? '');
      const groups = keys.get(apiKey);
      if (groups !== undefined) return policy.principalOfApiKey(apiKey, groups);
      throw new AppError(
        'cannot_prepare',
        `no API key is called "${apiKey}".${didYouMean(apiKey, keys.keys())}`,
      );
    },
    explain: ({ principal, args, ...asked }) => explainer.explain(principal, targetOf(asked), args),
    accessOf: ({ principal, ...asked }) => explainer.accessOf(principal, targetOf(asked)),
    placeOf: ({ at, line }) =>
      'file' in at
        ? `${at.file}:${line}`
        : `${file}:${placeOf(['incomingAuth', 'authz', 'policies', at.index]).line}`,
  };
}

function targetOf({ tool, places }: Omit<AskedTool, 'principal'>) {
  return { kind: 'tool', name: tool, ...places.tool(tool) } as const;
}
