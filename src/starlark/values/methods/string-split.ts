/** The string methods that cut text into pieces, or put pieces together. */
import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import { inPieces, pieces, type Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asBool, asElements, asIndex, unpack } from '../arguments.ts';
import { copying, perValue, scanning } from '../costs.ts';
import { List } from '../list.ts';
import { places, placesFromEnd } from '../text-search.ts';
import { typeName } from '../type-name.ts';
import type { Value } from '../value.ts';
import { isSpace } from './characters.ts';
import { method, method1, type Method } from './method.ts';

export const splitMethods: readonly Method<string>[] = [
  method1('join', 'pieces', (thread, separator, parts) =>
    join(thread, separator, asElements(thread, 'join', 1, parts)),
  ),
  method('rsplit', 'pieces', (thread, text, args, kwargs) => {
    const { separator, limit } = splitArguments('rsplit', args, kwargs);
    return begin(
      thread,
      separator === undefined
        ? splitSpaceRight(thread, text, limit)
        : splitRight(thread, text, separator, limit),
    );
  }),
  method(
    'split',
    'pieces',
    (thread, text, args, kwargs) => {
      const { separator, limit } = splitArguments('split', args, kwargs);
      return separator === undefined
        ? splitSpace(thread, text, limit)
        : splitLeft(thread, text, separator, limit);
    },
    {
      call0: (thread, text) => splitSpace(thread, text, -1),
      call1: (thread, text, separator) => {
        const given = asSeparator('split', separator);
        return given === undefined ? splitSpace(thread, text, -1) : splitLeft(thread, text, given, -1);
      },
    },
  ),
  method('splitlines', 'pieces', (thread, text, args, kwargs) => {
    const [keep] = unpack('splitlines', args, kwargs, ['keepends'], 0);
    const keepEnds = keep !== undefined && asBool('splitlines', 1, keep);
    thread.work(copying(text.length));
    return begin(
      thread,
      text.includes('\r') ? splitMixedLines(thread, text, keepEnds) : splitLines(thread, text, keepEnds),
    );
  }),
];

/** Looking at a part before it is joined with others, and joining it: in elements. */
const perPart = 2;
/** So many parts are joined at once. */
const fewParts = 1000;

function join(thread: Thread, separator: string, parts: readonly Value[]): Begun {
  if (parts.length > fewParts) return begin(thread, joinMany(thread, separator, parts));
  const length = lengthOf(parts, 0, parts.length) + separator.length * Math.max(0, parts.length - 1);
  thread.charge(16 + length);
  thread.make(perPart * parts.length + copying(length));
  let text = (parts[0] as string | undefined) ?? '';
  for (let i = 1; i < parts.length; i++) text += separator + (parts[i] as string);
  return text;
}

/** How long some of the parts are in all. Fails where one is no text. */
function lengthOf(parts: readonly Value[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) {
    const part = parts[i] as Value;
    if (typeof part !== 'string') {
      throw new StarlarkError(
        'type',
        `join: in list, want string, got ${typeName(part)} (convert with str(x) first)`,
      );
    }
    length += part.length;
  }
  return length;
}

function* joinMany(thread: Thread, separator: string, parts: readonly Value[]): Pieces<string> {
  let length = separator.length * (parts.length - 1);
  yield* pieces(thread, parts.length, perPart, (from, to) => {
    length += lengthOf(parts, from, to);
  });
  thread.charge(16 + length);
  thread.make(copying(length));
  const joined: string[] = [];
  yield* pieces(thread, parts.length, perPart, (from, to) => {
    joined.push((parts.slice(from, to) as string[]).join(separator));
  });
  return joined.join(separator);
}

interface Split {
  /** Undefined splits at white space. */
  readonly separator: string | undefined;
  /** How many cuts at most; negative for no limit. */
  readonly limit: number;
}

