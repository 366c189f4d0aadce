/**
 * A script's value as JSON text of bounded length. What fits is written whole; what does not is cut where its structure
 * allows, so that the text is still valid JSON and says where something was left out and how much.
 *
 * Sizes are measured only as far as the budget reaches: a value that refers to one list a million times over costs no
 * more than the bytes that are written.
 */
import { Dict, List, Range, StarlarkSet, Tuple } from '../../../starlark/index.ts';
import type { Value } from '../../../starlark/index.ts';
import { badKey, elementsOf, JsonWriter, maxDepth, refusal, restEveryBytes, tooDeep } from './json-writer.ts';
import type { Place } from './json-writer.ts';

export interface ResultText {
  /** JSON of at most the bytes allowed. */
  readonly text: string;
  /** True when the value was too large and the text holds marks. */
  readonly cut: boolean;
  /** False when the text holds an integer that JavaScript's numbers would round. */
  readonly exactInJs: boolean;
}

/** Bytes that a member of a dict has at the least, or all that it needs; members that find no such place are left out. */
const leastShare = 80;
/** Bytes that the longest mark takes. */
const markRoom = 130;
/** Bytes that a large member of a dict needs for a part of it, its key and its mark. */
const leastCut = 3 * markRoom;
/**
 * Finding out what fits takes writing some parts more than once, on each level of nesting anew: this many times the
 * limit in all, and no more.
 */
const workFactor = 12;

/**
 * Writes `value` as JSON in at most `maxBytes` bytes of UTF-8 (a few hundred are needed for any mark to fit).
 * @param rest called now and then meanwhile
 * @throws CodeModeError `result_not_json` with the path to what JSON cannot hold
 */
export function toResultText(value: Value, maxBytes: number, rest: () => void = () => undefined): ResultText {
  const start = { largeInt: false, untilRest: restEveryBytes, rest };
  const progress = { ...start, work: Infinity };
  const whole = new JsonWriter(maxBytes, { path: [], progress });
  if (whole.write(value)) return { text: whole.text(), cut: false, exactInJs: !progress.largeInt };
  const cutting = { ...start, work: workFactor * maxBytes };
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

/**
 * As many keys as have a place: small members whole, the large ones cut to equal shares of what these leave. Where the
 * shares would be too small to show anything, the last of the large ones are left out instead.
 */
function cutDict(dict: Dict, maxBytes: number, place: Place): string {
  const room = maxBytes - markRoom;
  const members = candidates(dict, room, place);
  let large = unwritten(members);
  writeWhole(large, Math.floor((room - bytesOf(members)) / large.length));
  large = unwritten(members);
  const left = room - bytesOf(members);
  const places = Math.min(large.length, Math.floor(left / leastCut));
  for (const member of large.slice(0, places)) member.text = largeMember(member, Math.floor(left / places));
  fillUp(large.slice(places), room - bytesOf(members));
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
  /** The most bytes, with the comma, that the whole member was found not to fit into. */
  tooFew: number;
}

/** The first members that fit when each is whole or has the least share; those that need no more than that are written. */
function candidates(dict: Dict, maxBytes: number, place: Place): Member[] {
  const members: Member[] = [];
  let left = maxBytes;
  for (const [key, value] of dict.map) {
    if (typeof key !== 'string') throw refusal(place.path, badKey(key));
    const inside = { path: [...place.path, key], progress: place.progress };
    const member: Member = {
      keyText: `${JSON.stringify(key)}:`,
      value,
      place: inside,
      text: undefined,
      tooFew: 0,
    };
    writeWhole([member], leastShare);
    left -= member.text === undefined ? leastShare : Buffer.byteLength(member.text) + 1;
    if (left < 0) break;
    members.push(member);
  }
  return members;
}

/** Writes those members that take no more than `maxBytes` each, with their comma. */
function writeWhole(members: readonly Member[], maxBytes: number): void {
  for (const member of members) {
    if (maxBytes <= member.tooFew) continue;
    const { keyText, value, place } = member;
    const whole = write(value, maxBytes - Buffer.byteLength(keyText) - 1, place);
    if (whole === undefined) member.tooFew = maxBytes;
    else member.text = keyText + whole;
  }
}

/** Writes whole members into what those before them left over, up to the first that does not fit. */
function fillUp(members: readonly Member[], maxBytes: number): void {
  let left = maxBytes;
  for (const member of members) {
    writeWhole([member], left);
    if (member.text === undefined) return;
    left -= Buffer.byteLength(member.text) + 1;
  }
}

function unwritten(members: readonly Member[]): Member[] {
  return members.filter(({ text }) => text === undefined);
}

function bytesOf(members: readonly Member[]): number {
  return members.reduce((sum, { text }) => sum + (text === undefined ? 0 : Buffer.byteLength(text) + 1), 0);
}

/** A member whole or in part; undefined where its key alone takes the room. */
function largeMember(member: Member, maxBytes: number): string | undefined {
  writeWhole([member], maxBytes);
  const { text, keyText, value, place } = member;
  if (text !== undefined) return text;
  const room = maxBytes - Buffer.byteLength(keyText) - 1;
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
