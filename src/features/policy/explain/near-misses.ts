/** What would have to be different for a policy to permit: each change is tried on the policies themselves. */
import type { Principal } from '../../../gateway/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { isRecord, partsOf, readOf, visit, visitConditions } from '../cedar/expressions.ts';
import type { PolicySet } from '../decide/policies.ts';
import { apiKeyIssuer, type Target } from '../model/subject.ts';

/** Who asks for what. */
export interface Asked {
  readonly principal: Principal;
  readonly target: Target;
  readonly args: JsonObject;
  readonly moreGroups?: readonly string[];
}

/** Changes of one thing under which the policies permit it, in words: `groups contained "eng"`. */
export function nearMissesOf(policies: PolicySet, asked: Asked): string[] {
  const found = changesIn(policies, asked).flatMap(({ words, to }) => {
    const { principal, target, args, moreGroups } = { ...asked, ...to };
    const subject = policies.subjectOf(principal, moreGroups);
    if (policies.decide(subject, target, args).allowed) return [words];
    if (to.args === undefined && policies.decideForList(subject, target).allowed)
      return [`${words}, and the arguments fitted`];
    return [];
  });
  return [...new Set(found)];
}

interface Change {
  readonly words: string;
  readonly to: Partial<Asked>;
}

function changesIn(policies: PolicySet, asked: Asked): Change[] {
  const { principal, args } = asked;
  const changes: Change[] = [];
  for (const group of policies.groupsNamed) {
    changes.push({ words: `groups contained ${JSON.stringify(group)}`, to: { moreGroups: [group] } });
  }
  for (const { type, id } of policies.principalsNamed) {
    const issuer = type === 'ApiKey' ? apiKeyIssuer : '';
    const to = { principal: { ...principal, issuer, subject: id, claims: { ...principal.claims, sub: id } } };
    changes.push({ words: `the caller were ${type}::${JSON.stringify(id)}`, to });
  }
  for (const { of, name, value } of policies.policies.flatMap(({ json }) => valuesWanted(json))) {
    const claim = name.startsWith('claim_') ? name.slice('claim_'.length) : undefined;
    const arg = name.startsWith('arg_') ? name.slice('arg_'.length) : undefined;
    const said = JSON.stringify(value);
    if (claim !== undefined && of !== 'resource') {
      const to = { principal: { ...principal, claims: { ...principal.claims, [claim]: value } } };
      changes.push({
        words: Array.isArray(value)
          ? `the claim ${claim} contained ${JSON.stringify(value[0])}`
          : `the claim ${claim} were ${said}`,
        to,
      });
    }
    if (arg !== undefined)
      changes.push({ words: `the argument ${arg} were ${said}`, to: { args: { ...args, [arg]: value } } });
  }
  return changes;
}

interface Wanted {
  readonly of: string;
  readonly name: string;
  readonly value: JsonValue;
}

/** Values that conditions compare attributes with. */
function valuesWanted(policy: Parameters<typeof visitConditions>[0]): Wanted[] {
  const wanted: Wanted[] = [];
  const want = (expression: unknown, value: JsonValue | undefined): void => {
    const read = isRecord(expression) && '.' in expression ? readOf(expression) : undefined;
    if (read !== undefined && value !== undefined) wanted.push({ ...read, value });
  };
  if (policy.effect === 'forbid') return wanted;
  visitConditions(policy, (expression) => {
    const [operator, operand] = partsOf(expression);
    want(expression, true);
    if (!isRecord(operand)) return;
    const { left, right, pattern } = operand;
    if (operator === '==') {
      want(left, literalIn(right));
      want(right, literalIn(left));
    }
    if (operator === 'contains') {
      const value = literalIn(right);
      if (value !== undefined) want(left, [value]);
    }
    if (operator === 'like' && Array.isArray(pattern)) want(left, textLike(pattern));
  });
  return wanted;
}

function literalIn(expression: unknown): JsonValue | undefined {
  if (!isRecord(expression)) return undefined;
  const { Value: value } = expression;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  let decimal: JsonValue | undefined;
  visit(
    expression['decimal'],
    ({ Value: text }) => (decimal = typeof text === 'string' ? Number(text) : decimal),
  );
  return decimal;
}

/** A wildcard stands for itself, too. */
function textLike(pattern: readonly unknown[]): string {
  return pattern
    .map((part) => (isRecord(part) && typeof part['Literal'] === 'string' ? part['Literal'] : '*'))
    .join('');
}