function splitArguments(name: string, args: readonly Value[], kwargs: Kwargs): Split {
  const [separator, limit] = unpack(name, args, kwargs, ['sep', 'maxsplit'], 0);
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

/** Texts up to this long are split at once. */
const shortText = 2 ** 14;
/** As JavaScript's own `split` does quickly, for separators up to this long. */
const shortSeparator = 100;

/** So many pieces of a text are paid for at once. */
const paidTogether = 32;

/** The pieces of a text, which are paid for as they are found. */
class Cuttings {
  readonly texts: string[] = [];
  readonly #thread: Thread;

  constructor(thread: Thread, text: string) {
    this.#thread = thread;
    thread.charge(32 + text.length);
  }

  add(text: string): void {
    if (this.texts.push(text) % paidTogether !== 0) return;
    this.#thread.charge(24 * paidTogether);
    this.#thread.work(perValue * paidTogether);
  }

  /** All of them; what is not paid yet is paid now. */
  toList(): List {
    const unpaid = this.texts.length % paidTogether;
    this.#thread.charge(24 * unpaid);
    this.#thread.work(perValue * unpaid);
    return new List(this.texts);
  }

  /** The same, the last first. */
  toReversedList(): List {
    this.#thread.work(this.texts.length);
    this.texts.reverse();
    return this.toList();
  }
}

function splitLeft(thread: Thread, text: string, separator: string, limit: number): Begun {
  if (limit >= 0 || text.length > shortText || separator.length > shortSeparator)
    return begin(thread, splitLong(thread, text, separator, limit));
  thread.work(scanning(text.length));
  const parts = text.split(separator);
  thread.charge(32 + text.length + 24 * parts.length);
  thread.work(perValue * parts.length);
  return new List(parts);
}

function* splitLong(thread: Thread, text: string, separator: string, limit: number): Pieces<List> {
  const cuttings = new Cuttings(thread, text);
  let from = 0;
  if (limit !== 0) {
    yield* places(thread, text, separator, (at) => {
      cuttings.add(text.slice(from, at));
      from = at + separator.length;
      return cuttings.texts.length === limit;
    });
  }
  cuttings.add(text.slice(from));
  return cuttings.toList();
}

function* splitRight(thread: Thread, text: string, separator: string, limit: number): Pieces<List> {
  const cuttings = new Cuttings(thread, text);
  let end = text.length;
  if (limit !== 0) {
    yield* placesFromEnd(thread, text, separator, (at) => {
      cuttings.add(text.slice(at + separator.length, end));
      end = at;
      return cuttings.texts.length === limit;
    });
  }
  cuttings.add(text.slice(0, end));
  return cuttings.toReversedList();
}

/** Looking at a unit of text, in elements. */
const perUnit = 0.5;

function splitSpace(thread: Thread, text: string, limit: number): Begun {
  const cuttings = new Cuttings(thread, text);
  /** Where a word has begun; -1 between words. */
  let start = -1;
  const look = (from: number, to: number): boolean => {
    for (let at = from; at < to; at++) {
      if (isSpace(text.charCodeAt(at))) {
        if (start >= 0) cuttings.add(text.slice(start, at));
        start = -1;
      } else if (start < 0) {
        start = at;
        if (cuttings.texts.length === limit) return true;
      }
    }
    return false;
  };
  return inPieces(thread, text.length, perUnit, look, () => {
    if (start >= 0) cuttings.add(text.slice(start));
    return cuttings.toList();
  });
}

function* splitSpaceRight(thread: Thread, text: string, limit: number): Pieces<List> {
  const cuttings = new Cuttings(thread, text);
  /** Where a word ends; -1 between words. */
  let end = -1;
  yield* pieces(thread, text.length, perUnit, (from, to) => {
    for (let at = text.length - 1 - from; at >= text.length - to; at--) {
      if (isSpace(text.charCodeAt(at))) {
        if (end >= 0) cuttings.add(text.slice(at + 1, end));
        end = -1;
      } else if (end < 0) {
        end = at + 1;
        if (cuttings.texts.length === limit) return true;
      }
    }
    return false;
  });
  if (end >= 0) cuttings.add(text.slice(0, end));
  return cuttings.toReversedList();
}

/** The lines of a text whose lines all end in `\n`. */
function* splitLines(thread: Thread, text: string, keepEnds: boolean): Pieces<List> {
  const cuttings = new Cuttings(thread, text);
  let start = 0;
  yield* places(thread, text, '\n', (at) => {
    cuttings.add(text.slice(start, keepEnds ? at + 1 : at));
    start = at + 1;
  });
  if (start < text.length) cuttings.add(text.slice(start));
  return cuttings.toList();
}

/** The same where some end in `\r`, or in both. */
function* splitMixedLines(thread: Thread, text: string, keepEnds: boolean): Pieces<List> {
  const cuttings = new Cuttings(thread, text);
  let start = 0;
  yield* pieces(thread, text.length, perUnit, (from, to) => {
    for (let at = Math.max(from, start); at < to; at++) {
      const unit = text.charCodeAt(at);
      if (unit !== 10 && unit !== 13) continue;
      const next = unit === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
      cuttings.add(text.slice(start, keepEnds ? next : at));
      start = next;
      at = next - 1;
    }
  });
  if (start < text.length) cuttings.add(text.slice(start));
  return cuttings.toList();
}
