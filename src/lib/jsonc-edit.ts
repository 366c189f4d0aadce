/** Changes one member of a JSON text with comments, and leaves every other character as it is. */
import { JsoncError, parseJsonc } from './jsonc.ts';

/** A member of an object, by offsets into the text; ends are exclusive. */
interface Member {
  readonly name: string;
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Behind the comma that follows; undefined where there is none. */
  readonly commaEnd: number | undefined;
}

interface ObjectPlace {
  /** Of its braces. */
  readonly open: number;
  readonly close: number;
  readonly members: readonly Member[];
}

/**
 * Sets the member at a path, and makes the objects on the way where they are missing.
 * @throws JsoncError when the text is not JSON, or not an object where the path needs one
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  if (text.trim() === '') return `${JSON.stringify(nested(path, value), undefined, 2)}\n`;
  parseJsonc(text);
  const { object, rest } = descend(text, path);
  const [name = '', ...below] = rest;
  const style = styleOf(text);
  const member = object.members.find((each) => each.name === name);
  if (member !== undefined) {
    const indent = indentAt(text, member.start);
    const written = toText(value, indent, style);
    return text.slice(0, member.valueStart) + written + text.slice(member.valueEnd);
  }
  return insert(text, object, { name, value: nested(below, value) }, style);
}

/**
 * Takes the member at a path away; the text itself where there is none.
 * @throws JsoncError when the text is not JSON
 */
export function removeMember(text: string, path: readonly string[]): string {
  if (text.trim() === '') return text;
  parseJsonc(text);
  const { object, rest } = descend(text, path);
  const index = rest.length === 1 ? object.members.findIndex(({ name }) => name === rest[0]) : -1;
  const member = object.members[index];
  if (member === undefined) return text;
  const [from, to] = wholeLine(text, member.start, member.commaEnd ?? member.valueEnd);
  const without = text.slice(0, from) + text.slice(to);
  const before = object.members[index - 1];
  // The one before it is last now, and keeps its comma only where the last one had one.
  const isLast = index === object.members.length - 1 && member.commaEnd === undefined;
  if (!isLast || before?.commaEnd === undefined) return without;
  return without.slice(0, before.commaEnd - 1) + without.slice(before.commaEnd);
}

/** Follows the path as far as there are objects; `rest` is what is left of it, the last name at the least. */
function descend(text: string, path: readonly string[]): { object: ObjectPlace; rest: readonly string[] } {
  let object = objectAt(text, skipTo(text, 0));
  for (const [index, name] of path.slice(0, -1).entries()) {
    const member = object.members.find((each) => each.name === name);
    if (member === undefined) return { object, rest: path.slice(index) };
    object = objectAt(text, member.valueStart);
  }
  return { object, rest: path.slice(-1) };
}

function objectAt(text: string, at: number): ObjectPlace {
  if (text[at] !== '{') throw new JsoncError('an object', text, at);
  const members: Member[] = [];
  let next = skipTo(text, at + 1);
  while (text[next] !== '}') {
    const start = next;
    const nameEnd = valueEnd(text, start);
    const valueStart = skipTo(text, skipTo(text, nameEnd) + 1);
    const end = valueEnd(text, valueStart);
    next = skipTo(text, end);
    const commaEnd = text[next] === ',' ? next + 1 : undefined;
    if (commaEnd !== undefined) next = skipTo(text, commaEnd);
    const name = JSON.parse(text.slice(start, nameEnd)) as string;
    members.push({ name, start, valueStart, valueEnd: end, commaEnd });
  }
  return { open: at, close: next, members };
}

const passedOver = /(?:[\s\uFEFF]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const literal = /"(?:[^"\\\n]|\\.)*"|[^\s,\]}/]+/y;

/** The offset of what counts next: no space and no comment. */
function skipTo(text: string, from: number): number {
  passedOver.lastIndex = from;
  passedOver.test(text);
  return passedOver.lastIndex;
}

/** The end of the value that begins at an offset. The text is known to be sound. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const char = text.charAt(at);
    if ('{['.includes(char)) depth++;
    else if ('}]'.includes(char)) depth--;
    if ('{}[],:'.includes(char)) at++;
    else {
      literal.lastIndex = at;
      literal.test(text);
      at = literal.lastIndex;
    }
    if (depth > 0) at = skipTo(text, at);
  } while (depth > 0);
  return at;
}

interface Style {
  readonly unit: string;
  readonly lineBreak: string;
}

function styleOf(text: string): Style {
  const [, unit = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  return { unit, lineBreak: text.includes('\r\n') ? '\r\n' : '\n' };
}

function insert(
  text: string,
  { open, close, members }: ObjectPlace,
  { name, value }: { readonly name: string; readonly value: unknown },
  style: Style,
): string {
  const key = JSON.stringify(name);
  const last = members.at(-1);
  const comma = last === undefined || last.commaEnd !== undefined ? '' : ',';
  const isOneLine = last !== undefined && !text.slice(open, close).includes('\n');
  const end = text.slice(0, close).trimEnd().length;
  const afterLast = last === undefined ? end : last.valueEnd;
  const head = text.slice(0, afterLast) + comma + text.slice(afterLast, end);
  if (isOneLine) return `${head} ${key}: ${JSON.stringify(value)}${text.slice(end)}`;
  const indent = last === undefined ? indentAt(text, open) + style.unit : indentAt(text, last.start);
  const member = `${style.lineBreak}${indent}${key}: ${toText(value, indent, style)}`;
  const tail = text.slice(end, close).includes('\n')
    ? text.slice(end)
    : `${style.lineBreak}${indentAt(text, open)}${text.slice(close)}`;
  return head + member + tail;
}

/** From the line break before a stretch to its end, with the comment that shares its last line. */
function wholeLine(text: string, start: number, end: number): [from: number, to: number] {
  const before = /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, start));
  const [comment = ''] = /^[ \t]*(?:\/\/[^\n]*)?(?=\r?\n|$)/.exec(text.slice(end)) ?? [];
  return [start - (before?.[0].length ?? 0), end + comment.length];
}

/** The space before the first character of an offset's line. */
function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function toText(value: unknown, indent: string, { unit, lineBreak }: Style): string {
  return JSON.stringify(value, undefined, unit).replaceAll('\n', `${lineBreak}${indent}`);
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}
