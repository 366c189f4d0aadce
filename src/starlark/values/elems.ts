import { compareBytes, type Bytes } from './bytes.ts';
import { codePoint } from './code-points.ts';
import { comparing } from './costs.ts';
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

  /** Whether two units of a text can be one element. */
  get isOfCodePoints(): boolean {
    return this.kind === 'codepoints' || this.kind === 'codepoint_ords';
  }

  equals(other: Elems, meter: Meter): boolean {
    if (this.kind !== other.kind) return false;
    const [x, y] = [this.source, other.source];
    if (typeof x !== 'string' && typeof y !== 'string') return compareBytes(x, y, meter) === 0;
    meter.work(comparing(this.length));
    return x === y;
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
