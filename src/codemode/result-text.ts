/**
 * A script's value as JSON text of bounded length. What fits is written whole; what does not is cut where its structure
 * allows, so that the text is still valid JSON and says where something was left out and how much.
 *
 * Sizes are measured only as far as the budget reaches: a value that refers to one list a million times over costs no
 * more than the bytes that are written.
 */
import { Dict, List, Range, StarlarkSet, Tuple } from '../starlark/index.ts';
import type { Value } from '../starlark/index.ts';
import { badKey, elementsOf, JsonWriter, maxDepth, refusal, tooDeep } from './json-writer.ts';
import type { Place } from './json-writer.ts';

export interface ResultText {
  /** JSON of at most the bytes allowed. */
  readonly text: string;
  /** True when the value was too large and the text holds marks. */
  readonly cut: boolean;
  /** False when the text holds an integer that JavaScript's numbers would round. */
  readonly exactInJs: boolean;
}

/** Bytes that a member of a dict should have at the least; with more members than that allows, some are left out. */
const leastShare = 80;
/** Bytes that the longest mark takes. */
const markRoom = 130;
/** Finding out what fits takes writing some parts more than once: this many times the limit in all, and no more. */
const workFactor = 3;

/**
 * Writes `value` as JSON in at most `maxBytes` bytes of UTF-8 (a few hundred are needed for any mark to fit).
 * @throws CodeModeError `result_not_json` with the path to what JSON cannot hold
 */
export function toResultText(value: Value, maxBytes: number): ResultText {
  const progress = { largeInt: false, work: Infinity };
  const whole = new JsonWriter(maxBytes, { path: [], progress });
  if (whole.write(value)) return { text: whole.text(), cut: false, exactInJs: !progress.largeInt };
  const cutting = { largeInt: false, work: workFactor * maxBytes };
  const text = cutTo(value, maxBytes, { path: [], progress: cutting });
  return { text, cut: true, exactInJs: !cutting.largeInt };
}

/** The JSON of `value`, or undefined when it takes more than `maxBytes`. */
function write(value: Value, maxBytes: number, place: Place): string | undefined {
  const writer = new JsonWriter(maxBytes, place);
  return writer.write(value) ? writer.text() : undefined;
}

/** `value`, known to be larger than `maxBytes`, as JSON with marks. */
function cutTo(value: Value, maxBytes: number, place: Place): string {
  if (place.path.length >= maxDepth) throw refusal(place.path, tooDeep);
  if (typeof value === 'string') return cutString(value, maxBytes);
  if (value instanceof Dict) return cutDict(value, maxBytes, place);
  const items = elementsOf(value);
  if (items !== undefined) return cutList(items, countOf(value), maxBytes, place);
  // An integer of astronomic length.
  return mark('a number left out; return less of it');
}

function cutString(text: string, maxBytes: number): string {
  const shown = (kept: number): string =>
    JSON.stringify(
      `${text.slice(0, kept)}<cut: ${text.length - kept} of ${text.length} characters left out; return a part of it>`,
    );
  let kept = Math.max(0, Math.min(text.length, maxBytes - markRoom));
  let bytes = Buffer.byteLength(shown(kept));
  // Escapes and characters beyond ASCII take more than one byte each.
  while (kept > 0 && bytes > maxBytes) {
    kept = Math.floor(kept * Math.min(0.95, maxBytes / bytes));
    bytes = Buffer.byteLength(shown(kept));
  }
  // A surrogate pair is not parted.
  return shown(/[\uD800-\uDBFF]/u.test(text.charAt(kept - 1)) ? kept - 1 : kept);
}

/** Whole elements from the front; the first that does not fit is shown in part where there is room worth it. */
function cutList(items: Iterable<Value>, count: number, maxBytes: number, place: Place): string {
  let left = maxBytes - markRoom;
  const shown: string[] = [];
  for (const item of items) {
    const inside = { path: [...place.path, shown.length], progress: place.progress };
    const whole = write(item, left - 1, inside);
    if (whole === undefined && left < (shown.length === 0 ? 2 * markRoom : maxBytes / 4)) break;
    const text = whole ?? cutTo(item, left - 1, inside);
    shown.push(text);
    left -= Buffer.byteLength(text) + 1;
    if (whole === undefined) break;
  }
  const missing = count - shown.length;
  if (missing > 0)
    shown.push(mark(`${missing} of ${count} items left out; return fewer, or fewer fields of each`));
  return `[${shown.join(',')}]`;
}

/** Every key where possible: small members whole, the large ones cut to equal shares of what these leave. */
function cutDict(dict: Dict, maxBytes: number, place: Place): string {
  let left = maxBytes - markRoom;
  const candidates = [...dict.map].slice(0, Math.max(1, Math.floor(left / leastShare)));
  const fairShare = Math.floor(left / candidates.length);
  const members = candidates.map(([key, value]) => toMember(key, value, fairShare, place));
  for (const { text } of members) left -= Buffer.byteLength(text ?? '') + 1;
  const large = members.filter(({ text }) => text === undefined);
  const share = Math.floor(left / large.length);
  for (const member of large) member.text = largeMember(member, share);
  const shown = members.map(({ text }) => text).filter((text) => text !== undefined);
  const missing = dict.map.size - shown.length;
  if (missing > 0)
    shown.push(`${freeKey(dict)}:${mark(`${missing} of ${dict.map.size} keys left out; return fewer`)}`);
  return `{${shown.join(',')}}`;
}

interface Member {
  readonly keyText: string;
  readonly value: Value;
  readonly place: Place;
  /** Key and value as JSON; undefined while, or because, they do not fit. */
  text: string | undefined;
}

function toMember(key: unknown, value: Value, maxBytes: number, dictPlace: Place): Member {
  if (typeof key !== 'string') throw refusal(dictPlace.path, badKey(key));
  const place = { path: [...dictPlace.path, key], progress: dictPlace.progress };
  const keyText = `${JSON.stringify(key)}:`;
  const whole = write(value, maxBytes - Buffer.byteLength(keyText) - 1, place);
  return { keyText, value, place, text: whole === undefined ? undefined : keyText + whole };
}

function largeMember({ keyText, value, place }: Member, maxBytes: number): string | undefined {
  const room = maxBytes - Buffer.byteLength(keyText) - 1;
  const whole = write(value, room, place);
  if (whole !== undefined) return keyText + whole;
  return room < 2 * markRoom ? undefined : keyText + cutTo(value, room, place);
}

/** The mark's own key, which must not replace one of the script's. */
function freeKey(dict: Dict): string {
  let key = '<cut>';
  while (dict.map.has(key)) key = `<${key}>`;
  return JSON.stringify(key);
}

function mark(text: string): string {
  return JSON.stringify(`<cut: ${text}>`);
}

function countOf(value: Value): number {
  if (value instanceof List || value instanceof Tuple) return value.elems.length;
  if (value instanceof StarlarkSet) return value.map.size;
  return value instanceof Range ? value.length : 0;
}
