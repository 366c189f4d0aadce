/**
 * What keeps what it refers to from the collections of the young generation? 500 MB of text pass through objects that
 * are garbage at once. `node --expose-gc bench/kept-too-long.ts [ROUNDS]` counts the collections of everything that each
 * way causes, and sets them against those of the text alone.
 */
import { PerformanceObserver, constants } from 'node:perf_hooks';
import type { PerformanceEntry } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { DefaultSerializer, deserialize, serialize } from 'node:v8';

const [rounds = 3] = process.argv.slice(2).map(Number);
const textsPerRound = 1000;
const bytes = Buffer.alloc(500_000, 'x');

const serialized = serialize({ text: bytes.toString('latin1') });

class Reader {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get text(): string {
    return this.#text;
  }
}

const held = Symbol('held');
const sharedProperty: PropertyDescriptor & ThisType<{ [held]: string }> = {
  get() {
    return this[held];
  },
};

const ways: Record<string, (text: string) => unknown> = {
  'the text alone': (text) => text,
  'getter of a class': (text) => new Reader(text).text,
  'getter shared by all': (text) => Object.defineProperty({ [held]: text }, 'text', sharedProperty),
  'getter of its own': (text) => Object.defineProperty({}, 'text', { get: () => text }),
  'getter in a literal': (text) => ({
    get text() {
      return text;
    },
  }),
  'v8.DefaultSerializer': (text) => {
    const serializer = new DefaultSerializer();
    serializer.writeHeader();
    return serializer.writeValue({ text });
  },
  'v8.deserialize': () => deserialize(serialized),
  'JSON.stringify': (text) => JSON.stringify({ text }),
};

let collections = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { detail } = entry as PerformanceEntry & { readonly detail: { readonly kind: number } };
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
  }
}).observe({ type: 'gc' });

for (let round = 0; round < rounds; round++) {
  for (const [name, pass] of Object.entries(ways)) {
    globalThis.gc?.();
    await turn();
    await turn();
    collections = 0;
    for (let i = 0; i < textsPerRound; i++) {
      pass(bytes.toString('latin1'));
      await turn();
    }
    console.log(`${name.padEnd(24)} ${collections} collections of everything`);
  }
}
