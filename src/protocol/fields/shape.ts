/**
 * Shapes: what a field must be, and what is done where it is not. A shape looks at a value that another program sent and
 * gives back the value itself where it fits, a repaired one where there is one thing that it can mean, and undefined
 * where it is of no use. Whatever holds a useless value decides: a field that may be absent is left out, an entry of a
 * list is left out, and what cannot do without the field is useless itself.
 *
 * A value that fits costs no allocation and is never copied. Fields that no table names stay as they are. A null in a
 * field that may be absent is left out without a word.
 */
import { isLongNumber, numberOf } from '../../lib/exact-json.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

/** One value that did not fit. Holds no part of the value: it may be a secret. */
export interface Misfit {
  /** Where it stands in what was looked at, as `icons[0].sizes`; empty for the whole. */
  path: string;
  readonly expected: string;
  /** Of what kind it was, or `nothing`. */
  readonly found: string;
  /** What was done; undefined until something that holds the value has decided. */
  done: string | undefined;
}

/** @returns `value` itself, a repaired one, or undefined for a useless one. Adds to `misfits` wherever it is not `value`. */
export interface Shape {
  readonly expected: string;
  repair(value: JsonValue, misfits: Misfit[]): JsonValue | undefined;
}

/** One field of a record. */
export interface Field {
  readonly shape: Shape;
  /** What cannot do without it. */
  readonly isRequired: boolean;
  /** What stands for a required field that is absent or useless; undefined where nothing can. */
  readonly fallback?: (record: JsonObject) => JsonValue | undefined;
  /** True for a text that may not have been read yet: one behind a getter is taken at its word. */
  readonly isLazy?: true;
}

interface LeafOptions {
  /** The kind of those that fit, in words as `kindOf` has it, where `expected` says more than that. */
  readonly kind?: string;
  readonly fits: (value: JsonValue) => boolean;
  /** What a useless value can only mean; undefined where that is not clear. */
  readonly mend?: (value: JsonValue) => JsonValue | undefined;
}

/** A value that is looked at as one. */
export function leaf(expected: string, { fits, mend, kind }: LeafOptions): Shape {
  return {
    expected,
    repair(value, misfits) {
      if (fits(value)) return value;
      const mended = value === null ? undefined : mend?.(value);
      const done = mended === undefined ? undefined : `it is read as ${expected}`;
      const found = kindOf(value);
      misfits.push({
        path: '',
        expected,
        found: found === kind ? found.replace('a ', 'another ') : found,
        done,
      });
      return mended;
    },
  };
}

/** A list. One entry that stands where a list should is taken for a list of it; useless entries are left out. */
export function list(of: Shape, options: { expected?: string } = {}): Shape {
  const expected = options.expected ?? 'an array';
  return {
    expected,
    repair(value, misfits) {
      const before = misfits.length;
      if (Array.isArray(value)) return repairEntries(value, of, misfits);
      const one = value === null ? undefined : of.repair(value, misfits);
      if (one === undefined) misfits.length = before;
      const done = one === undefined ? undefined : 'it is read as a list of one';
      misfits.push({ path: '', expected, found: kindOf(value), done });
      return one === undefined ? undefined : [one];
    },
  };
}

function repairEntries(value: JsonValue[], of: Shape, misfits: Misfit[]): JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const entry = value[index] as JsonValue;
    const before = misfits.length;
    const fit = of.repair(entry, misfits);
    if (fit === entry) {
      copy?.push(entry);
      continue;
    }
    under(misfits, before, `[${index}]`, fit === undefined ? 'the entry' : undefined);
    copy ??= value.slice(0, index);
    if (fit !== undefined) copy.push(fit);
  }
  return copy ?? value;
}

/** An object whose names are anything and whose values are alike. Useless values are left out. */
export function map(of: Shape): Shape {
  return {
    expected: 'an object',
    repair(value, misfits) {
      if (!isPlain(value)) return useless(value, 'an object', misfits);
      let copy: JsonObject | undefined;
      for (const name of Object.keys(value)) {
        const given = value[name];
        if (given === undefined) continue;
        const before = misfits.length;
        const fit = of.repair(given, misfits);
        if (fit === given) continue;
        under(misfits, before, `.${cut(name)}`, fit === undefined ? 'the field' : undefined);
        put((copy ??= { ...value }), name, fit);
      }
      return copy ?? value;
    },
  };
}

/** An object with fields that are known, and others, which stay. */
export function record(fields: Readonly<Record<string, Field>>, options: RecordOptions = {}): Shape {
  const table = Object.entries(fields);
  const { mend, check } = options;
  const shape: Shape = {
    expected: 'an object',
    repair(value, misfits) {
      if (!isPlain(value)) return mendRecord(value, misfits);
      let copy: JsonObject | undefined;
      for (const [name, field] of table) {
        if (field.isLazy === true && isUnread(value, name)) continue;
        const given = value[name];
        if (given === undefined && !field.isRequired) continue;
        const before = misfits.length;
        const fit =
          given === undefined ? absent(field.shape.expected, misfits) : field.shape.repair(given, misfits);
        if (fit !== undefined && fit === given) continue;
        // Many programs write null for what they do not have. Nothing is lost, so nothing is said.
        if (given === null && !field.isRequired) misfits.length = before;
        const kept = fit ?? (field.isRequired ? field.fallback?.(value) : undefined);
        const isLost = field.isRequired && kept === undefined;
        const told = fit === undefined ? (kept === undefined ? 'the field' : 'instead') : undefined;
        under(misfits, before, `.${name}`, isLost ? undefined : told);
        if (isLost) return undefined;
        put((copy ??= copyOf(value)), name, kept);
      }
      const whole = copy ?? value;
      const fault = check?.(whole);
      return fault === undefined ? whole : useless(value, fault, misfits);
    },
  };
  const mendRecord = (value: JsonValue, misfits: Misfit[]): JsonValue | undefined => {
    const mended = value === null ? undefined : mend?.(value);
    if (mended === undefined) return useless(value, shape.expected, misfits);
    const done = 'it is read as the object that it stands for';
    misfits.push({ path: '', expected: shape.expected, found: kindOf(value), done });
    return shape.repair(mended, misfits);
  };
  return shape;
}

