import { isObject, type JsonObject, type JsonValue } from '../json.ts';
import { isLongNumber } from '../../lib/exact-json.ts';

const typeNames: ReadonlySet<JsonValue> = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'array',
  'object',
  'null',
]);

const isNumber = (value: JsonValue): boolean => typeof value === 'number' || isLongNumber(value);
const isText = (value: JsonValue): boolean => typeof value === 'string';
const isBoolean = (value: JsonValue): boolean => typeof value === 'boolean';
const isTexts = (value: JsonValue): boolean => Array.isArray(value) && value.every(isText);

/** What the words of a schema that hold no schema must be, by the words that validators look at. */
const words: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  type: (value) => (Array.isArray(value) ? value.every((each) => typeNames.has(each)) : typeNames.has(value)),
  required: isTexts,
  enum: (value) => Array.isArray(value) && value.length > 0,
  pattern: isPattern,
  format: isText,
  $id: isText,
  $ref: isText,
  $schema: isText,
  $anchor: isText,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: isNumber,
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  minProperties: isNumber,
  maxProperties: isNumber,
  uniqueItems: isBoolean,
};

/** The words that hold schemas: one, a list of them, or an object of them. */
const holdsOne: ReadonlySet<string> = new Set([
  'additionalProperties',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const holdsList: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const holdsNamed: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

/**
 * Why a validator would refuse a JSON Schema, for the schemas that clients compile: an official client of before
 * 2026-07-28 refuses a whole list of tools for one that it cannot compile.
 * @returns the place of the first fault, as `properties.a.type`; undefined where there is none.
 */
export function schemaFault(schema: JsonObject): string | undefined {
  const names = new Set<string>();
  const references: { path: string; to: string }[] = [];
  const fault = faultOf(schema, '', { names, references });
  if (fault !== undefined) return fault;
  return references.find(({ to }) => !resolves(schema, to, names))?.path;
}

interface Seen {
  readonly names: Set<string>;
  readonly references: { path: string; to: string }[];
}

function faultOf(schema: JsonValue | undefined, path: string, seen: Seen): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (!isObject(schema) || isLongNumber(schema)) return path;
  for (const [word, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    const at = path === '' ? word : `${path}.${word}`;
    const fault = wordFault(word, value, at, seen);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function wordFault(word: string, value: JsonValue, at: string, seen: Seen): string | undefined {
  const fits = Object.hasOwn(words, word) ? words[word] : undefined;
  if (fits !== undefined) {
    if (!fits(value)) return at;
    if (word === '$ref') seen.references.push({ path: at, to: value as string });
    if (word === '$id' || word === '$anchor') seen.names.add(value as string);
    return undefined;
  }
  if (holdsOne.has(word)) return faultOf(value, at, seen);
  if (word === 'items') return Array.isArray(value) ? listFault(value, at, seen) : faultOf(value, at, seen);
  if (holdsList.has(word)) return Array.isArray(value) && value.length > 0 ? listFault(value, at, seen) : at;
  if (!holdsNamed.has(word)) return undefined;
  if (!isObject(value) || isLongNumber(value)) return at;
  for (const [name, each] of Object.entries(value)) {
    const isBad = word === 'patternProperties' && !isPattern(name);
    const fault = isBad ? `${at}.${name}` : faultOf(each, `${at}.${name}`, seen);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function listFault(value: JsonValue[], at: string, seen: Seen): string | undefined {
  for (const [index, each] of value.entries()) {
    const fault = faultOf(each, `${at}[${index}]`, seen);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Validators compile patterns as ECMAScript does under the flag `u`. */
function isPattern(value: JsonValue): boolean {
  if (typeof value !== 'string') return false;
  try {
    return new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** A pointer within the schema is followed; a reference to a name counts as found where the schema has names at all. */
function resolves(schema: JsonObject, to: string, names: ReadonlySet<string>): boolean {
  if (to === '#') return true;
  if (!to.startsWith('#/')) return names.size > 0 || to.startsWith('http');
  if (names.size > 0) return true; // the pointer may start at a part with an id of its own
  let at: JsonValue | undefined = schema;
  for (const step of decoded(to.slice(2)).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(name)];
    else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at !== undefined;
}

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}
