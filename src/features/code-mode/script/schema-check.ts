/**
 * Checks the arguments of an inner call before it is made, so that a misspelt or mistyped argument costs no call and
 * gets an error that shows the signature. It speaks up only when certain: what it does not know (formats, ranges,
 * patterns, conditions) is left to the tool.
 */
import { didYouMean, nearMiss } from '../../../lib/near-miss.ts';
import { stringifyExactly } from '../../../lib/exact-json.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import type { ExactJson } from '../../../starlark/index.ts';
import { childNode, isObject, nodesOf, resolve, strings, typesOf } from '../shared/schema.ts';
import type { SchemaNode } from '../shared/schema.ts';
import { literal, nodeToType } from '../shared/schema-type.ts';

const maxDepth = 12;
/** No more are looked for in one argument. */
const maxFaults = 8;

/**
 * What is wrong with `value`, in the words of the language: `labels[2]: expected str, got int`; nothing when it may be
 * sent. `path` names the value in the messages.
 */
export function faultsOf(
  value: ExactJson | undefined,
  start: SchemaNode | undefined,
  path: string,
): readonly string[] {
  return check(value ?? null, start, path, maxDepth).slice(0, maxFaults);
}

type Faults = readonly string[];

type Check = (value: ExactJson, start: SchemaNode | undefined, path: string, depth: number) => Faults;

const none: Faults = [];

const check: Check = (value, start, path, depth) => {
  const node = start === undefined || depth <= 0 ? undefined : resolve(start);
  if (node === undefined) return none;
  if (value === null && [start, node].some((each) => each !== undefined && takesNull(each.schema)))
    return none;
  const fault = checkValues(value, node, path) ?? checkType(value, node, path);
  if (fault !== undefined) return [fault];
  const faults = checkChoices(value, node, path, depth);
  return faults.length > 0 ? faults : checkParts(value, node, path, depth);
};

/** Schemas that were made from other notations say so beside a `$ref`, or list null and name the other type alone. */
function takesNull(schema: JsonObject): boolean {
  const listed = schema['enum'];
  return schema['nullable'] === true || (Array.isArray(listed) && listed.includes(null));
}

function checkValues(value: ExactJson, node: SchemaNode, path: string): string | undefined {
  const { schema } = node;
  const allowed = schema['const'] === undefined ? schema['enum'] : [schema['const']];
  if (!Array.isArray(allowed) || allowed.some((item) => mayBe(item, value))) return undefined;
  const shown = allowed.slice(0, 20).map(literal).join(', ');
  const rest = allowed.length > 20 ? `, ... (${allowed.length} in all)` : '';
  return `${path}: expected ${allowed.length === 1 ? '' : 'one of '}${shown}${rest}, got ${literal(value)}`;
}

function checkType(value: ExactJson, node: SchemaNode, path: string): string | undefined {
  const types = typesOf(node.schema).filter((type) => knownTypes.has(type));
  if (types.length === 0 || types.some((type) => isOfType(value, type))) return undefined;
  return mismatch(value, node, types, path);
}

function mismatch(value: ExactJson, node: SchemaNode, types: readonly string[], path: string): string {
  const remedy = types.map((type) => remedyFor(value, type, node)).find((each) => each !== undefined);
  const expected = nodeToType(node, { maxDepth: 2 });
  // Beside values, the value; beside types, the type.
  const got =
    types.length === 0 && (typeof value !== 'object' || value === null) ? literal(value) : kindOf(value);
  return `${path}: expected ${expected}, got ${got}${remedy === undefined ? '' : `; ${remedy}`}`;
}

