/** A schema for one policy, in which its attributes have the types that it uses them as. */
import type { EntityType, SchemaJson, TypeOfAttribute } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson } from '../cedar/engine.ts';
import { attributeOf, isRecord, readOf, visitConditions } from '../cedar/expressions.ts';
import type { PolicySet } from '../decide/policies.ts';
import { hints, kinds, kindTable } from '../model/subject.ts';
import { typesUsed } from './types.ts';

type Attributes = Record<string, TypeOfAttribute<string>>;

const principalTypes = ['Client', 'ApiKey'];

/** Undefined where a policy reads attributes of attributes: what those are, nothing tells. */
export function schemaFor(policy: PolicyJson, policies: PolicySet): SchemaJson<string> | undefined {
  const attributes = attributesOf(policy);
  if (attributes === undefined) return undefined;
  const { principal = {}, resource = {}, context = {} } = attributes;
  const always: Attributes = {
    name: { type: 'String' },
    operation: { type: 'String' },
    feature: { type: 'String' },
  };
  const parents = parentTypes(policies);
  const entity = (
    type: string,
    own: readonly string[],
    attrs: Attributes,
  ): readonly [string, EntityType<string>] => [
    type,
    {
      memberOfTypes: [...new Set([...own, ...(parents.get(type) ?? [])])],
      shape: { type: 'Record', attributes: attrs },
    },
  ];
  const group = policies.groupType;
  const resources = kinds.map((kind) => kindTable[kind].type);
  return {
    '': {
      entityTypes: Object.fromEntries([
        ...[...new Set([...parents.keys(), ...[...parents.values()].flat(), group, 'MCP', 'Backend'])].map(
          (type) => entity(type, [], {}),
        ),
        ...principalTypes.map((type) => entity(type, [group], principal)),
        ...resources.map((type) => entity(type, ['MCP', 'Backend'], { ...resource, ...always })),
      ]),
      actions: Object.fromEntries(
        kinds.map((kind) => [
          kindTable[kind].action,
          {
            appliesTo: {
              principalTypes,
              resourceTypes: [kindTable[kind].type],
              context: { type: 'Record', attributes: context },
            },
          },
        ]),
      ),
    },
  };
}

/** Optional where the policy asks whether they are there. */
function attributesOf(policy: PolicyJson): Readonly<Record<string, Attributes>> | undefined {
  const types = typesUsed(policy);
  const found: Record<string, Attributes> = { principal: {}, resource: {}, context: {} };
  let isPlain = true;
  visitConditions(policy, (expression) => {
    const attribute = attributeOf(expression);
    if (attribute === undefined) return;
    const { of, name } = readOf(expression) ?? {};
    const owner = of === undefined ? undefined : found[of];
    if (owner === undefined || name === undefined || attribute.names.length > 1)
      return void (isPlain = false);
    const isAsked = 'has' in expression;
    const { required = true } = owner[name] ?? {};
    const type = fixedType(name) ?? types.get(`${of}.${name}`) ?? ({ type: 'String' } as const);
    owner[name] = { ...type, required: required && !isAsked };
  });
  visitConditions(policy, (expression) => {
    if (isRecord(expression['getTag']) || isRecord(expression['hasTag'])) isPlain = false;
  });
  return isPlain ? found : undefined;
}

function fixedType(name: string): TypeOfAttribute<string> | undefined {
  if ((hints as readonly string[]).includes(name)) return { type: 'Boolean' };
  if (/^(?:claim|arg)_.*_long$/u.test(name)) return { type: 'Long' };
  if (/^arg_.*_present$/u.test(name)) return { type: 'Boolean' };
  return name === 'uri' ? { type: 'String' } : undefined;
}

/** Of what types the parents of an entity of each type are, in the file. */
function parentTypes({ entities }: PolicySet): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, string[]>();
  for (const { uid, parents } of entities.all) {
    types.set(uid.type, [...(types.get(uid.type) ?? []), ...parents.map(({ type }) => type)]);
  }
  return types;
}
