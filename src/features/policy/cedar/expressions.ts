/** Walks over policies as data. */
import type { PolicyJson, Uid } from './engine.ts';

/** An expression of Cedar's JSON: one key that says what it is, and its parts. */
export type Expression = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An expression's operator and what belongs to it. */
export function partsOf(expression: Expression): readonly [operator: string, operand: unknown] {
  const [first] = Object.entries(expression);
  return first ?? ['', undefined];
}

/** The attribute that an expression reads or asks for, with what it is read of. */
export function attributeOf(
  expression: Expression,
): { readonly of: unknown; readonly names: readonly string[] } | undefined {
  const [operator, operand] = partsOf(expression);
  if ((operator !== '.' && operator !== 'has') || !isRecord(operand)) return undefined;
  const { left, attr } = operand;
  return { of: left, names: Array.isArray(attr) ? attr.map(String) : [String(attr)] };
}

/** The variable and the attribute that an expression reads of it, itself. */
export function readOf(expression: Expression): { readonly of: string; readonly name: string } | undefined {
  const attribute = attributeOf(expression);
  const [name] = attribute?.names ?? [];
  if (name === undefined || !isRecord(attribute?.of)) return undefined;
  const { Var: of } = attribute.of;
  return typeof of === 'string' ? { of, name } : undefined;
}

/** Visits an expression and all within it, outermost first. */
export function visit(value: unknown, see: (expression: Expression) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, see);
  if (!isRecord(value)) return;
  see(value);
  for (const inner of Object.values(value)) visit(inner, see);
}

/** Visits the conditions of a policy. */
export function visitConditions({ conditions }: PolicyJson, see: (expression: Expression) => void): void {
  for (const { body } of conditions) visit(body, see);
}

/** What policies read: names of attributes, and entities. */
export interface Reading {
  /** True for an attribute that some policy reads, by its name alone. */
  readonly wanted: (name: string) => boolean;
  /** True where a decision can depend on the arguments of a call. */
  readonly readsArguments: boolean;
  /** Entities that policies name. */
  readonly named: readonly Uid[];
}

export function readingOf(policies: Iterable<PolicyJson>): Reading {
  const names = new Set<string>();
  const named: Uid[] = [];
  let whole = false;
  for (const policy of policies) {
    visit([policy.principal, policy.action, policy.resource], (part) => {
      if (isUid(part['entity'])) named.push(part['entity']);
    });
    visitConditions(policy, (expression) => {
      for (const name of attributeOf(expression)?.names ?? []) names.add(name);
      if (isUid(expression['__entity'])) named.push(expression['__entity']);
    });
    if (policy.conditions.some(({ body }) => usesWholeContext(body))) whole = true;
  }
  return {
    wanted: whole ? () => true : (name) => names.has(name),
    readsArguments: whole || [...names].some(isArgument),
    named,
  };
}

export function isArgument(name: string): boolean {
  return name.startsWith('arg_');
}

/** True where an expression depends on arguments of the call. */
export function readsArguments(expression: unknown): boolean {
  let reads = usesWholeContext(expression);
  visit(expression, (inner) => {
    if (attributeOf(inner)?.names.some(isArgument) === true) reads = true;
  });
  return reads;
}

/** True where the context is used other than by one of its attributes: compared, or put into a record. */
function usesWholeContext(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(usesWholeContext);
  if (!isRecord(value)) return false;
  if (value['Var'] === 'context') return true;
  const attribute = attributeOf(value);
  if (attribute !== undefined && isRecord(attribute.of) && attribute.of['Var'] === 'context') return false;
  return Object.values(value).some(usesWholeContext);
}

function isUid(value: unknown): value is Uid {
  return isRecord(value) && typeof value['type'] === 'string' && typeof value['id'] === 'string';
}
