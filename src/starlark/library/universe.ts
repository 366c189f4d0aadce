import type { Builtin } from '../eval/builtin.ts';
import type { Value } from '../values/value.ts';
import { inspectionBuiltins } from './inspection.ts';
import { numberBuiltins } from './numbers.ts';
import { sequenceBuiltins } from './sequences.ts';
import { sortingBuiltins } from './sorting.ts';

const builtins: readonly Builtin[] = [
  ...inspectionBuiltins,
  ...numberBuiltins,
  ...sequenceBuiltins,
  ...sortingBuiltins,
];

/** What every program sees without being given it: the constants and functions of the specification. */
export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['None', null],
  ['True', true],
  ['False', false],
  ...builtins.map((builtin): [string, Value] => [builtin.name, builtin]),
]);
