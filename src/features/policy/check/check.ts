/**
 * What can be said against policies before anybody is judged by them: actions, entities and attributes that do not exist,
 * and values of another type than they are compared with. Cedar itself takes all of these, and never lets them apply.
 */
import { didYouMean, nearMiss } from '../../../lib/near-miss.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { isRecord, readOf, visit, visitConditions, type Expression } from '../cedar/expressions.ts';
import type { ParsedPolicy, PolicySet } from '../decide/policies.ts';
import { hints, kinds, kindTable } from '../model/subject.ts';
import type { Uid } from '../cedar/engine.ts';
import { schemaFor } from './schema.ts';
import { comparedWithLongs } from './types.ts';

export interface PolicyProblem {
  readonly severity: 'error' | 'warning';
  readonly policy: ParsedPolicy;
  /** What was expected, what was found, and the policy as it could be. */
  readonly message: string;
}

export function checkPolicies(policies: PolicySet): PolicyProblem[] {
  return policies.policies.flatMap((policy) => {
    const own = [
      ...checkActions(policy),
      ...checkEntities(policy, policies),
      ...checkAttributes(policy, policies),
    ];
    const problems = own.length > 0 ? own : [...checkTypes(policy, policies), ...checkGuards(policy)];
    return problems.map(({ severity, message }) => ({
      severity,
      policy,
      message: `${policy.id}: ${message}`,
    }));
  });
}

interface Fault {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

const error = (message: string): Fault => ({ severity: 'error', message });

const actions: readonly string[] = kinds.map((kind) => kindTable[kind].action);

/** What people write who take an action for a method. */
const meant: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'call_tool'],
  ['prompts/get', 'get_prompt'],
  ['resources/read', 'read_resource'],
  ['resources/subscribe', 'read_resource'],
  ['call', 'call_tool'],
  ['get', 'get_prompt'],
  ['read', 'read_resource'],
  ['tools/list', 'call_tool'],
  ['list_tools', 'call_tool'],
  ['prompts/list', 'get_prompt'],
  ['list_prompts', 'get_prompt'],
  ['resources/list', 'read_resource'],
  ['list_resources', 'read_resource'],
]);

function checkActions(policy: ParsedPolicy): Fault[] {
  const unknown = entitiesIn(policy).filter(({ type, id }) => type === 'Action' && !actions.includes(id));
  return unknown.map(({ id }) => {
    const better = meant.get(id) ?? nearMiss(id, actions);
    const list = /list/u.test(id) ? '; lists show what may be called, got or read' : '';
    const found = `Action::${JSON.stringify(id)} does not exist; the actions are ${actions.map((each) => `Action::"${each}"`).join(', ')}${list}`;
    if (better === undefined) return error(found);
    return error(
      `${found}. Corrected:\n${policy.text.replaceAll(`Action::${JSON.stringify(id)}`, `Action::"${better}"`)}`,
    );
  });
}

/** Types of entities that requests have. */
function typesOf({ entities, groupType }: PolicySet): string[] {
  const own = [
    'Client',
    'ApiKey',
    groupType,
    'MCP',
    'Backend',
    'Action',
    ...kinds.map((kind) => kindTable[kind].type),
  ];
  return [
    ...new Set([
      ...own,
      ...entities.all.flatMap(({ uid, parents }) => [uid.type, ...parents.map(({ type }) => type)]),
    ]),
  ];
}

function checkEntities(policy: ParsedPolicy, policies: PolicySet): Fault[] {
  const types = typesOf(policies);
  const found = new Set(entitiesIn(policy).map(({ type }) => type));
  visit([policy.json.principal, policy.json.action, policy.json.resource], (part) => {
    if (typeof part['entity_type'] === 'string') found.add(part['entity_type']);
  });
  visitConditions(policy.json, (expression) => {
    const { is } = expression;
    if (isRecord(is)) found.add(String(is['entity_type']));
  });
  return [...found]
    .filter((type) => !types.includes(type))
    .map((type) =>
      error(
        `no entity has the type ${type}.${didYouMean(type, types)} There are ${types.join(', ')}, and those of entitiesJson`,
      ),
    );
}

const resourceAttributes: readonly string[] = ['name', 'operation', 'feature', 'uri', ...hints];

