import { Builtin, type Cost, type PlainCall } from '../eval/builtin.ts';
import type { Value } from './value.ts';

/** A method taken from its value without being called, such as `x.append`. */
export class BoundMethod extends Builtin {
  readonly self: Value;

  constructor(name: string, self: Value, cost: Cost, call: PlainCall) {
    super(name, call, null, cost);
    this.self = self;
  }
}