interface RecordOptions {
  /** What a value that is no object can only mean. */
  readonly mend?: (value: JsonValue) => JsonObject | undefined;
  /** What is expected of the whole, where it is not so. */
  readonly check?: (record: JsonObject) => string | undefined;
}

/** An object of one of several shapes, told by the text in one of its fields. An unknown text leaves it as it is. */
export function variant(
  field: string,
  shapes: Readonly<Record<string, Shape>>,
  mend: (value: JsonValue) => JsonObject | undefined,
): Shape {
  const table = new Map(Object.entries(shapes));
  const expected = `an object with a "${field}"`;
  return {
    expected,
    repair(value, misfits) {
      if (isPlain(value)) {
        const name = value[field];
        if (typeof name === 'string') return (table.get(name) ?? anything).repair(value, misfits);
      }
      const mended = value === null ? undefined : mend(value);
      if (mended === undefined) return useless(value, expected, misfits);
      const done = `it is read as "${String(mended[field])}"`;
      misfits.push({ path: '', expected, found: kindOf(value), done });
      return (table.get(String(mended[field])) ?? anything).repair(mended, misfits);
    },
  };
}

/** Whatever it is, it is not looked into. */
export const anything: Shape = { expected: 'anything', repair: (value) => value };

export const string: Shape = leaf('a string', { fits: isString });

/** A string that is needed: numbers and booleans are written as one. */
export const text: Shape = leaf('a string', {
  fits: isString,
  mend: (value) => (typeof value === 'object' ? undefined : String(value)),
});

export const boolean: Shape = leaf('a boolean', {
  fits: (value) => typeof value === 'boolean',
  mend: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
});

export const number: Shape = numberShape('a number', () => true);
export const integer: Shape = numberShape('a whole number', Number.isSafeInteger);

/** An object that is not looked into. */
export const object: Shape = leaf('an object', { fits: isPlain });

/** A number, however long, written as a number or as its digits. */
export function numberShape(expected: string, isIn: (value: number) => boolean): Shape {
  const fits = (value: JsonValue): boolean => {
    const found = numberOf(value);
    return found !== undefined && Number.isFinite(found) && isIn(found);
  };
  const mend = (value: JsonValue): JsonValue | undefined => {
    const read = typeof value === 'string' && /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : undefined;
    return read !== undefined && isIn(read) ? read : undefined;
  };
  return leaf(expected, { kind: 'a number', fits, mend });
}

/** One of some words, in any case where only one can be meant; `synonyms` are read as one of them. */
export function oneOf(words: readonly string[], synonyms: Readonly<Record<string, string>> = {}): Shape {
  const known = new Set(words);
  const others = new Map(Object.entries(synonyms));
  return leaf(`one of ${words.map((word) => `"${word}"`).join(', ')}`, {
    kind: 'a string',
    fits: (value) => typeof value === 'string' && known.has(value),
    mend(value) {
      if (typeof value !== 'string') return undefined;
      const lower = value.toLowerCase();
      return known.has(lower) ? lower : others.get(lower);
    },
  });
}

export function required(shape: Shape, fallback?: Field['fallback']): Field {
  return fallback === undefined ? { shape, isRequired: true } : { shape, isRequired: true, fallback };
}

export function optional(shape: Shape): Field {
  return { shape, isRequired: false };
}

/** True for what JSON writes in braces; a long number, kept as its digits, is none. */
export function isPlain(value: JsonValue | undefined): value is JsonObject {
  return isObject(value) && !isLongNumber(value);
}

export function isString(value: JsonValue): value is string {
  return typeof value === 'string';
}

/** Of what kind a value is, in words. */
export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isLongNumber(value)) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function useless(value: JsonValue, expected: string, misfits: Misfit[]): undefined {
  misfits.push({ path: '', expected, found: kindOf(value), done: undefined });
  return undefined;
}

function absent(expected: string, misfits: Misfit[]): undefined {
  misfits.push({ path: '', expected, found: 'nothing', done: undefined });
  return undefined;
}

/** Puts a step before the paths of the latest misfits, and says what became of those that nothing was done about. */
function under(misfits: Misfit[], from: number, step: string, lost: string | undefined): void {
  for (let index = from; index < misfits.length; index++) {
    const misfit = misfits[index] as Misfit;
    if (misfit.done === undefined && lost !== undefined) misfit.done = doneWith(lost, misfit.path);
    misfit.path = step + misfit.path;
  }
}

function doneWith(lost: string, path: string): string {
  if (lost === 'instead') return 'the gateway fills it in';
  return path === '' ? `${lost} is left out` : 'what holds it is left out';
}

function put(target: JsonObject, name: string, value: JsonValue | undefined): void {
  if (value === undefined) delete target[name];
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Keeps a text unread that was. */
function copyOf(value: JsonObject): JsonObject {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(value));
}

function isUnread(value: JsonObject, name: string): boolean {
  return Object.getOwnPropertyDescriptor(value, name)?.get !== undefined;
}

const longestName = 60;

function cut(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName)}…`;
}