/** Attributes that requests have, whatever caller and arguments. */
function exists(of: string, name: string): boolean {
  if (of === 'principal') return name.startsWith('claim_');
  if (of === 'context') return name.startsWith('claim_') || name.startsWith('arg_');
  return name.startsWith('arg_') || resourceAttributes.includes(name);
}

const known: Readonly<Record<string, string>> = {
  principal: 'claim_NAME',
  context: 'claim_NAME and arg_NAME',
  resource: `${resourceAttributes.join(', ')} and arg_NAME`,
};

function checkAttributes(policy: ParsedPolicy, { entities }: PolicySet): Fault[] {
  const written = new Set(entities.all.flatMap(({ attrs }) => Object.keys(attrs)));
  const faults = new Map<string, Fault>();
  visitConditions(policy.json, (expression) => {
    const { of, name } = readOf(expression) ?? {};
    if (of === undefined || name === undefined || of === 'action' || exists(of, name)) return;
    if (of !== 'context' && written.has(name)) return;
    const where = `${of}.${name}`;
    const better =
      (of === 'resource' ? nearMiss(name, resourceAttributes) : undefined) ??
      [`claim_${name}`, `arg_${name}`].find((each) => exists(of, each));
    const found = `${where} does not exist; ${of} has ${known[of] ?? ''}`;
    const corrected = policy.text.replaceAll(wordOf(where), `${of}.${better ?? ''}`);
    faults.set(
      where,
      error(better === undefined || corrected === policy.text ? found : `${found}. Corrected:\n${corrected}`),
    );
  });
  for (const where of comparedWithLongs(policy.json)) {
    const corrected = policy.text.replaceAll(wordOf(where), `${where}_long`);
    faults.set(
      where,
      error(`${where} is a decimal, which no whole number can be compared with. Corrected:\n${corrected}`),
    );
  }
  return [...faults.values()];
}

function wordOf(text: string): RegExp {
  return new RegExp(`${text.replaceAll('.', '\\s*\\.\\s*')}(?![A-Za-z0-9_])`, 'gu');
}

/** Types, by Cedar's own validation: each attribute has the type that the policy itself uses it as first. */
function checkTypes(policy: ParsedPolicy, policies: PolicySet): Fault[] {
  const schema = schemaFor(policy.json, policies);
  if (schema === undefined) return [];
  try {
    return policies.validate(schema, policy).map(({ severity, message }) => ({
      severity: /may not be (?:present|safe)|unable to guarantee/u.test(message) ? 'warning' : severity,
      message: message.replace(/^for policy `[^`]*`, /u, ''),
    }));
  } catch (thrown) {
    return [{ severity: 'warning', message: `its types cannot be checked: ${messageOf(thrown)}` }];
  }
}

/** A forbid that cannot be evaluated denies: an attribute that is not always there wants to be asked for. */
function checkGuards({ json }: ParsedPolicy): Fault[] {
  if (json.effect !== 'forbid') return [];
  const read = new Set<string>();
  const guarded = new Set<string>();
  visitConditions(json, (expression) => {
    const { of, name } = readOf(expression) ?? {};
    if (
      of === undefined ||
      name === undefined ||
      ['name', 'operation', 'feature', 'claim_sub'].includes(name)
    )
      return;
    ('has' in expression ? guarded : read).add(`${of}.${name}`);
  });
  return [...read]
    .filter((where) => !guarded.has(where))
    .map((where) => {
      const [of = '', name = ''] = where.split('.');
      const message = `it denies every request without ${where}, because a forbid that cannot be evaluated denies; "${of} has ${name} && …" asks first`;
      return { severity: 'warning', message };
    });
}

function entitiesIn({ json }: ParsedPolicy): Uid[] {
  const found: Uid[] = [];
  const see = (part: Expression): void => {
    for (const value of [
      part['entity'],
      part['__entity'],
      ...(Array.isArray(part['entities']) ? part['entities'] : []),
    ]) {
      if (isRecord(value) && typeof value['type'] === 'string' && typeof value['id'] === 'string')
        found.push({ type: value['type'], id: value['id'] });
    }
  };
  visit([json.principal, json.action, json.resource], see);
  visitConditions(json, see);
  return found;
}
