/** Why a caller may or may not use something, for `vmcp policy`. */
import type { Principal } from '../../../gateway/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { PolicySlots } from '../cedar/engine.ts';
import type { PolicyOptions } from '../declaration.ts';
import { loadPolicies } from '../decide/load.ts';
import type { PolicySet } from '../decide/policies.ts';
import { readSources, type PolicySource } from '../decide/sources.ts';
import { apiKeyIssuer, type Target } from '../model/subject.ts';
import { nearMissesOf } from './near-misses.ts';

/** A policy that had a part in a decision, and where it stands. */
export interface NamedPolicy {
  readonly id: string;
  readonly at: PolicySource['at'];
  /** Within its text or file. */
  readonly line: number;
  readonly text: string;
}

export interface Explanation {
  readonly allowed: boolean;
  /** True where it may be used with some arguments, so that lists show it. */
  readonly shown: boolean;
  /** Permits of what is allowed; forbids of what is not. Empty where no policy permits it. */
  readonly deciding: readonly NamedPolicy[];
  /** Policies that could not be evaluated, with why. */
  readonly failed: readonly (NamedPolicy & { readonly why: string })[];
  /** What would have to be different, in words. */
  readonly nearMisses: readonly string[];
}

/** What a caller may do with a tool: `arguments` where that depends on them. */
export type Access = 'yes' | 'arguments' | 'no';

export interface Explainer {
  /** Groups that policies and entities name. */
  readonly groups: readonly string[];
  explain(principal: Principal, target: Target, args: JsonObject): Explanation;
  accessOf(principal: Principal, target: Target): Access;
}

/**
 * Makes policies ready to be asked about.
 * @throws Error that says what is wrong with them
 */
export async function createExplainer(options: PolicyOptions, serverName: string): Promise<Explainer> {
  const slots = new PolicySlots();
  const policies = await loadPolicies(await readSources(options), options, { slots, serverName });
  return {
    groups: policies.groupsNamed,
    explain: (principal, target, args) => explain(policies, principal, target, args),
    accessOf: (principal, target) => {
      const subject = policies.subjectOf(principal);
      if (!policies.decideForList(subject, target).allowed) return 'no';
      return policies.readsArguments && !isAlways(policies, principal, target) ? 'arguments' : 'yes';
    },
  };
}

function isAlways(policies: PolicySet, principal: Principal, target: Target): boolean {
  return policies.decideForEveryCall(policies.subjectOf(principal), target).allowed;
}

function explain(policies: PolicySet, principal: Principal, target: Target, args: JsonObject): Explanation {
  const subject = policies.subjectOf(principal);
  const { allowed, reasons, errors } = policies.decide(subject, target, args);
  const named = new Map(
    policies.policies.map(({ id, source, line, text }) => [id, { id, at: source.at, line, text }]),
  );
  const find = (id: string): NamedPolicy[] => {
    const policy = named.get(id);
    return policy === undefined ? [] : [policy];
  };
  return {
    allowed,
    shown: policies.decideForList(subject, target).allowed,
    deciding: reasons.flatMap(find),
    failed: [...errors].flatMap(([id, why]) => find(id).map((policy) => ({ ...policy, why }))),
    nearMisses: allowed || reasons.length > 0 ? [] : nearMissesOf(policies, { principal, target, args }),
  };
}

/** Claims that hold groups, the first that is there counts: as `incomingAuth` takes them. */
const groupClaims = ['groups', 'roles', 'cognito:groups'] as const;

/** The principal of an OIDC token with these claims. */
export function principalOfClaims(claims: JsonObject, issuer: string): Principal {
  const groups = groupClaims.map((name) => textsOf(claims[name])).find((texts) => texts.length > 0) ?? [];
  return { issuer, subject: String(claims['sub'] ?? ''), claims, groups, scopes: [] };
}

/** The principal of an API key. */
export function principalOfApiKey(name: string, groups: readonly string[]): Principal {
  return { issuer: apiKeyIssuer, subject: name, claims: {}, groups, scopes: [] };
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
