/**
 * Reading JSON Schema as tools use it: local references, and the properties that a call may name. Everything here is
 * lenient: a schema that cannot be understood restricts nothing.
 */
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import type { ExactJson } from '../../../starlark/index.ts';

/** A schema, the document that its `#/…` references point into, and the references already followed to reach it. */
export interface SchemaNode {
  readonly schema: JsonObject;
  readonly root: JsonObject;
  readonly seen: ReadonlySet<string>;
}

/** The node at the root of a document. */
export function rootNode(schema: JsonObject): SchemaNode {
  return { schema, root: schema, seen: new Set() };
}

/** The node of a subschema; undefined where it is not an object (`true`, `false`, nonsense). */
export function childNode(parent: SchemaNode, schema: JsonValue | undefined): SchemaNode | undefined {
  return isObject(schema) ? { schema, root: parent.root, seen: parent.seen } : undefined;
}

/**
 * Follows `$ref` to where it ends. Undefined for a reference that leaves the document, leads nowhere, or comes back to
 * itself: the caller then knows nothing about the value.
 */
export function resolve(node: SchemaNode): SchemaNode | undefined {
  let current = node;
  for (;;) {
    const reference = current.schema['$ref'];
    if (typeof reference !== 'string') return current;
    if (current.seen.has(reference)) return undefined;
    const target = pointedAt(current.root, reference);
    if (target === undefined) return undefined;
    current = { schema: target, root: current.root, seen: new Set([...current.seen, reference]) };
  }
}

/** What a call to a tool may name. */
export interface Properties {
  /** In the order that positional arguments take: the required ones first, each group in the schema's order. */
  readonly entries: readonly Property[];
  /** True when the schema lets a call name more than `entries`. */
  readonly open: boolean;
}

export interface Property {
  readonly name: string;
  readonly required: boolean;
  /** Undefined when anything goes. */
  readonly node: SchemaNode | undefined;
}

/**
 * The properties of an object schema: what stands beside a `$ref` and where it leads, and those of `allOf`; as optional
 * those of `anyOf`, `oneOf` and of whatever else holds only in certain cases. A schema that names properties and does not speak of others is taken to mean these and no others: what a
 * misspelt argument is caught by. It is open where `additionalProperties` or `patternProperties` says so, or where it
 * names none.
 */
export function propertiesOf(schema: JsonObject): Properties {
  const found = new Map<string, SchemaNode | undefined>();
  const required = new Set<string>();
  const state = { open: false, closed: false };
  collect(rootNode(schema), { found, required, state, optional: false, depth: 0 });
  const all = [...found].map(([name, node]) => ({ name, required: required.has(name), node }));
  const entries = [...all.filter((entry) => entry.required), ...all.filter((entry) => !entry.required)];
  return { entries, open: state.open || (entries.length === 0 && !state.closed) };
}

interface Collection {
  readonly found: Map<string, SchemaNode | undefined>;
  readonly required: Set<string>;
  readonly state: { open: boolean; closed: boolean };
  readonly optional: boolean;
  readonly depth: number;
}

function collect(start: SchemaNode, into: Collection): void {
  const node = into.depth > 8 ? undefined : resolve(start);
  if (node === undefined) {
    into.state.open = true;
    return;
  }
  if (node !== start) collectFrom(start, into);
  collectFrom(node, into);
}

/** The properties that a node itself names, and those of the schemas in it. */
function collectFrom(node: SchemaNode, into: Collection): void {
  const { schema } = node;
  for (const [name, property] of Object.entries(isObject(schema['properties']) ? schema['properties'] : {})) {
    if (!into.found.has(name)) into.found.set(name, childNode(node, property));
  }
  if (!into.optional) for (const name of strings(schema['required'])) into.required.add(name);
  const additional = schema['additionalProperties'];
  if (additional === true || isObject(additional) || isObject(schema['patternProperties']))
    into.state.open = true;
  if (additional === false || isObject(schema['properties'])) into.state.closed = true;
  for (const member of nodesOf(node, 'allOf')) collect(member, { ...into, depth: into.depth + 1 });
  for (const member of conditionalNodes(node)) {
    collect(member, { ...into, optional: true, depth: into.depth + 1 });
  }
}

/** The schemas in a node that hold only in certain cases. */
function conditionalNodes(node: SchemaNode): SchemaNode[] {
  const { schema } = node;
  const dependent = [schema['dependentSchemas'], schema['dependencies']].filter(isObject);
  const single = [schema['then'], schema['else'], ...dependent.flatMap((members) => Object.values(members))];
  const nodes = single.map((member) => childNode(node, member)).filter((member) => member !== undefined);
  return [...nodesOf(node, 'anyOf'), ...nodesOf(node, 'oneOf'), ...nodes];
}

/** The members of `allOf`, `anyOf` or `oneOf` that are objects; of a list of `items` as older drafts have it, too. */
export function nodesOf(
  node: SchemaNode,
  keyword: 'allOf' | 'anyOf' | 'oneOf' | 'prefixItems' | 'items',
): SchemaNode[] {
  const members = node.schema[keyword];
  if (!Array.isArray(members)) return [];
  return members.map((member) => childNode(node, member)).filter((member) => member !== undefined);
}

/** The values of `type`, which may be one string or a list of them. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  return typeof type === 'string' ? [type] : strings(type);
}

/** The gateway's own is not for here: script threads load this file, and nothing of the gateway. */
export function isObject<Given extends ExactJson | undefined>(
  value: Given,
): value is Extract<Given, { readonly [key: string]: unknown }> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The strings among the elements of `value`; empty when it is no array. */
export function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function pointedAt(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let current: JsonValue | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    const key = decode(part);
    if (Array.isArray(current)) current = current[Number(key)];
    else if (isObject(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return isObject(current) ? current : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    // A stray percent sign: the pointer is taken as it stands.
    return part;
  }
}
