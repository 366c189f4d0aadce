/**
 * Checks the arguments of an inner call before it is made, so that a misspelt or mistyped argument costs no call and
 * gets an error that shows the signature. It speaks up only when certain: what it does not know (formats, ranges,
 * patterns, conditions) is left to the tool.
 */
import type { JsonObject, JsonValue } from '../gateway/index.ts';
import { childNode, isObject, nodesOf, resolve, strings, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';
import { literal, nodeToType } from './schema-type.ts';

const maxDepth = 12;

/**
 * Undefined when `value` may be sent; else what is wrong with it, in the words of the language: `labels[2]: expected
 * str, got int`. `path` names the value in the message.
 */
export function faultOf(
  value: JsonValue | undefined,
  start: SchemaNode | undefined,
  path: string,
): string | undefined {
  return check(value ?? null, start, path, maxDepth);
}

type Check = (
  value: JsonValue,
  start: SchemaNode | undefined,
  path: string,
  depth: number,
) => string | undefined;

const check: Check = (value, start, path, depth) => {
  const node = start === undefined || depth <= 0 ? undefined : resolve(start);
  if (node === undefined) return undefined;
  if (value === null && (node.schema['nullable'] === true || isListed(null, node.schema))) return undefined;
  return (
    checkValues(value, node, path) ??
    checkType(value, node, path) ??
    checkChoices(value, node, path, depth) ??
    checkParts(value, node, path, depth)
  );
};

/** Schemas that were made from other notations list null and name the other type alone. */
function isListed(value: JsonValue, schema: JsonObject): boolean {
  const listed = schema['enum'];
  return Array.isArray(listed) && listed.includes(value);
}

function checkValues(value: JsonValue, node: SchemaNode, path: string): string | undefined {
  const { schema } = node;
  const allowed = schema['const'] === undefined ? schema['enum'] : [schema['const']];
  if (!Array.isArray(allowed) || allowed.some((item) => sameJson(item, value))) return undefined;
  const shown = allowed.slice(0, 20).map(literal).join(', ');
  const rest = allowed.length > 20 ? `, ... (${allowed.length} in all)` : '';
  return `${path}: expected ${allowed.length === 1 ? '' : 'one of '}${shown}${rest}, got ${literal(value)}`;
}

function checkType(value: JsonValue, node: SchemaNode, path: string): string | undefined {
  const types = typesOf(node.schema).filter((type) => knownTypes.has(type));
  if (types.length === 0 || types.some((type) => isOfType(value, type))) return undefined;
  return `${path}: expected ${nodeToType(node, { maxDepth: 2 })}, got ${kindOf(value)}`;
}

/** `anyOf` and `oneOf`: some member must take the value. The message of a single candidate by type is passed on. */
function checkChoices(value: JsonValue, node: SchemaNode, path: string, depth: number): string | undefined {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const members = node.schema[keyword];
    // A member that is no object (`true`) takes anything.
    const choices = nodesOf(node, keyword);
    if (!Array.isArray(members) || members.length === 0 || choices.length < members.length) continue;
    const faults = choices.map((choice) => check(value, choice, path, depth - 1));
    if (faults.includes(undefined)) continue;
    const near = choices.flatMap((choice, index) => {
      const types = typesOf(resolve(choice)?.schema ?? {});
      return types.some((type) => isOfType(value, type)) ? [faults[index]] : [];
    });
    if (near.length === 1) return near[0];
    return `${path}: expected ${nodeToType(node, { maxDepth: 2 })}, got ${kindOf(value)}`;
  }
  return undefined;
}

function checkParts(value: JsonValue, node: SchemaNode, path: string, depth: number): string | undefined {
  for (const part of nodesOf(node, 'allOf')) {
    const fault = check(value, part, path, depth - 1);
    if (fault !== undefined) return fault;
  }
  if (Array.isArray(value)) return checkItems(value, node, path, depth);
  return isObject(value) ? checkFields(value, node, path, depth) : undefined;
}

function checkItems(
  items: readonly JsonValue[],
  node: SchemaNode,
  path: string,
  depth: number,
): string | undefined {
  if (Array.isArray(node.schema['prefixItems'])) return undefined;
  const schema = childNode(node, node.schema['items']);
  if (schema === undefined) return undefined;
  for (const [index, item] of items.entries()) {
    const fault = check(item, schema, `${path}[${index}]`, depth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkFields(
  value: { [key: string]: JsonValue | undefined },
  node: SchemaNode,
  path: string,
  depth: number,
): string | undefined {
  const required = strings(node.schema['required']);
  for (const name of required) {
    if (!Object.hasOwn(value, name)) return `${path}: the key ${JSON.stringify(name)} is missing`;
  }
  const properties = node.schema['properties'];
  for (const [name, item] of Object.entries(value)) {
    const known = isObject(properties) && Object.hasOwn(properties, name);
    const where = `${path}[${JSON.stringify(name)}]`;
    if (!known) {
      if (node.schema['additionalProperties'] !== false || isObject(node.schema['patternProperties']))
        continue;
      return `${where}: there is no such key; expected ${nodeToType(node, { maxDepth: 1 })}`;
    }
    const fault = check(item ?? null, childNode(node, properties[name]), where, depth - 1);
    if (fault === undefined) continue;
    return item === null && !required.includes(name)
      ? `${fault}; leave the key out instead of passing None`
      : fault;
  }
  return undefined;
}

const knownTypes = new Set(['string', 'integer', 'number', 'boolean', 'null', 'array', 'object']);

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** The kind of a JSON value as a script's author calls it. */
function kindOf(value: JsonValue): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}

function sameJson(left: JsonValue, right: JsonValue): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right));
}
