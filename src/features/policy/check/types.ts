/** The types that a policy uses attributes as: nothing else tells what type a claim or an argument has. */
import type { Type } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson } from '../cedar/engine.ts';
import { isRecord, partsOf, readOf, visitConditions, type Expression } from '../cedar/expressions.ts';

export type CedarType = Type<string>;

const text: CedarType = { type: 'String' };
const long: CedarType = { type: 'Long' };
const truth: CedarType = { type: 'Boolean' };
const decimal: CedarType = { type: 'Extension', name: 'decimal' };

const ofLongs: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '+', '-', '*']);
const ofDecimals: ReadonlySet<string> = new Set([
  'lessThan',
  'lessThanOrEqual',
  'greaterThan',
  'greaterThanOrEqual',
]);

/** The first use of each attribute, by `principal.claim_x`. */
export function typesUsed(policy: PolicyJson): ReadonlyMap<string, CedarType> {
  const types = new Map<string, CedarType>();
  const use = (expression: unknown, type: CedarType | undefined): void => {
    if (!isRecord(expression) || type === undefined || !('.' in expression)) return;
    const { of, name } = readOf(expression) ?? {};
    if (of !== undefined && !types.has(`${of}.${name}`)) types.set(`${of}.${name}`, type);
  };
  for (const { body } of policy.conditions) use(body, truth);
  visitConditions(policy, (expression) => {
    const [operator, operand] = partsOf(expression);
    if (ofDecimals.has(operator) && Array.isArray(operand)) for (const each of operand) use(each, decimal);
    if (!isRecord(operand)) return;
    const { left, right, arg } = operand;
    if (operator === '==' || operator === '!=') {
      use(left, literalType(right));
      use(right, literalType(left));
    } else if (ofLongs.has(operator)) for (const each of [left, right]) use(each, long);
    else if (operator === 'neg') use(arg, long);
    else if (operator === 'like') use(left, text);
    else if (operator === '&&' || operator === '||') for (const each of [left, right]) use(each, truth);
    else if (operator === '!') use(arg, truth);
    else if (operator === 'if-then-else') use(operand['if'], truth);
    else if (operator === 'contains') {
      use(left, setOf(literalType(right) ?? text));
      if (isRecord(left) && 'Set' in left) use(right, literalType(elementOf(left)));
    } else if (operator === 'containsAll' || operator === 'containsAny') {
      use(left, literalType(right) ?? setOf(text));
      use(right, literalType(left) ?? setOf(text));
    } else if (operator === 'isEmpty') use(arg, setOf(text));
  });
  return types;
}

/** Attributes of claims and arguments, which are decimals where they are numbers, that a policy uses as whole numbers. */
export function comparedWithLongs(policy: PolicyJson): string[] {
  return [...typesUsed(policy)].flatMap(([where, type]) =>
    type === long && /\.(?:claim|arg)_/u.test(where) && !where.endsWith('_long') ? [where] : [],
  );
}

function setOf(element: CedarType): CedarType {
  return { type: 'Set', element };
}

function elementOf(expression: Expression): unknown {
  return Array.isArray(expression['Set']) ? expression['Set'][0] : undefined;
}

/** Undefined for what is no literal. */
function literalType(expression: unknown): CedarType | undefined {
  if (!isRecord(expression)) return undefined;
  const { Value: value } = expression;
  if (typeof value === 'string') return text;
  if (typeof value === 'number') return long;
  if (typeof value === 'boolean') return truth;
  if ('decimal' in expression) return decimal;
  if ('Set' in expression) return setOf(literalType(elementOf(expression)) ?? text);
  return undefined;
}
