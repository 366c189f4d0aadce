/** Values of every kind, as large as is asked for: what built-in functions, methods and operators are tried with. */
import {
  Bytes,
  compile,
  createBuiltin,
  Dict,
  List,
  modules,
  Range,
  run,
  scriptOptions,
  StarlarkFloat,
  StarlarkSet,
  Thread,
  Tuple,
  type Value,
} from '../../../src/starlark/index.ts';

/** Makes a value that takes about so many bytes, by the documented estimate. */
export type Make = (bytes: number) => Value;

/** Pays for nothing. */
const host = new Thread();

/** A text in one piece, not a tree of parts. */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

function textOf(part: string): Make {
  return (bytes) => flat(part.repeat(Math.max(1, Math.floor(bytes / part.length))));
}

function elements(bytes: number, make: (i: number) => Value, each: number = 8): Value[] {
  const count = Math.max(2, Math.floor(bytes / each));
  const elems: Value[] = [];
  for (let i = 0; i < count; i++) elems.push(make(i));
  return elems;
}

function listOf(make: (i: number) => Value, each?: number): Make {
  return (bytes) => new List(elements(bytes, make, each));
}

function dictOf(key: (i: number) => Value, value: (i: number) => Value): Make {
  return (bytes) => {
    const dict = new Dict();
    for (let i = 0; i < Math.max(2, bytes / 64); i++) dict.set(host, key(i), value(i));
    return dict;
  };
}

function setOf(make: (i: number) => Value): Make {
  return (bytes) => {
    const set = new StarlarkSet();
    for (let i = 0; i < Math.max(2, bytes / 64); i++) set.add(host, make(i));
    return set;
  };
}

/** A container that holds itself twice, so many levels deep. */
function shared(wrap: (inner: Value) => Value): Make {
  return () => {
    let value: Value = wrap(1);
    for (let level = 0; level < 60; level++) value = wrap(value);
    return value;
  };
}

/** Texts of one length that differ in their last letter alone. */
function alike(i: number): string {
  return flat(`${'k'.repeat(20_000)}${i}`.slice(-20_000));
}

const scattered = (i: number): number => (i * 7919) % 1_000_003;
const named = (i: number): string => `k${scattered(i)}`;