/** How the author makes what is expected of what was given, where that is plain. */
function remedyFor(value: ExactJson, type: string, node: SchemaNode): string | undefined {
  switch (type) {
    case 'string':
      if (typeof value === 'number' || typeof value === 'bigint') return 'write str(x)';
      return typeof value === 'object' && value !== null ? 'json.encode(x) makes text of it' : undefined;
    case 'integer':
    case 'number':
      if (typeof value !== 'string' || value.trim() === '' || Number.isNaN(Number(value))) return undefined;
      return type === 'integer' ? 'write int(x)' : 'write float(x)';
    case 'object':
      return typeof value === 'string' && /^\s*\{/u.test(value) ? passItself : undefined;
    case 'array': {
      if (typeof value === 'string' && /^\s*\[/u.test(value)) return passItself;
      const items = childNode(node, node.schema['items']);
      const wouldDo = value !== null && !Array.isArray(value) && items !== undefined;
      return wouldDo && check(value, items, '', 4).length === 0 ? 'write [x]' : undefined;
    }
    default:
      return undefined;
  }
}

const passItself = 'pass the value itself, not its JSON text';

/** `anyOf` and `oneOf`: some member must take the value. The faults of a single candidate by type are passed on. */
function checkChoices(value: ExactJson, node: SchemaNode, path: string, depth: number): Faults {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const members = node.schema[keyword];
    // A member that is no object (`true`) takes anything.
    const choices = nodesOf(node, keyword);
    if (!Array.isArray(members) || members.length === 0 || choices.length < members.length) continue;
    const faults = choices.map((choice) => check(value, choice, path, depth - 1));
    if (faults.some((each) => each.length === 0)) continue;
    const schemas = choices.map((choice) => resolve(choice)?.schema ?? {});
    const near = faults.filter((_, index) =>
      typesOf(schemas[index] ?? {}).some((type) => isOfType(value, type)),
    );
    const like = faults.filter((_, index) => isAlike(value, schemas[index] ?? {}));
    const [only] = near.length === 1 ? near : like.length === 1 ? like : [];
    return only ?? [mismatch(value, node, schemas.flatMap(typesOf), path)];
  }
  return none;
}

/** Whether `value` has, for every property that a schema fixes, that very value: what tells the members of a union apart. */
function isAlike(value: ExactJson, { properties }: JsonObject): boolean {
  if (!isObject(value) || !isObject(properties)) return false;
  const fixed = Object.entries(properties).filter(
    ([, property]) => isObject(property) && property['const'] !== undefined,
  );
  return (
    fixed.length > 0 &&
    fixed.every(([name, property]) =>
      sameJson((property as JsonObject)['const'] ?? null, value[name] ?? null),
    )
  );
}

function checkParts(value: ExactJson, node: SchemaNode, path: string, depth: number): Faults {
  const faults = nodesOf(node, 'allOf').flatMap((part) => check(value, part, path, depth - 1));
  if (Array.isArray(value)) return [...faults, ...checkItems(value, node, path, depth)];
  return isObject(value) ? [...faults, ...checkFields(value, node, path, depth)] : faults;
}

function checkItems(items: readonly ExactJson[], node: SchemaNode, path: string, depth: number): Faults {
  if (Array.isArray(node.schema['prefixItems'])) return none;
  const schema = childNode(node, node.schema['items']);
  const faults: string[] = [];
  if (schema === undefined) return faults;
  for (const [index, item] of items.entries()) {
    faults.push(...check(item, schema, `${path}[${index}]`, depth - 1));
    if (faults.length >= maxFaults) break;
  }
  return faults;
}

function checkFields(
  value: { readonly [key: string]: ExactJson | undefined },
  node: SchemaNode,
  path: string,
  depth: number,
): Faults {
  const { schema } = node;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const strange = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  const required = strings(schema['required']);
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  const faults = missing.map(
    (name) => `${path}: the key ${JSON.stringify(name)} is missing${instead(name, strange)}`,
  );
  const closed = schema['additionalProperties'] === false && !isObject(schema['patternProperties']);
  for (const [name, item] of Object.entries(value)) {
    if (faults.length >= maxFaults) break;
    const where = `${path}[${JSON.stringify(name)}]`;
    if (Object.hasOwn(properties, name)) {
      const found = check(item ?? null, childNode(node, properties[name]), where, depth - 1);
      const optional = item === null && !required.includes(name);
      faults.push(
        ...found.map((each) => (optional ? `${each}; leave the key out instead of passing None` : each)),
      );
    } else if (closed && nearMiss(name, missing) === undefined) {
      const expected = nodeToType(node, { maxDepth: 1 });
      faults.push(
        `${where}: there is no such key; expected ${expected}.${didYouMean(name, Object.keys(properties))}`,
      );
    }
  }
  return faults;
}

/** Of the keys that nobody asked for, the one that was meant for a missing one. */
function instead(missing: string, strange: readonly string[]): string {
  const near = nearMiss(missing, strange);
  return near === undefined ? '' : ` (is it ${JSON.stringify(near)}, which is no key of it?)`;
}

const knownTypes = new Set(['string', 'integer', 'number', 'boolean', 'null', 'array', 'object']);

function isOfType(value: ExactJson, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value) || typeof value === 'bigint';
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
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
function kindOf(value: ExactJson): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'bigint':
      return 'int';
    default:
      return 'dict';
  }
}

function sameJson(left: ExactJson, right: ExactJson): boolean {
  return left === right || (typeof left === 'object' && stringifyExactly(left) === stringifyExactly(right));
}

/** A schema is read with JavaScript's numbers, so an int that it lists may be another than it says. */
function mayBe(listed: JsonValue, value: ExactJson): boolean {
  return typeof value === 'bigint' ? listed === Number(value) : sameJson(listed, value);
}
