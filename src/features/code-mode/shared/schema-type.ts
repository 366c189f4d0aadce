/**
 * JSON Schema as a type a Python reader understands at a glance: `str`, `int`, `float`, `bool`, `None`, `"a"|"b"`,
 * `list[T]`, `{key: T, optional?: T}`, `dict[str, T]`, `any`. It informs a model, it validates nothing: whatever a
 * schema says beyond that is left out.
 */
import { isIdentifier } from '../../../starlark/index.ts';
import type { ExactJson } from '../../../starlark/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { childNode, isObject, nodesOf, resolve, rootNode, strings, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';

export interface TypeOptions {
  /** How many levels of objects and lists are spelt out before `dict` and `list` must do. */
  readonly maxDepth: number;
}

const maxAlternatives = 8;
const maxFields = 16;
const maxLiteralLength = 40;

/** The type of `schema`, a whole document. */
export function toType(schema: JsonObject, options: TypeOptions): string {
  return nodeToType(rootNode(schema), options);
}

/** The type of a schema within a document; `any` for undefined. */
export function nodeToType(start: SchemaNode | undefined, options: TypeOptions): string {
  return start === undefined ? 'any' : render(start, options.maxDepth);
}

function render(start: SchemaNode, depth: number): string {
  const node = resolve(start);
  if (node === undefined) return 'any';
  const type = alternatives(node, depth);
  const nullable = start.schema['nullable'] === true || node.schema['nullable'] === true;
  return nullable && !type.includes('None') ? union([type, 'None']) : type;
}

function alternatives(node: SchemaNode, depth: number): string {
  const { schema } = node;
  if (schema['const'] !== undefined) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literal));
  const choices = [...nodesOf(node, 'anyOf'), ...nodesOf(node, 'oneOf')];
  if (choices.length > 0 && !isObject(schema['properties'])) {
    return union(choices.map((choice) => render(choice, depth)));
  }
  const parts = nodesOf(node, 'allOf');
  if (parts.length > 0) return allOf(node, parts, depth);
  const types = typesOf(schema);
  if (types.length === 0) return oneType(node, impliedType(schema), depth);
  return union(types.map((type) => oneType(node, type, depth)));
}

function allOf(node: SchemaNode, parts: readonly SchemaNode[], depth: number): string {
  const known = parts.map((part) => resolve(part)).filter((part) => part !== undefined);
  const [only] = known;
  if (isObject(node.schema['properties'])) known.push(node);
  if (known.length === 1 && only !== undefined) return render(only, depth);
  const properties: JsonObject = {};
  for (const part of known) {
    if (isObject(part.schema['properties'])) Object.assign(properties, part.schema['properties']);
  }
  const required = known.flatMap((part) => strings(part.schema['required']));
  const merged = { type: 'object', properties, required };
  return render({ schema: merged, root: node.root, seen: node.seen }, depth);
}

function impliedType(schema: JsonObject): string {
  if (isObject(schema['properties'])) return 'object';
  return schema['items'] !== undefined ? 'array' : 'any';
}

function oneType(node: SchemaNode, type: string, depth: number): string {
  switch (type) {
    case 'string':
      return 'str';
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'null':
      return 'None';
    case 'array':
      return list(node, depth);
    case 'object':
      return object(node, depth);
    default:
      return 'any';
  }
}

function list(node: SchemaNode, depth: number): string {
  const fixed = [...nodesOf(node, 'prefixItems'), ...nodesOf(node, 'items')];
  if (depth <= 0) return 'list';
  if (fixed.length > 0) return `list[${fixed.map((item) => render(item, depth - 1)).join(', ')}]`;
  const items = childNode(node, node.schema['items']);
  return items === undefined ? 'list' : `list[${render(items, depth - 1)}]`;
}

function object(node: SchemaNode, depth: number): string {
  const { schema } = node;
  if (depth <= 0) return 'dict';
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  if (properties.length > 0) return fields(node, properties, depth);
  const values = childNode(node, schema['additionalProperties']);
  return values === undefined ? 'dict' : `dict[str, ${render(values, depth - 1)}]`;
}

function fields(node: SchemaNode, properties: [string, JsonValue | undefined][], depth: number): string {
  const required = new Set(strings(node.schema['required']));
  const shown = properties.slice(0, maxFields).map(([name, schema]) => {
    const field = childNode(node, schema);
    const key = isIdentifier(name) ? name : JSON.stringify(name);
    return `${key}${required.has(name) ? '' : '?'}: ${field === undefined ? 'any' : render(field, depth - 1)}`;
  });
  if (properties.length > maxFields) shown.push('...');
  return `{${shown.join(', ')}}`;
}

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)];
  if (distinct.includes('any')) return 'any';
  // `None` reads best last, as Python writes it.
  const ordered = [
    ...distinct.filter((type) => type !== 'None'),
    ...distinct.filter((type) => type === 'None'),
  ];
  if (ordered.length <= maxAlternatives) return ordered.join('|');
  return [...ordered.slice(0, maxAlternatives), '...'].join('|');
}

/** A JSON scalar as the script would write it; anything else by its kind. */
export function literal(value: ExactJson | undefined): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '{}' : 'dict';
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'any');
  if (text.length <= maxLiteralLength) return text;
  return typeof value === 'string' ? 'str' : typeof value === 'bigint' ? 'int' : 'float';
}
