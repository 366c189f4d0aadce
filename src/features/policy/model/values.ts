/**
 * Claims and arguments as Cedar's values, in its JSON. Numbers are decimals, as in ToolHive; beside each whole number stands
 * the same as a Long. What a caller sends can be no reference to an entity and no call of an extension, whatever it is named.
 */
import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { readMembers } from '../../../lib/exact-json.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../protocol/index.ts';

export type Attributes = Record<string, CedarValueJson>;

/** Deeper lists and objects of a claim are left out. */
const maxDepth = 10;

/** Names that Cedar's JSON gives a meaning of their own. */
const escapes: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr']);

/** The greatest whole part and the most digits of Cedar's decimals. */
const maxDecimal = 922_337_203_685_477;
const decimalDigits = 4;

/**
 * `claim_NAME` for each claim, and `claim_NAME_long` for a whole number.
 * @param wanted names that some policy reads; the others are left out
 */
export function claimAttributes(claims: JsonObject, wanted: Wanted): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(claims)) {
    if (wanted(`claim_${name}`)) put(attributes, `claim_${name}`, toCedar(value, 0));
  }
  for (const [name, value] of Object.entries(claims)) {
    if (wanted(`claim_${name}_long`)) put(attributes, `claim_${name}_long`, toLong(value));
  }
  return attributes;
}

/**
 * `arg_NAME` for texts, truth values and numbers; `arg_NAME_present` for all else; `arg_NAME_long` for whole numbers. What
 * is derived of one argument beats another argument of that name.
 */
export function argumentAttributes(written: JsonObject, wanted: Wanted): Attributes {
  const attributes: Attributes = {};
  const args = { ...written };
  // Numbers that are kept as their digits are numbers to a policy.
  readMembers(args);
  for (const [name, value] of Object.entries(args)) {
    if (isPlain(value) && wanted(`arg_${name}`)) put(attributes, `arg_${name}`, toCedar(value, 0));
  }
  for (const [name, value] of Object.entries(args)) {
    if (!isPlain(value) && wanted(`arg_${name}_present`)) attributes[`arg_${name}_present`] = true;
    if (wanted(`arg_${name}_long`)) put(attributes, `arg_${name}_long`, toLong(value));
  }
  return attributes;
}

/** Whether some policy reads an attribute of this name. */
export type Wanted = (name: string) => boolean;

function put(attributes: Attributes, name: string, value: CedarValueJson | undefined): void {
  // Not by assignment: a name such as __proto__ is a name like any other.
  if (value !== undefined)
    Object.defineProperty(attributes, name, { value, enumerable: true, writable: true, configurable: true });
}

function isPlain(value: JsonValue | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function toLong(value: JsonValue | undefined): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

function toCedar(value: JsonValue | undefined, depth: number): CedarValueJson | undefined {
  if (depth > maxDepth) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return toDecimal(value);
  if (Array.isArray(value)) {
    return value.map((each) => toCedar(each, depth + 1)).filter((each) => each !== undefined);
  }
  if (!isObject(value)) return undefined;
  const record: Attributes = {};
  for (const [name, inner] of Object.entries(value)) {
    if (!escapes.has(name)) put(record, name, toCedar(inner, depth + 1));
  }
  return record;
}

/** Rounded to four digits as in ToolHive; what is too large is the largest, so that a limit holds. */
function toDecimal(value: number): CedarValueJson | undefined {
  if (Number.isNaN(value)) return undefined;
  const within = Math.max(-maxDecimal, Math.min(maxDecimal, value));
  const arg = within.toFixed(decimalDigits).replace(/(\.\d+?)0+$/, '$1');
  return { __extn: { fn: 'decimal', arg } };
}
