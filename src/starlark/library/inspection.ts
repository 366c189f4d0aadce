import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import type { Thread } from '../eval/thread.ts';
import { asString, assertPositional, unpack } from '../values/arguments.ts';
import { attributeNames, noAttribute, tryAttr } from '../values/attributes.ts';
import { Bytes } from '../values/bytes.ts';
import { codePoint } from '../values/elems.ts';
import { isInt } from '../values/int.ts';
import { tryElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { repr, toStr } from '../values/repr.ts';
import { typeName } from '../values/type-name.ts';
import { encodeUtf8 } from '../values/utf8.ts';
import type { Value } from '../values/value.ts';

/** The built-ins about text, attributes and output. */
export const inspectionBuiltins: readonly Builtin[] = [
  plainBuiltin('bytes', (thread, args, kwargs) => {
    assertPositional('bytes', args, kwargs, 1, 1);
    return toBytes(thread, args[0] as Value);
  }),
  plainBuiltin('chr', (_thread, args, kwargs) => {
    assertPositional('chr', args, kwargs, 1, 1);
    return characterOf(args[0] as Value);
  }),
  plainBuiltin('dir', (_thread, args, kwargs) => {
    assertPositional('dir', args, kwargs, 1, 1);
    return new List(attributeNames(args[0] as Value));
  }),
  plainBuiltin('fail', (thread, args, kwargs) => {
    throw new StarlarkError('fail', `fail: ${joined(thread, 'fail', args, kwargs)}`);
  }),
  plainBuiltin('getattr', (_thread, args, kwargs) => {
    assertPositional('getattr', args, kwargs, 2, 3);
    const name = asString('getattr', 2, args[1] as Value);
    const [x, , absent] = args as readonly [Value, Value, Value?];
    const value = tryAttr(x, name) ?? absent;
    if (value === undefined) throw noAttribute(x, name, 'getattr: ');
    return value;
  }),
  plainBuiltin('hasattr', (_thread, args, kwargs) => {
    assertPositional('hasattr', args, kwargs, 2, 2);
    return tryAttr(args[0] as Value, asString('hasattr', 2, args[1] as Value)) !== undefined;
  }),
  plainBuiltin('hash', (thread, args, kwargs) => {
    assertPositional('hash', args, kwargs, 1, 1);
    return hash(thread, args[0] as Value);
  }),
  plainBuiltin('ord', (_thread, args, kwargs) => {
    assertPositional('ord', args, kwargs, 1, 1);
    return ordinalOf(args[0] as Value);
  }),
  plainBuiltin('print', (thread, args, kwargs) => {
    thread.print(joined(thread, 'print', args, kwargs));
    return null;
  }),
  plainBuiltin('repr', (thread, args, kwargs) => {
    assertPositional('repr', args, kwargs, 1, 1);
    return repr(thread, args[0] as Value);
  }),
  plainBuiltin('str', (thread, args, kwargs) => {
    if (args.length !== 1 || kwargs.size > 0) assertPositional('str', args, kwargs, 1, 1);
    return toStr(thread, args[0] as Value);
  }),
  plainBuiltin('type', (_thread, args, kwargs) => {
    assertPositional('type', args, kwargs, 1, 1);
    return typeName(args[0] as Value);
  }),
];

/** The arguments of `print` and `fail` as one text. */
function joined(thread: Thread, name: string, args: readonly Value[], kwargs: Kwargs): string {
  const [sep] = unpack(name, [], kwargs, ['sep'], 0);
  const texts = args.map((arg) => toStr(thread, arg));
  return texts.join(sep === undefined ? ' ' : asString(name, 'sep', sep));
}

function toBytes(thread: Thread, value: Value): Bytes {
  if (value instanceof Bytes) return value;
  if (typeof value === 'string') {
    thread.charge(16 + 3 * value.length);
    return new Bytes(encodeUtf8(value));
  }
  const elements = tryElements(thread, value);
  if (elements === undefined) {
    throw new StarlarkError('type', `bytes: got ${typeName(value)}, want string, bytes, or iterable of ints`);
  }
  thread.charge(16 + elements.length);
  return new Bytes(Uint8Array.from(elements, byteOf));
}

function byteOf(value: Value, i: number): number {
  if (!isInt(value))
    throw new StarlarkError('type', `bytes: at index ${i}, got ${typeName(value)}, want int`);
  if (value >= 0 && value <= 255) return Number(value);
  throw new StarlarkError('value', `bytes: at index ${i}, ${value} out of range [0, 256)`);
}

function characterOf(value: Value): string {
  if (!isInt(value)) throw new StarlarkError('type', `chr: got ${typeName(value)}, want int`);
  if (value < 0) throw new StarlarkError('value', `chr: Unicode code point ${value} out of range (<0)`);
  if (value > 0x10ffff) {
    const hex = value.toString(16).toUpperCase();
    throw new StarlarkError('value', `chr: Unicode code point U+${hex} out of range (>0x10FFFF)`);
  }
  const code = Number(value);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
}

function ordinalOf(value: Value): number {
  if (typeof value === 'string') {
    const characters = Array.from(value.slice(0, 100));
    if (characters.length === 1) return codePoint(characters[0] as string);
    const count = value.length > 100 ? Array.from(value).length : characters.length;
    throw new StarlarkError('value', `ord: string encodes ${count} Unicode code points, want 1`);
  }
  if (!(value instanceof Bytes))
    throw new StarlarkError('type', `ord: got ${typeName(value)}, want string or bytes`);
  if (value.data.length === 1) return value.data[0] as number;
  throw new StarlarkError('value', `ord: bytes has length ${value.data.length}, want 1`);
}

/** Java's hash of a string, 32-bit FNV-1a of bytes: the same in every implementation. */
function hash(thread: Thread, value: Value): number {
  let result = 0;
  if (typeof value === 'string') {
    thread.work(value.length);
    for (let i = 0; i < value.length; i++) result = (Math.imul(result, 31) + value.charCodeAt(i)) | 0;
    return result;
  }
  if (!(value instanceof Bytes)) {
    throw new StarlarkError('type', `hash: got ${typeName(value)}, want string or bytes`);
  }
  thread.work(value.data.length);
  result = 0x811c9dc5;
  for (const byte of value.data) result = Math.imul(result ^ byte, 0x01000193);
  return result >>> 0;
}