/** By name. What no size makes larger is small. */
export const kinds: Readonly<Record<string, Make>> = {
  None: () => null,
  True: () => true,
  zero: () => 0,
  three: () => 3,
  'minus one': () => -1,
  'a huge index': () => 2 ** 40,
  'a large int': () => 1n << 100n,
  'the largest int': () => (1n << (2n ** 20n - 1n)) - 987_654_321n,
  'half the largest int': () => (1n << (2n ** 19n - 1n)) / 7n,
  'a float': () => new StarlarkFloat(2.5),
  infinity: () => new StarlarkFloat(Infinity),
  'a function': () => createBuiltin('host', () => null, { mayWait: false }),
  'a module': () => modules.json,
  'a duration': () => modules.time.members.get('hour')!,
  'an empty text': () => '',
  'a letter': () => 'a',
  'a word': () => 'line',
  'a text': textOf('line of words\n'),
  'one letter': textOf('a'),
  spaces: textOf(' '),
  digits: textOf('7'),
  zeros: textOf('0'),
  capitals: textOf('ÀΣ'),
  'control characters': textOf('\u0001\n"'),
  smileys: textOf('\u{1f63f}'),
  'half smileys': textOf('\ud83d'),
  braces: textOf('{}'),
  percents: textOf('%s'),
  'open braces': textOf('{'),
  'a duration text': textOf('1h'),
  'a tree of texts': (bytes) => {
    let text = 'x';
    while (2 * text.length <= bytes) text += text;
    return text;
  },
  'json of objects': (bytes) => flat(`[${'{"id":1,"name":"text","tags":[1.5,null]},'.repeat(bytes / 44)}0]`),
  'json of empty objects': (bytes) => flat(`[${'{},'.repeat(bytes / 3)}0]`),
  'json of escapes': (bytes) => flat(`"${'\\n\\u00e9'.repeat(bytes / 8)}"`),
  'json of one text': (bytes) => flat(`"${'line '.repeat(bytes / 5)}"`),
  'json of digits': (bytes) => flat('7'.repeat(Math.min(bytes, 300_000))),
  'json of spaces': (bytes) => flat(`${' '.repeat(bytes)}1`),
  bytes: (bytes) => new Bytes(new Uint8Array(bytes).fill(97)),
  'broken bytes': (bytes) => new Bytes(new Uint8Array(bytes).fill(0xe4)),
  'a range': () => new Range(0, 2 ** 40, 1),
  'a range of numbers': (bytes) => new Range(0, Math.floor(bytes / 8), 1),
  'a list of ints': listOf(scattered),
  'a list of zeros': listOf(() => 0),
  'a list of empty texts': listOf(() => ''),
  'a list of names': listOf(named, 32),
  'a list of pairs': listOf((i) => new Tuple([named(i), i]), 64),
  'a list of lists': listOf((i) => new List([i]), 48),
  'a list of large ints': listOf((i) => (1n << 4000n) + BigInt(i), 520),
  'a list of long texts': listOf(alike, 20_000),
  'a list of tuples of one': listOf((i) => new Tuple([scattered(i)]), 48),
  'a tuple of ints': (bytes) => new Tuple(elements(bytes, scattered)),
  'a tuple of texts': (bytes) => new Tuple(elements(bytes, named, 32)),
  'a pair': () => new Tuple(['k1', 2]),
  'a dict of ints': dictOf(scattered, (i) => i),
  'a dict of names': dictOf(named, named),
  'a dict of long texts': (bytes) => dictOf(alike, (i) => i)(bytes / 300),
  'a dict of tuples': dictOf(
    (i) => new Tuple([i]),
    (i) => i,
  ),
  'a set of ints': setOf(scattered),
  'a set of names': setOf(named),
  'an empty list': () => new List([]),
  'an empty dict': () => new Dict(),
  'a shared list': shared((inner) => new List([inner, inner])),
  'a shared tuple': shared((inner) => new Tuple([inner, inner])),
  'a shared dict': shared((inner) => {
    const dict = new Dict();
    dict.set(host, 'a', inner);
    dict.set(host, 'b', inner);
    return dict;
  }),
};

/** Those of {@link kinds} that are tried as the second value of an expression, beside each as the first. */
export const seconds: readonly string[] = [
  'None',
  'three',
  'a huge index',
  'the largest int',
  'a letter',
  'a text',
  'digits',
  'bytes',
  'a range of numbers',
  'a list of names',
  'a list of pairs',
  'a tuple of texts',
  'a dict of names',
  'a set of names',
  'a shared list',
];

/** Fewer of them, for every run of the tests. */
export const fewSeconds: readonly string[] = [
  'three',
  'a letter',
  'a text',
  'a list of pairs',
  'a dict of names',
];

/** Values that only a program can make: a function of its own, the elements and code points of a text, a time. */
export async function madeByProgram(): Promise<Readonly<Record<string, Make>>> {
  const source = [
    'def first(x): return x',
    'def elements(text): return text.elems()',
    'def characters(text): return text.codepoints()',
    'def when(): return time.from_timestamp(1700000000)',
  ].join('\n');
  const predeclared = new Map<string, Value>([['time', modules.time]]);
  const program = compile(source, {
    filename: 'made.star',
    fileOptions: scriptOptions,
    predeclared: ['time'],
  });
  const { globals } = await run(program, host, predeclared);
  const call = (name: string, ...args: Value[]): Value =>
    (
      globals.get(name) as { call(thread: Thread, args: Value[], kwargs: ReadonlyMap<string, Value>): Value }
    ).call(host, args, new Map());
  const text = textOf('a\u{1f63f}b');
  return {
    'a function of the script': () => globals.get('first')!,
    'the elements of a text': (bytes) => call('elements', text(bytes)),
    'the characters of a text': (bytes) => call('characters', text(bytes)),
    'a time': () => call('when'),
  };
}
