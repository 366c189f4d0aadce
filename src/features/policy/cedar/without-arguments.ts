/**
 * Policies for lists, where there are no arguments yet: a permit as it would be with the best arguments, a forbid as it
 * would be with the best ones too. A tool is shown where some arguments may be permitted.
 *
 * A part of a condition that reads arguments is taken as true where that permits more, and as false where it forbids less.
 */
import type { PolicyJson } from './engine.ts';
import { isRecord, partsOf, readsArguments, type Expression } from './expressions.ts';

/** The policy itself where it reads no arguments. */
export function withoutArguments(policy: PolicyJson): PolicyJson {
  return settled(policy, policy.effect === 'permit');
}

/** The same with the worst arguments: what is permitted then is permitted whatever they are. */
export function withWorstArguments(policy: PolicyJson): PolicyJson {
  return settled(policy, policy.effect === 'forbid');
}

function settled(policy: PolicyJson, applies: boolean): PolicyJson {
  if (!policy.conditions.some(({ body }) => readsArguments(body))) return policy;
  return {
    ...policy,
    conditions: policy.conditions.map(({ kind, body }) => ({
      kind,
      body: settle(
        body as Expression,
        kind === 'when' ? applies : !applies,
      ) as PolicyJson['conditions'][number]['body'],
    })),
  };
}

/** An expression that reads no arguments, and is `wanted` wherever arguments could make it so. */
function settle(expression: Expression, wanted: boolean): Expression {
  if (!readsArguments(expression)) return expression;
  const [operator, operand] = partsOf(expression);
  if (isRecord(operand)) {
    const {
      left,
      right,
      arg,
      if: condition,
      then: yes,
      else: no,
    } = operand as Readonly<Record<string, Expression>>;
    if ((operator === '&&' || operator === '||') && left !== undefined && right !== undefined)
      return { [operator]: { left: settle(left, wanted), right: settle(right, wanted) } };
    if (operator === '!' && arg !== undefined) return { '!': { arg: settle(arg, !wanted) } };
    if (operator === 'if-then-else' && condition !== undefined && yes !== undefined && no !== undefined) {
      const [then, otherwise] = [settle(yes, wanted), settle(no, wanted)];
      if (!readsArguments(condition)) return { 'if-then-else': { if: condition, then, else: otherwise } };
      return { [wanted ? '||' : '&&']: { left: then, right: otherwise } };
    }
  }
  return { Value: wanted };
}
