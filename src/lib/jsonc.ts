/** A text that is no JSON, and where it ceases to be. The message quotes nothing of it: it may hold secrets. */
export class JsoncError extends SyntaxError {
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;

  constructor(expected: string, text: string, offset: number) {
    super(`expected ${expected}`);
    this.name = 'JsoncError';
    const before = text.slice(0, offset).split('\n');
    this.line = before.length;
    this.column = (before.at(-1)?.length ?? 0) + 1;
  }
}

/**
 * Parses JSON that may have comments and trailing commas, as editors write it in their settings.
 * @throws JsoncError when it is no JSON beside those
 */
export function parseJsonc(text: string): unknown {
  return new Parser(text).document();
}

const passedOver = /(?:[\s\uFEFF]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const literal = /"(?:[^"\\\n]|\\.)*"/y;
const word = /-?\d[\d.eE+-]*|true|false|null/y;

/** Deeper than any settings, and far from what the stack holds. */
const maxDepth = 500;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value();
    if (this.#next() !== '') throw this.#fault('nothing more after the value');
    return value;
  }

  #value(): unknown {
    switch (this.#next()) {
      case '{':
        return Object.fromEntries(this.#items('}', () => this.#entry()));
      case '[':
        return this.#items(']', () => this.#value());
      case '"':
        return this.#parsed(literal, 'a text that ends with a double quote on its own line');
      default:
        return this.#parsed(word, 'a value');
    }
  }

  #entry(): [string, unknown] {
    if (this.#next() !== '"') throw this.#fault('a name in double quotes');
    const name = this.#parsed(literal, 'a name that ends with a double quote on its own line') as string;
    if (this.#next() !== ':') throw this.#fault('":" after a name');
    this.#at += 1;
    return [name, this.#value()];
  }

  /** What stands between a bracket, at which we are, and its counterpart. */
  #items<Item>(end: string, item: () => Item): Item[] {
    if (this.#depth === maxDepth) throw this.#fault(`at most ${maxDepth} levels`);
    this.#depth += 1;
    this.#at += 1;
    const items: Item[] = [];
    while (this.#next() !== end) {
      items.push(item());
      if (this.#next() === ',') this.#at += 1;
      else if (this.#next() !== end) throw this.#fault(`"," or "${end}"`);
    }
    this.#at += 1;
    this.#depth -= 1;
    return items;
  }

  /** The character that counts next; empty at the end. */
  #next(): string {
    passedOver.lastIndex = this.#at;
    passedOver.test(this.#text);
    this.#at = passedOver.lastIndex;
    return this.#text.charAt(this.#at);
  }

  #parsed(form: RegExp, expected: string): unknown {
    form.lastIndex = this.#at;
    const [source] = form.exec(this.#text) ?? [];
    if (source === undefined) throw this.#fault(expected);
    try {
      const value: unknown = JSON.parse(source);
      this.#at += source.length;
      return value;
    } catch {
      throw this.#fault(`${expected}, as JSON writes it`);
    }
  }

  #fault(expected: string): JsoncError {
    return new JsoncError(expected, this.#text, this.#at);
  }
}
