import { compareBytes, type Bytes } from './bytes.ts';
import type { Meter } from './meter.ts';
import type { Value } from './value.ts';

/** What a string or bytes can be seen as a sequence of. */
export type ElemsKind = 'elems' | 'elem_ords' | 'codepoints' | 'codepoint_ords';

/** The iterable that `s.elems()` and its sisters return; strings and bytes themselves are not iterable. */
export class Elems {
  readonly source: string | Bytes;
  readonly kind: ElemsKind;

  constructor(source: string | Bytes, kind: ElemsKind) {
    this.source = source;
    this.kind = kind;
  }

  /** The type's name: `string.elems`, `bytes.elems`, `string.codepoints`. */
  get type(): string {
    const view =
      this.kind === 'elem_ords' ? 'elems' : this.kind === 'codepoint_ords' ? 'codepoints' : this.kind;
    return `${typeof this.source === 'string' ? 'string' : 'bytes'}.${view}`;
  }

  /** How many elements there are at most. */
  get length(): number {
    return typeof this.source === 'string' ? this.source.length : this.source.data.length;
  }

  /** How many elements there are. */
  get count(): number {
    return this.kind === 'codepoints' || this.kind === 'codepoint_ords' ? this.toArray().length : this.length;
  }

  equals(other: Elems, meter: Meter): boolean {
    if (this.kind !== other.kind) return false;
    const [x, y] = [this.source, other.source];
    return typeof x === 'string' || typeof y === 'string' ? x === y : compareBytes(x, y, meter) === 0;
  }

  /** All of them; whoever asks has charged for it. */
  toArray(): Value[] {
    const { source, kind } = this;
    if (typeof source !== 'string') return Array.from(source.data);
    if (kind === 'elems') return source.split('');
    if (kind === 'codepoints') return Array.from(source);
    if (kind === 'codepoint_ords') return Array.from(source, codePoint);
    const ords: Value[] = [];
    for (let i = 0; i < source.length; i++) ords.push(source.charCodeAt(i));
    return ords;
  }
}

/** The code point of a character; U+FFFD for a lone surrogate, which is no code point of text. */
export function codePoint(character: string): number {
  const code = character.codePointAt(0) as number;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}
