/** Writes Starlark values as JSON until a budget is used up, and can take back what did not fit. */
import { Dict, encodeJson, List, Range, StarlarkFloat, StarlarkSet, Tuple } from '../../../starlark/index.ts';
import type { Value } from '../../../starlark/index.ts';
import { CodeModeError } from '../shared/errors.ts';

/** Keys and indices from the result down to a value. */
export type Path = readonly (string | number)[];

/** Where in the result a value stands, and what writing all of it has come to so far. */
export interface Place {
  readonly path: Path;
  readonly progress: Progress;
}

export interface Progress {
  /** An integer beyond 2^53 was written. */
  largeInt: boolean;
  /** Bytes that may still be written, those included that are then found not to fit. */
  work: number;
  /** Bytes until `rest` is called: writing is work that nothing else interrupts. */
  untilRest: number;
  rest(): void;
}

/** Takes half a millisecond or so to write. */
export const restEveryBytes: number = 64 * 1024;

/** Deeper than this, JSON readers on the way to the model may give up. */
export const maxDepth = 200;
export const tooDeep: string = `it is nested more than ${maxDepth} levels deep`;

/** Holds at most the bytes it was given. Refuses what JSON cannot hold with the path to it. */
export class JsonWriter {
  readonly #progress: Progress;
  readonly #pieces: string[] = [];
  /** Keys and indices down to the value being written. */
  readonly #path: (string | number)[];
  /** The containers that hold the value being written, outermost first. */
  readonly #open: Value[] = [];
  #left: number;

  constructor(maxBytes: number, place: Place) {
    this.#left = maxBytes;
    this.#path = [...place.path];
    this.#progress = place.progress;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#left;
  }

  text(): string {
    return this.#pieces.join('');
  }

  /** Writes one item of a list, with a comma before it unless it is the first; or nothing, and false, if it does not fit. */
  writeItem(value: Value, index: number): boolean {
    const { length } = this.#pieces;
    const { length: depth } = this.#path;
    const left = this.#left;
    this.#path.push(index);
    const fits = (index === 0 || this.#put(',')) && this.write(value);
    if (!fits) {
      this.#pieces.length = length;
      this.#left = left;
      this.#open.length = 0;
    }
    this.#path.length = depth;
    return fits;
  }

  /**
   * False when the budget did not do; the writer then holds a part of the value.
   * @throws CodeModeError `result_not_json`
   */
  write(value: Value): boolean {
    if (value === null) return this.#put('null');
    if (typeof value === 'number' || typeof value === 'boolean') return this.#put(String(value));
    if (typeof value === 'string') return this.#putString(value);
    if (typeof value === 'bigint') return this.#putLargeInt(value);
    if (value instanceof StarlarkFloat) return this.#putFloat(value);
    const items = elementsOf(value);
    if (items === undefined && !(value instanceof Dict)) {
      throw refusal(
        this.#path,
        `${withArticle(kindOf(value))} cannot be part of a result${remedyFor(value)}`,
      );
    }
    if (this.#path.length >= maxDepth) throw this.#tooDeep();
    this.#open.push(value);
    const done = items === undefined ? this.#writeDict(value as Dict) : this.#writeList(items);
    this.#open.pop();
    return done;
  }

  /** A value without end is looked for only here: going down is the first thing that writing one does. */
  #tooDeep(): CodeModeError {
    const open = this.#open;
    const again = open.findIndex((value, index) => open.indexOf(value) < index);
    if (again === -1) return refusal(this.#path, tooDeep);
    const depth = this.#path.length - open.length + again;
    return refusal(this.#path.slice(0, depth), 'it contains itself');
  }

  #writeList(items: Iterable<Value>): boolean {
    if (!this.#put('[')) return false;
    const depth = this.#path.length;
    let index = 0;
    for (const item of items) {
      if (index > 0 && !this.#put(',')) return false;
      this.#path[depth] = index++;
      if (!this.write(item)) return false;
    }
    this.#path.length = depth;
    return this.#put(']');
  }

  #writeDict(dict: Dict): boolean {
    if (!this.#put('{')) return false;
    const depth = this.#path.length;
    let isFirst = true;
    for (const [key, value] of dict.map) {
      if (typeof key !== 'string') throw refusal(this.#path.slice(0, depth), badKey(key));
      if (!isFirst && !this.#put(',')) return false;
      this.#path[depth] = key;
      if (!this.#putString(key) || !this.#put(':') || !this.write(value)) return false;
      isFirst = false;
    }
    this.#path.length = depth;
    return this.#put('}');
  }

  /** `bytes` must be given where `text` is not ASCII. */
  #put(text: string, bytes: number = text.length): boolean {
    const progress = this.#progress;
    this.#left -= bytes;
    progress.work -= bytes;
    progress.untilRest -= bytes;
    if (progress.untilRest < 0) {
      progress.untilRest = restEveryBytes;
      progress.rest();
    }
    if (this.#left < 0 || progress.work < 0) return false;
    this.#pieces.push(text);
    return true;
  }

  #putString(text: string): boolean {
    if (text.length >= this.#left) return false;
    const json = JSON.stringify(text);
    return this.#put(json, Buffer.byteLength(json));
  }

  #putLargeInt(value: bigint): boolean {
    this.#progress.largeInt = true;
    // Hexadecimal digits cost nothing to count and are fewer than decimal ones, which for millions cost seconds.
    return value.toString(16).length <= this.#left && this.#put(encodeJson(value));
  }

  #putFloat(value: StarlarkFloat): boolean {
    if (!Number.isFinite(value.value))
      throw refusal(this.#path, `${value.value} has no place in JSON (return None, or text)`);
    return this.#put(encodeJson(value));
  }
}

/** The error for a value that JSON cannot hold. */
export function refusal(path: Path, why: string): CodeModeError {
  const steps = path.map((step) => `[${JSON.stringify(step)}]`).join('');
  const shown = steps.length > 500 ? `${steps.slice(0, 500)}...` : steps;
  return new CodeModeError('result_not_json', `the result cannot be written as JSON: result${shown}: ${why}`);
}

export function badKey(key: unknown): string {
  return `a key is ${withArticle(kindOf(key))}: keys must be strings (use str(key))`;
}

/** What JSON writes as an array; undefined for anything else. */
export function elementsOf(value: Value): Iterable<Value> | undefined {
  if (value instanceof List || value instanceof Tuple) return value.elems;
  if (value instanceof StarlarkSet) return value.map.values();
  return value instanceof Range ? numbersOf(value) : undefined;
}

function* numbersOf(range: Range): Generator<Value> {
  for (let index = 0; index < range.length; index++) yield range.at(index);
}

/** What the script can return in its place. */
function remedyFor(value: Value): string {
  const kind = kindOf(value);
  if (kind === 'bytes') return ': return str(b)';
  if (kind === 'function') return ': was a call meant?';
  if (kind === 'time.time') return ': return x.format("2006-01-02T15:04:05Z07:00")';
  return kind === 'time.duration' ? ': return str(x) or x.seconds' : '';
}

function withArticle(kind: string): string {
  if (kind === 'bytes' || kind === 'None') return kind;
  return `${/^[aeiou]/u.test(kind) ? 'an' : 'a'} ${kind}`;
}

function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value === null) return 'None';
  const { type } = value as { type?: unknown };
  return typeof type === 'string' ? type : 'function';
}
