/**
 * Tool parameters that a client mirrors into HTTP headers, because the tool's input schema says `x-mcp-header` on them.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
 */
import type { JsonObject, JsonValue } from '../../protocol/index.ts';
import { isObject } from './jsonrpc.ts';

const keyword = 'x-mcp-header';
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** One parameter that goes into a header. */
export interface ParamHeader {
  /** The whole header name, lower-cased: `mcp-param-region`. */
  readonly header: string;
  /** Property names from the arguments down to the parameter. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

/**
 * The parameters that a schema mirrors into headers, none for most; `invalid` when a declaration breaks a rule of the
 * specification, and so the whole tool definition is to be rejected by clients.
 */
export function paramHeadersOf(inputSchema: JsonObject): readonly ParamHeader[] | 'invalid' {
  const found: ParamHeader[] = [];
  const sound = collect(inputSchema, [], true, found);
  const distinct = new Set(found.map(({ header }) => header)).size === found.length;
  return sound && distinct ? found : 'invalid';
}

/** The header value of an argument; undefined when there is none to send. */
export function paramHeaderText(args: JsonValue | undefined, path: readonly string[]): string | undefined {
  let value: JsonValue | undefined = args;
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && isSendable(value) ? String(value) : undefined;
}

function isSendable(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/**
 * Looks through a schema. Declarations count only below a chain of `properties`; anywhere else (in array items, in
 * alternatives, in definitions) they are faults.
 */
function collect(
  schema: JsonValue,
  path: readonly string[],
  reachable: boolean,
  found: ParamHeader[],
): boolean {
  if (Array.isArray(schema)) return schema.every((each) => collect(each, path, false, found));
  if (!isObject(schema)) return true;
  const name = schema[keyword];
  if (name !== undefined && !declare(name, schema['type'], reachable ? path : [], found)) return false;
  return Object.entries(schema).every(([key, child]) => {
    if (child === undefined || dataKeywords.has(key)) return true;
    if (key !== 'properties') return collect(child, path, false, found);
    if (!isObject(child)) return true;
    return Object.entries(child).every(
      ([property, sub]) => sub === undefined || collect(sub, [...path, property], reachable, found),
    );
  });
}

/** Keywords that hold data, in which the word would mean nothing. */
const dataKeywords: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples', keyword]);

function declare(
  name: JsonValue,
  type: JsonValue | undefined,
  path: readonly string[],
  found: ParamHeader[],
): boolean {
  if (path.length === 0 || typeof name !== 'string' || !token.test(name)) return false;
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') return false;
  found.push({ header: `mcp-param-${name.toLowerCase()}`, path, type });
  return true;
}
