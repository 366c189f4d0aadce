import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import { inPieces, pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asString, assertPositional, unpack } from '../values/arguments.ts';
import { attributeNames, noAttribute, tryAttr } from '../values/attributes.ts';
import { Bytes } from '../values/bytes.ts';
import { codePoint, countCodePoints, firstCodePoints, wholePair } from '../values/code-points.ts';
import { copying, scanning } from '../values/costs.ts';
import { isInt, shownInt } from '../values/int.ts';
import { tryIterate, withElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { beginRepr, beginStr, strInPieces } from '../values/repr.ts';
import { typeName } from '../values/type-name.ts';
import { utf8Length, writeUtf8 } from '../values/utf8.ts';
import type { Value } from '../values/value.ts';

/** The built-ins about text, attributes and output. */
export const inspectionBuiltins: readonly Builtin[] = [
  plainBuiltin('bytes', 'pieces', (thread, args, kwargs) => {
    assertPositional('bytes', args, kwargs, 1, 1);
    return toBytes(thread, args[0] as Value);
  }),
  plainBuiltin('chr', 'step', (_thread, args, kwargs) => {
    assertPositional('chr', args, kwargs, 1, 1);
    return characterOf(args[0] as Value);
  }),
  plainBuiltin('dir', 'step', (_thread, args, kwargs) => {
    assertPositional('dir', args, kwargs, 1, 1);
    return new List(attributeNames(args[0] as Value));
  }),
  plainBuiltin('fail', 'pieces', (thread, args, kwargs) => {
    const separator = separatorOf('fail', kwargs);
    return begin(thread, failed(thread, args, separator));
  }),
  plainBuiltin('getattr', 'step', (_thread, args, kwargs) => {
    assertPositional('getattr', args, kwargs, 2, 3);
    const name = asString('getattr', 2, args[1] as Value);
    const [x, , absent] = args as readonly [Value, Value, Value?];
    const value = tryAttr(x, name) ?? absent;
    if (value === undefined) throw noAttribute(x, name, 'getattr: ');
    return value;
  }),
  plainBuiltin('hasattr', 'step', (_thread, args, kwargs) => {
    assertPositional('hasattr', args, kwargs, 2, 2);
    return tryAttr(args[0] as Value, asString('hasattr', 2, args[1] as Value)) !== undefined;
  }),
  plainBuiltin('hash', 'paid', (thread, args, kwargs) => {
    assertPositional('hash', args, kwargs, 1, 1);
    return hash(thread, args[0] as Value);
  }),
  plainBuiltin('ord', 'pieces', (thread, args, kwargs) => {
    assertPositional('ord', args, kwargs, 1, 1);
    return ordinalOf(thread, args[0] as Value);
  }),
  plainBuiltin('print', 'pieces', (thread, args, kwargs) => {
    const separator = separatorOf('print', kwargs);
    const short = shortLine(args, separator);
    if (short === undefined) return begin(thread, printed(thread, args, separator));
    thread.print(short);
    return null;
  }),
  plainBuiltin('repr', 'pieces', (thread, args, kwargs) => {
    assertPositional('repr', args, kwargs, 1, 1);
    return beginRepr(thread, args[0] as Value);
  }),
  plainBuiltin('str', 'pieces', (thread, args, kwargs) => {
    if (args.length !== 1 || kwargs.size > 0) assertPositional('str', args, kwargs, 1, 1);
    return beginStr(thread, args[0] as Value);
  }),
  plainBuiltin('type', 'step', (_thread, args, kwargs) => {
    assertPositional('type', args, kwargs, 1, 1);
    return typeName(args[0] as Value);
  }),
];

function separatorOf(name: string, kwargs: Kwargs): string {
  const [sep] = unpack(name, [], kwargs, ['sep'], 0);
  return sep === undefined ? ' ' : asString(name, 'sep', sep);
}

/** The line that a few short texts and numbers make; undefined for anything else. */
function shortLine(args: readonly Value[], separator: string): string | undefined {
  if (args.length > 10 || separator.length > 100) return undefined;
  let line = '';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as Value;
    if (typeof arg === 'string' ? arg.length > 1000 : typeof arg !== 'number') return undefined;
    line += i === 0 ? String(arg) : separator + String(arg);
  }
  return line;
}

function* printed(thread: Thread, args: readonly Value[], separator: string): Pieces<null> {
  thread.print(yield* joined(thread, args, separator));
  return null;
}

function* failed(thread: Thread, args: readonly Value[], separator: string): Pieces<never> {
  throw new StarlarkError('fail', `fail: ${yield* joined(thread, args, separator)}`);
}

