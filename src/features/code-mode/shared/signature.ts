/** The typed signature of a tool, as the description, `describe_tool` and argument errors show it. */
import { isIdentifier, isReserved } from '../../../starlark/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { CatalogTool } from './catalog.ts';
import { isObject, propertiesOf, strings, typesOf } from './schema.ts';
import type { Property } from './schema.ts';
import { literal, nodeToType, toType } from './schema-type.ts';

export interface SignatureOptions {
  /** Longer than this, nested types are shortened level by level, then the result type is left out. */
  readonly maxLength: number;
  readonly withResult: boolean;
}

const fullSignature: SignatureOptions = { maxLength: 700, withResult: true };

/**
 * `github_list_issues(owner: str, state: "open"|"closed" = ..., limit: int = 30) -> list[{number: int}]`. Parameters
 * stand in the order that positional arguments take. One whose name is no identifier is quoted: it must be given by
 * position or with `**{"its-name": …}`. `**any` at the end says that further names are accepted.
 */
export function toSignature(tool: CatalogTool, options: SignatureOptions = fullSignature): string {
  let signature = '';
  for (let maxDepth = 4; maxDepth >= 0; maxDepth--) {
    signature = `${tool.identifier}(${parameters(tool.inputSchema, maxDepth)})`;
    if (options.withResult) signature += result(tool.outputSchema, maxDepth);
    if (signature.length <= options.maxLength) return signature;
  }
  return options.withResult
    ? toSignature(tool, { ...options, withResult: false })
    : cut(signature, options.maxLength);
}

/** `github_list_issues(owner, repo, state?)`: the parameters' names alone, those that may be left out with a `?`. */
export function toOutline(tool: CatalogTool, maxLength: number): string {
  const { entries, open } = propertiesOf(tool.inputSchema);
  const names = entries.map(({ name, required }) => `${parameterName(name)}${required ? '' : '?'}`);
  if (open) names.push('**any');
  return cut(`${tool.identifier}(${names.join(', ')})`, maxLength);
}

/** True when a parameter of this name can be written `name=…` in a call. */
export function isKeyword(name: string): boolean {
  return isIdentifier(name) && !isReserved(name);
}

function parameters(schema: JsonObject, maxDepth: number): string {
  const { entries, open } = propertiesOf(schema);
  const texts = entries.map((entry) => parameter(entry, maxDepth));
  if (open) texts.push('**any');
  return texts.join(', ');
}

function parameterName(name: string): string {
  return isKeyword(name) ? name : JSON.stringify(name);
}

function parameter({ name, required, node }: Property, maxDepth: number): string {
  const text = `${parameterName(name)}: ${nodeToType(node, { maxDepth })}`;
  if (required) return text;
  const fallback = node?.schema['default'];
  const known = fallback !== undefined && (fallback === null || typeof fallback !== 'object');
  const shown = known ? literal(fallback) : '...';
  return `${text} = ${shown === 'str' || shown === 'float' ? '...' : shown}`;
}

function result(schema: JsonObject | undefined, maxDepth: number): string {
  if (schema === undefined) return '';
  const type = toType(unwrapped(schema), { maxDepth });
  return type === 'any' ? '' : ` -> ${type}`;
}

/** What the script sees of a result schema: the value inside when the only property is `result`. */
function unwrapped(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isObject(properties) || Object.keys(properties).length !== 1) return schema;
  const inner = properties['result'];
  const always = strings(schema['required']).includes('result') && typesOf(schema).includes('object');
  if (!isObject(inner) || !always) return schema;
  // The definitions stay in reach of the references inside.
  return { ...schema, type: undefined, properties: undefined, required: undefined, allOf: [inner] };
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half of a surrogate pair is no text.
  return `${text.slice(0, maxLength - 4).replace(/[\uD800-\uDBFF]$/u, '')}...)`;
}
