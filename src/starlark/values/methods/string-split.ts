/** The string methods that cut text into pieces, strip its ends, or put pieces together. */
import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Thread } from '../../eval/thread.ts';
import { asBool, asElements, asIndex, asString, assertPositional, unpack } from '../arguments.ts';
import { List } from '../list.ts';
import { searchFor, shortSeparator } from '../text-search.ts';
import { typeName } from '../type-name.ts';
import type { Value } from '../value.ts';
import { isSpace } from './characters.ts';
import { method, method1, type Method } from './method.ts';

export const splitMethods: readonly Method<string>[] = [
  method1('join', (thread, separator, parts) =>
    join(thread, separator, asElements(thread, 'join', 1, parts)),
  ),
  stripper('lstrip', true, false),
  method('rsplit', (thread, text, args, kwargs) => {
    const { separator, limit } = splitArguments(thread, 'rsplit', text, args, kwargs);
    return makeList(
      thread,
      separator === undefined ? splitSpaceRight(text, limit) : splitRight(thread, text, separator, limit),
    );
  }),
  stripper('rstrip', false, true),
  method(
    'split',
    (thread, text, args, kwargs) => {
      const { separator, limit } = splitArguments(thread, 'split', text, args, kwargs);
      return makeList(
        thread,
        separator === undefined ? splitSpace(text, limit) : splitLeft(thread, text, separator, limit),
      );
    },
    {
      call1: (thread, text, separator) => {
        const given = asSeparator('split', separator);
        thread.work(text.length >>> 3);
        return makeList(
          thread,
          given === undefined ? splitSpace(text, -1) : splitLeft(thread, text, given, -1),
        );
      },
    },
  ),
  method('splitlines', (thread, text, args, kwargs) => {
    const [keep] = unpack('splitlines', args, kwargs, ['keepends'], 0);
    thread.work(text.length);
    return makeList(thread, splitLines(text, keep !== undefined && asBool('splitlines', 1, keep)));
  }),
  stripper('strip', true, true),
];

function join(thread: Thread, separator: string, parts: readonly Value[]): string {
  let length = separator.length * Math.max(0, parts.length - 1);
  for (const part of parts) {
    if (typeof part !== 'string') {
      throw new StarlarkError(
        'type',
        `join: in list, want string, got ${typeName(part)} (convert with str(x) first)`,
      );
    }
    length += part.length;
  }
  thread.charge(16 + length);
  if (parts.length > 1000) return (parts as readonly string[]).join(separator);
  let text = (parts[0] as string | undefined) ?? '';
  for (let i = 1; i < parts.length; i++) text += separator + (parts[i] as string);
  return text;
}

function stripper(name: string, left: boolean, right: boolean): Method<string> {
  return method(name, (thread, text, args, kwargs) => {
    assertPositional(name, args, kwargs, 0, 1);
    const cutset = args[0] === undefined || args[0] === null ? '' : asString(name, 1, args[0]);
    const cuts = cutset === '' ? undefined : new Set(Array.from(cutset));
    thread.work(cutset.length);
    const stripped = cuts === undefined ? stripSpace(text, left, right) : stripSet(text, cuts, left, right);
    thread.work((text.length - stripped.length) >>> 3);
    return stripped;
  });
}

function stripSpace(text: string, left: boolean, right: boolean): string {
  let start = 0;
  let end = text.length;
  if (left) while (start < end && isSpace(text.charCodeAt(start))) start++;
  if (right) while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function stripSet(text: string, cuts: ReadonlySet<string>, left: boolean, right: boolean): string {
  let start = 0;
  let end = text.length;
  while (left && start < end) {
    const character = String.fromCodePoint(text.codePointAt(start) as number);
    if (!cuts.has(character)) break;
    start += character.length;
  }
  while (right && end > start) {
    const pair = text.slice(Math.max(start, end - 2), end);
    const character =
      pair.length === 2 && (pair.codePointAt(0) as number) > 0xffff ? pair : text.charAt(end - 1);
    if (!cuts.has(character)) break;
    end -= character.length;
  }
  return text.slice(start, end);
}

interface Split {
  /** Undefined splits at white space. */
  readonly separator: string | undefined;
  /** How many cuts at most; negative for no limit. */
  readonly limit: number;
}

function splitArguments(
  thread: Thread,
  name: string,
  text: string,
  args: readonly Value[],
  kwargs: Kwargs,
): Split {
  const [separator, limit] = unpack(name, args, kwargs, ['sep', 'maxsplit'], 0);
  thread.work(text.length >>> 3);
  const cuts = limit === undefined ? -1 : asIndex(name, 'maxsplit', limit);
  return { separator: asSeparator(name, separator ?? null), limit: cuts };
}

/** Undefined for None: white space. */
function asSeparator(name: string, separator: Value): string | undefined {
  if (separator === null) return undefined;
  if (typeof separator !== 'string') {
    throw new StarlarkError('type', `${name}: got ${typeName(separator)} for separator, want string`);
  }
  if (separator === '') throw new StarlarkError('value', `${name}: empty separator`);
  return separator;
}

function makeList(thread: Thread, pieces: string[]): List {
  let bytes = 32;
  for (const piece of pieces) bytes += 24 + piece.length;
  thread.charge(bytes);
  thread.work(8 * pieces.length);
  return new List(pieces);
}

function splitLeft(thread: Thread, text: string, separator: string, limit: number): string[] {
  if (limit < 0 && separator.length <= shortSeparator) return text.split(separator);
  const search = searchFor(thread, text, separator);
  const pieces: string[] = [];
  let from = 0;
  for (let at = search.first(0); at >= 0 && pieces.length !== limit; at = search.first(from)) {
    pieces.push(text.slice(from, at));
    from = at + separator.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function splitRight(thread: Thread, text: string, separator: string, limit: number): string[] {
  const search = searchFor(thread, text, separator, 'backwards');
  const pieces: string[] = [];
  let end = text.length;
  while ((limit < 0 || pieces.length < limit) && end >= separator.length) {
    const at = search.last(end);
    if (at < 0) break;
    pieces.push(text.slice(at + separator.length, end));
    end = at;
  }
  pieces.push(text.slice(0, end));
  return pieces.reverse();
}

function splitSpace(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at === text.length) return pieces;
    if (limit >= 0 && pieces.length === limit) {
      pieces.push(text.slice(at));
      return pieces;
    }
    const start = at;
    while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
    pieces.push(text.slice(start, at));
  }
}

function splitSpaceRight(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let end = text.length;
  for (;;) {
    while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
    if (end === 0) break;
    if (limit >= 0 && pieces.length === limit) {
      pieces.push(text.slice(0, end));
      break;
    }
    const stop = end;
    while (end > 0 && !isSpace(text.charCodeAt(end - 1))) end--;
    pieces.push(text.slice(end, stop));
  }
  return pieces.reverse();
}

function splitLines(text: string, keepEnds: boolean): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== 10 && unit !== 13) continue;
    const next = unit === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
    lines.push(text.slice(start, keepEnds ? next : at));
    start = next;
    at = next - 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
