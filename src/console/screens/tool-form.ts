/** A tool's schema as fields of a form, and what was written into them as arguments. */
import type { Json, JsonRecord } from '../wire/index.ts';

export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'flag' | 'choice' | 'json';
  readonly required: boolean;
  readonly about: string;
  readonly choices: readonly string[];
  /** As it is written into the field. */
  readonly initial: string;
}

export function fieldsOf(schema: JsonRecord): Field[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(properties)
    .map(([name, property]) => fieldOf(name, isRecord(property) ? property : {}, required.has(name)))
    .sort((left, right) => Number(right.required) - Number(left.required));
}

function fieldOf(name: string, schema: JsonRecord, required: boolean): Field {
  const choices = Array.isArray(schema['enum']) ? schema['enum'].map(String) : [];
  const kind = kindOf(schema, choices);
  const fallback = schema['default'];
  const about = typeof schema['description'] === 'string' ? schema['description'] : '';
  const initial =
    fallback === undefined ? '' : typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
  return { name, kind, required, about, choices, initial };
}

function kindOf({ type }: JsonRecord, choices: readonly string[]): Field['kind'] {
  if (choices.length > 0) return 'choice';
  switch (type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'flag';
    default:
      return 'json';
  }
}

/**
 * The arguments that the fields make; an empty field that need not be there is left out.
 * @throws Error with words for the person who filled them in
 */
export function argumentsOf(fields: readonly Field[], written: Readonly<Record<string, string>>): JsonRecord {
  const made: JsonRecord = {};
  for (const field of fields) {
    const text = written[field.name] ?? '';
    if (text === '' && !(field.required && field.kind === 'text')) {
      if (field.required) throw new Error(`${field.name} is missing`);
      continue;
    }
    made[field.name] = valueOf(field, text);
  }
  return made;
}

function valueOf({ name, kind }: Field, text: string): Json {
  switch (kind) {
    case 'text':
    case 'choice':
      return text;
    case 'flag':
      return text === 'true';
    case 'number': {
      const number = Number(text);
      if (Number.isFinite(number)) return number;
      throw new Error(`${name}: expected a number, found “${text}”`);
    }
    case 'json':
      try {
        return JSON.parse(text) as Json;
      } catch (error) {
        throw new Error(`${name}: expected JSON: ${error instanceof Error ? error.message : String(error)}`);
      }
  }
}

/** A call as a line of a script. */
export function toScriptLine(signature: string, args: JsonRecord): string {
  const name = /^[A-Za-z_]\w*/.exec(signature)?.[0] ?? 'call_tool';
  const given = Object.entries(args).map(([key, value]) => `${key}=${toStarlark(value)}`);
  return `${name}(${given.join(', ')})`;
}

function toStarlark(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(toStarlark).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}: ${toStarlark(inner)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

/** A call as a command for a terminal. */
export function toCurl(url: string, name: string, args: JsonRecord): string {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'curl', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: args, _meta: meta },
  };
  const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
  return [
    `curl ${url}`,
    "-H 'content-type: application/json' -H 'accept: application/json, text/event-stream'",
    `-H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: ${name}'`,
    `-d '${quoted}'`,
  ].join(' \\\n  ');
}

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
