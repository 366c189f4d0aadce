import { Builtin } from '../eval/builtin.ts';
import type { Thread } from '../eval/thread.ts';
import { BoundMethod } from './bound-method.ts';
import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { maxNesting, nestedTooDeeply } from './equals.ts';
import { formatFloat, StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { intToString } from './int-digits.ts';
import { List } from './list.ts';
import { Module } from './module.ts';
import { quote, quoteBytes } from './quote.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { TextBuilder } from './text-builder.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import { decodeUtf8 } from './utf8.ts';
import type { Value } from './value.ts';

/** `str(value)`: a string is itself, bytes are decoded, everything else is as {@link repr} has it. */
export function toStr(thread: Thread, value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (!(value instanceof Bytes)) return repr(thread, value);
  thread.charge(16 + value.data.length);
  thread.work(2 * value.data.length);
  return decodeUtf8(value.data);
}

/** `repr(value)`: strings are quoted; a list or dict inside itself shows as `[...]` or `{...}`. */
export function repr(thread: Thread, value: Value): string {
  if (typeof value === 'number') return String(value);
  const printer = new Printer(thread);
  printer.print(value);
  return printer.out.finish();
}

class Printer {
  readonly out: TextBuilder;
  readonly #thread: Thread;
  /** The containers that are being written, outermost first. */
  readonly #path: Value[] = [];

  constructor(thread: Thread) {
    this.#thread = thread;
    this.out = new TextBuilder(thread);
  }

  print(value: Value): void {
    if (typeof value === 'string') this.out.add(quote(value));
    else if (typeof value === 'number') this.out.add(String(value));
    else if (typeof value === 'boolean') this.out.add(value ? 'True' : 'False');
    else if (typeof value === 'bigint') this.out.add(intToString(this.#thread, value));
    else if (value === null) this.out.add('None');
    else if (value instanceof List) this.#list(value);
    else if (value instanceof Dict) this.#dict(value);
    else if (value instanceof Tuple)
      this.#elems(value, value.elems, '(', value.elems.length === 1 ? ',)' : ')');
    else if (value instanceof StarlarkSet && value.size > 0)
      this.#elems(value, value.toArray(), 'set([', '])');
    else {
      if (value instanceof Bytes) this.#thread.work(8 * value.data.length);
      this.out.add(reprObject(value));
    }
  }

  #list(list: List): void {
    if (this.#path.includes(list)) this.out.add('[...]');
    else this.#elems(list, list.elems, '[', ']');
  }

  #elems(container: Value, elems: readonly Value[], open: string, close: string): void {
    this.#enter(container);
    this.out.add(open);
    for (let i = 0; i < elems.length; i++) {
      if (i > 0) this.out.add(', ');
      this.print(elems[i] as Value);
    }
    this.out.add(close);
    this.#path.pop();
  }

  #dict(dict: Dict): void {
    if (this.#path.includes(dict)) {
      this.out.add('{...}');
      return;
    }
    this.#enter(dict);
    let separator = '{';
    dict.forEach((key, value) => {
      this.out.add(separator);
      separator = ', ';
      this.print(key);
      this.out.add(': ');
      this.print(value);
    });
    this.out.add(dict.size === 0 ? '{}' : '}');
    this.#path.pop();
  }

  #enter(container: Value): void {
    if (this.#path.length > maxNesting) throw nestedTooDeeply('print');
    this.#path.push(container);
    this.#thread.work(32);
  }
}

function reprObject(
  value: Exclude<Value, null | boolean | number | bigint | string | List | Dict | Tuple>,
): string {
  if (value instanceof StarlarkFloat) return formatFloat(value.value);
  if (value instanceof StarlarkSet) return 'set()';
  if (value instanceof Bytes) return quoteBytes(value);
  if (value instanceof Range) return value.toString();
  if (value instanceof Elems) {
    const source = typeof value.source === 'string' ? quote(value.source) : quoteBytes(value.source);
    return `${source}.${value.kind}()`;
  }
  if (value instanceof HostValue) return value.toString();
  if (value instanceof Module) return `<module ${quote(value.name)}>`;
  if (value instanceof BoundMethod) return `<built-in method ${value.name} of ${typeName(value.self)} value>`;
  return value instanceof Builtin ? `<built-in function ${value.name}>` : `<function ${value.name}>`;
}
