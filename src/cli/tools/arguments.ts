/** Arguments of a tool as they stand on a command line: `key=value` by the types of the tool's schema, or one JSON object. */
import type { JsonObject, JsonValue, ToolDescription, ToolParameter } from '../../server/index.ts';
import { parseWithBigInts } from '../../lib/exact-json.ts';
import { readObject } from '../kit/json-argument.ts';
import { UsageError } from '../kit/terminal.ts';
import { messageOf } from '../../lib/thrown.ts';

/**
 * Reads them. A key that stands twice makes a list, where the schema takes one; `key:=JSON` is taken as JSON whatever the
 * schema says.
 * @throws UsageError for a word that is none of these
 */
export function readArguments(words: readonly string[], { parameters }: ToolDescription): JsonObject {
  const [first] = words;
  if (first === undefined) return {};
  if (first.trimStart().startsWith('{')) {
    if (words.length > 1) throw new UsageError(`expected one JSON object, found "${words[1]}" behind it`);
    return readObject('the arguments', first) as JsonObject;
  }
  const given = new Map<string, JsonValue>();
  for (const word of words) {
    const [, name, mark, text] = /^([^=]*?)(:?=)(.*)$/s.exec(word) ?? [];
    if (name === undefined || name === '' || text === undefined)
      throw new UsageError(`expected key=value, or one JSON object, found "${word}"`);
    const parameter = parameters.find((each) => each.name === name);
    const value = mark === ':=' ? readValue(name, text) : toValue(text, parameter);
    given.set(name, merge(given.get(name), value, name, parameter));
  }
  return Object.fromEntries(given);
}

function readValue(name: string, text: string): JsonValue {
  try {
    return parseWithBigInts(text) as JsonValue;
  } catch (error) {
    throw new UsageError(`${name}: expected JSON behind ":=": ${messageOf(error)}`);
  }
}

/** What is given twice is a list, and so is the first of several. */
function merge(
  before: JsonValue | undefined,
  value: JsonValue,
  name: string,
  parameter: ToolParameter | undefined,
): JsonValue {
  if (before === undefined) return value;
  if (parameter !== undefined && !takes(parameter.jsonTypes, 'array'))
    throw new UsageError(`${name} is given twice; it takes one value`);
  return [...toList(before), ...toList(value)];
}

function toList(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [value];
}

function toValue(text: string, parameter: ToolParameter | undefined): JsonValue {
  const types = parameter?.jsonTypes ?? [];
  if (takesOnlyList(types)) {
    const whole = text.trimStart().startsWith('[') ? scalarOr(text, ['array']) : undefined;
    return whole ?? [scalar(text, parameter?.itemTypes ?? [])];
  }
  return scalar(text, types);
}

/** A text by the types that it may have: the narrowest that it fits, and a text where it fits none. */
function scalar(text: string, types: readonly string[]): JsonValue {
  const value = scalarOr(text, types);
  return value === undefined ? text : value;
}

function scalarOr(text: string, types: readonly string[]): JsonValue | undefined {
  // A text may be meant wherever one is allowed; only what looks like another allowed type is that.
  const others = types.filter((type) => type !== 'string');
  if (types.length > 0 && others.length === 0) return text;
  const value = tryJson(text);
  if (value === undefined) return undefined;
  return types.length === 0 || others.some((type) => isOfType(value, type)) ? value : undefined;
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseWithBigInts(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function takes(types: readonly string[], type: string): boolean {
  return types.length === 0 || types.includes(type);
}

function takesOnlyList(types: readonly string[]): boolean {
  return types.length > 0 && types.every((type) => type === 'array' || type === 'null');
}
