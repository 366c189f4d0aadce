/** A tool as people are shown it, read from its schema as scripts' calls are. */
import type { Tool } from '../../../gateway/index.ts';
import type { JsonObject, JsonValue } from '../../../protocol/index.ts';
import { fromJs } from '../../../starlark/index.ts';
import type { ExactJson } from '../../../starlark/index.ts';
import { createBinder } from './arguments.ts';
import { toCatalogTools, type CatalogTool } from '../shared/catalog.ts';
import { CodeModeError } from '../shared/errors.ts';
import { childNode, isObject, nodesOf, propertiesOf, resolve, typesOf } from '../shared/schema.ts';
import type { SchemaNode } from '../shared/schema.ts';
import { nodeToType } from '../shared/schema-type.ts';
import { toSignature } from '../shared/signature.ts';

export interface ToolParameter {
  readonly name: string;
  readonly required: boolean;
  /** As scripts know types: `str`, `"a"|"b"`, `list[int]`. */
  readonly type: string;
  /** JSON Schema's names of the types that it may have; empty when any may be. */
  readonly jsonTypes: readonly string[];
  /** The same of the elements, where it is a list. */
  readonly itemTypes: readonly string[];
  /** Empty when the schema has none. */
  readonly description: string;
}

export interface ToolDescription {
  /** The function's name in scripts, its parameters and its result. */
  readonly signature: string;
  /** Required ones first. */
  readonly parameters: readonly ToolParameter[];
  /** Whether a call may name more than `parameters`. */
  readonly open: boolean;
  /** Why the tool would not be called with these arguments, with the signature; undefined when it would. */
  faultOf(args: JsonObject): string | undefined;
}

/** @param tool any but the script tool */
export function describeTool(tool: Tool): ToolDescription {
  const [known] = toCatalogTools([tool]);
  const described: CatalogTool = known ?? {
    name: tool.name,
    identifier: tool.name,
    description: tool.description ?? '',
    inputSchema: tool.inputSchema,
  };
  const { entries, open } = propertiesOf(tool.inputSchema);
  return {
    signature: toSignature(described),
    open,
    parameters: entries.map(({ name, required, node }) => ({
      name,
      required,
      type: nodeToType(node, { maxDepth: 2 }),
      jsonTypes: jsonTypes(node),
      itemTypes: jsonTypes(node && itemsOf(node)),
      description: textOf(node?.schema['description']),
    })),
    faultOf: (args) => faultOf(described, args),
  };
}

function faultOf(tool: CatalogTool, args: JsonObject): string | undefined {
  try {
    const values = Object.entries(args as { readonly [key: string]: ExactJson });
    createBinder(tool).bind([], new Map(values.map(([name, value]) => [name, fromJs(value)])));
    return undefined;
  } catch (error) {
    if (!(error instanceof CodeModeError)) throw error;
    return error.message;
  }
}

const maxDepth = 4;

/** Every type that a schema allows; empty when it does not say. */
function jsonTypes(start: SchemaNode | undefined, depth = maxDepth): readonly string[] {
  const node = start === undefined || depth === 0 ? undefined : resolve(start);
  if (node === undefined) return [];
  const { schema } = node;
  const named = typesOf(schema);
  if (named.length > 0) return named;
  const listed = schema['const'] === undefined ? schema['enum'] : [schema['const']];
  if (Array.isArray(listed)) return [...new Set(listed.map(typeOf))];
  const choices = [...nodesOf(node, 'anyOf'), ...nodesOf(node, 'oneOf')].map((each) =>
    jsonTypes(each, depth - 1),
  );
  if (choices.length > 0)
    return choices.some((types) => types.length === 0) ? [] : [...new Set(choices.flat())];
  const parts = nodesOf(node, 'allOf').map((each) => jsonTypes(each, depth - 1));
  const part = parts.find((types) => types.length > 0);
  if (part !== undefined) return part;
  if (isObject(schema['properties'])) return ['object'];
  return schema['items'] === undefined ? [] : ['array'];
}

function itemsOf(start: SchemaNode): SchemaNode | undefined {
  const node = resolve(start);
  if (node === undefined) return undefined;
  const choices = [node, ...nodesOf(node, 'anyOf'), ...nodesOf(node, 'oneOf')];
  return choices.map((each) => childNode(each, each.schema['items'])).find((items) => items !== undefined);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
