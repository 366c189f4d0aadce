import type { BinaryOperator } from './operator.ts';
import type { Value } from './value.ts';

/**
 * A value of a type beyond the language's own, such as a time. It never changes, so it can be a dict's key.
 * Each question has an answer for "not with me": undefined.
 */
export abstract class HostValue {
  /** The hash as a dict key (see keys.ts): equal values have equal ones, and none is 0. */
  abstract readonly hash: number;
  /** The name that `type(x)` gives. */
  abstract get type(): string;
  /** The text that `str(x)` and `repr(x)` give. */
  abstract toString(): string;
  abstract equals(other: HostValue): boolean;

  /** Whether a condition takes it for true. */
  truth(): boolean {
    return true;
  }

  /** The order beside `other`: negative, zero or positive. */
  compare(_other: HostValue): number | undefined {
    return undefined;
  }

  /** `this operator other`, or `other operator this` where `reversed`. */
  binary(_operator: BinaryOperator, _other: Value, _reversed: boolean): Value | undefined {
    return undefined;
  }

  /** The value of `x.name`. */
  attr(_name: string): Value | undefined {
    return undefined;
  }

  /** The names that `dir(x)` gives. */
  attributeNames(): readonly string[] {
    return [];
  }
}