/** The arguments of `print` and `fail` as one text. */
function* joined(thread: Thread, args: readonly Value[], separator: string): Pieces<string> {
  if (args.length === 1) return yield* strInPieces(thread, args[0] as Value);
  const texts: string[] = [];
  let length = separator.length * Math.max(0, args.length - 1);
  for (const arg of args) {
    if (thread.piece(perArgument)) yield uncounted;
    const text = yield* strInPieces(thread, arg);
    length += text.length;
    texts.push(text);
  }
  thread.charge(length);
  thread.make(copying(length));
  return texts.join(separator);
}

/** Each of `print`'s arguments, in elements. */
const perArgument = 24;

function toBytes(thread: Thread, value: Value): Begun {
  if (value instanceof Bytes) return value;
  if (typeof value === 'string')
    return value.length <= shortText ? encodeShort(thread, value) : begin(thread, encoded(thread, value));
  const items = tryIterate(thread, value);
  if (items === undefined) {
    throw new StarlarkError('type', `bytes: got ${typeName(value)}, want string, bytes, or iterable of ints`);
  }
  return withElements(thread, items, (elements) => {
    thread.charge(16 + elements.length);
    const data = new Uint8Array(elements.length);
    const fill = (from: number, to: number): void => {
      for (let i = from; i < to; i++) data[i] = byteOf(elements[i] as Value, i);
    };
    return inPieces(thread, elements.length, 1, fill, () => new Bytes(data));
  });
}

/** A text up to this long is encoded at once. */
const shortText = 4096;

function encodeShort(thread: Thread, text: string): Bytes {
  thread.work(text.length);
  const length = utf8Length(text);
  thread.charge(16 + length);
  const data = new Uint8Array(length);
  writeUtf8(data, 0, text, 0, text.length);
  return new Bytes(data);
}

function* encoded(thread: Thread, text: string): Pieces<Bytes> {
  let length = 0;
  yield* pieces(thread, text.length, perUnit, (from, to) => {
    length += utf8Length(text.slice(wholePair(text, from), wholePair(text, to)));
  });
  thread.charge(16 + length);
  thread.make(copying(length));
  const data = new Uint8Array(length);
  let at = 0;
  yield* pieces(thread, text.length, perUnit, (from, to) => {
    at = writeUtf8(data, at, text, wholePair(text, from), wholePair(text, to));
  });
  return new Bytes(data);
}

/** Each unit of a text that is measured, or encoded, in elements. */
const perUnit = 0.5;

function byteOf(value: Value, i: number): number {
  if (!isInt(value))
    throw new StarlarkError('type', `bytes: at index ${i}, got ${typeName(value)}, want int`);
  if (value >= 0 && value <= 255) return Number(value);
  throw new StarlarkError('value', `bytes: at index ${i}, ${shownInt(value)} out of range [0, 256)`);
}

function characterOf(value: Value): string {
  if (!isInt(value)) throw new StarlarkError('type', `chr: got ${typeName(value)}, want int`);
  if (value < 0)
    throw new StarlarkError('value', `chr: Unicode code point ${shownInt(value)} out of range (<0)`);
  if (value > 0x10ffff) {
    const shown = typeof value === 'number' ? `U+${value.toString(16).toUpperCase()}` : shownInt(value);
    throw new StarlarkError('value', `chr: Unicode code point ${shown} out of range (>0x10FFFF)`);
  }
  const code = Number(value);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
}

function ordinalOf(thread: Thread, value: Value): Begun {
  if (typeof value === 'string') {
    if (value.length > 0 && value.length === firstCodePoints(value, 1).length) return codePoint(value);
    return begin(thread, refuseOrdinal(thread, value));
  }
  if (!(value instanceof Bytes))
    throw new StarlarkError('type', `ord: got ${typeName(value)}, want string or bytes`);
  if (value.data.length === 1) return value.data[0] as number;
  throw new StarlarkError('value', `ord: bytes has length ${value.data.length}, want 1`);
}

function* refuseOrdinal(thread: Thread, text: string): Pieces<never> {
  const count = yield* countCodePoints(thread, text);
  throw new StarlarkError('value', `ord: string encodes ${count} Unicode code points, want 1`);
}

/** Java's hash of a string, 32-bit FNV-1a of bytes: the same in every implementation. */
function hash(thread: Thread, value: Value): number {
  let result = 0;
  if (typeof value === 'string') {
    thread.work(scanning(value.length));
    for (let i = 0; i < value.length; i++) result = (Math.imul(result, 31) + value.charCodeAt(i)) | 0;
    return result;
  }
  if (!(value instanceof Bytes)) {
    throw new StarlarkError('type', `hash: got ${typeName(value)}, want string or bytes`);
  }
  thread.work(scanning(value.data.length));
  result = 0x811c9dc5;
  for (const byte of value.data) result = Math.imul(result ^ byte, 0x01000193);
  return result >>> 0;
}
