/** Small programs about branches: what they can do, as a tree that a text and a plain reference are both made of. */
import fc from 'fast-check';

export type Operation =
  /** Gives its number. */
  | { readonly kind: 'value'; readonly id: number }
  /** Calls a function of the host's that answers at once. */
  | { readonly kind: 'note'; readonly id: number }
  /** Calls one that gives a promise; `answered` when it is settled already. */
  | { readonly kind: 'call'; readonly id: number; readonly fails: boolean; readonly answered: boolean }
  /** Calls one that has the run cancelled, and then gives a promise or answers at once. */
  | { readonly kind: 'stop'; readonly id: number; readonly waits: boolean }
  | { readonly kind: 'print'; readonly id: number }
  | { readonly kind: 'fail'; readonly id: number }
  /** Computes for so long that it gives way once. */
  | { readonly kind: 'spin'; readonly id: number }
  /** Reaches a limit. `depth` is an error that can be caught where recursion is off. */
  | { readonly kind: 'limit'; readonly id: number; readonly limit: Limit }
  /** Changes a list, which is refused while a loop goes through it. */
  | { readonly kind: 'change'; readonly id: number; readonly list: number }
  | { readonly kind: 'list'; readonly id: number; readonly parts: readonly Operation[] }
  /** A loop or comprehension over a list of two. */
  | {
      readonly kind: 'loop';
      readonly id: number;
      readonly list: number;
      readonly comprehension: boolean;
      readonly part: Operation;
    }
  /** Called twice by a built-in function. */
  | { readonly kind: 'sort'; readonly id: number; readonly part: Operation }
  | { readonly kind: 'lambda'; readonly id: number; readonly part: Operation }
  | { readonly kind: 'attempt'; readonly id: number; readonly part: Operation }
  /** With each of its parts as a branch, or as two. */
  | {
      readonly kind: 'parallel';
      readonly id: number;
      readonly collects: boolean;
      readonly twice: boolean;
      readonly parts: readonly Operation[];
    };

export type Limit = 'steps' | 'memory' | 'depth' | 'print';

/** How many lists there are to loop over. */
export const listCount = 2;

export interface Setting {
  readonly maxParallel: number;
  readonly maxCalls: number;
  readonly maxDepth: number;
  readonly recursion: boolean;
  /** What the host does, choice by choice: see schedule.ts. */
  readonly choices: readonly number[];
}

export const settings: fc.Arbitrary<Setting> = fc.record({
  maxParallel: fc.constantFrom(1, 2, 3, 10, Infinity),
  maxCalls: fc.oneof({ weight: 3, arbitrary: fc.constant(Infinity) }, fc.integer({ min: 0, max: 8 })),
  maxDepth: fc.oneof({ weight: 3, arbitrary: fc.constant(100) }, fc.integer({ min: 3, max: 9 })),
  recursion: fc.boolean(),
  choices: fc.array(fc.noBias(fc.nat({ max: 999 })), { maxLength: 60, size: 'max' }),
});

/** Programs of branches, each with operations of these kinds alone. */
export function operations(kinds: readonly Operation['kind'][] = allKinds): fc.Arbitrary<Operation> {
  const parallelOf = (
    part: fc.Arbitrary<Operation>,
    minLength: number,
  ): fc.Arbitrary<Operation & { kind: 'parallel' }> =>
    fc.record({
      kind: fc.constant('parallel'),
      id: fc.constant(0),
      collects: chance(0.3),
      twice: chance(0.1),
      parts: fc.array(part, { minLength, maxLength: 5, size: 'max' }),
    });
  const weighted = (part: fc.Arbitrary<Operation>): fc.Arbitrary<Operation> => {
    const parts = (maxLength: number): fc.Arbitrary<Operation[]> =>
      fc.array(part, { maxLength, size: 'max' });
    const id = fc.constant(0);
    const of: { [K in Operation['kind']]: readonly [number, fc.Arbitrary<Operation & { kind: K }>] } = {
      value: [1, fc.record({ kind: fc.constant('value'), id })],
      note: [2, fc.record({ kind: fc.constant('note'), id })],
      call: [
        8,
        fc.record({
          kind: fc.constant('call'),
          id,
          fails: chance(0.3),
          answered: kinds.includes('note') ? chance(0.2) : fc.constant(false),
        }),
      ],
      stop: [0.4, fc.record({ kind: fc.constant('stop'), id, waits: fc.boolean() })],
      print: [1, fc.record({ kind: fc.constant('print'), id })],
      fail: [2, fc.record({ kind: fc.constant('fail'), id })],
      spin: [1, fc.record({ kind: fc.constant('spin'), id })],
      limit: [
        0.6,
        fc.record({
          kind: fc.constant('limit'),
          id,
          limit: fc.constantFrom<Limit>('steps', 'memory', 'depth', 'print'),
        }),
      ],
      change: [1, fc.record({ kind: fc.constant('change'), id, list: fc.nat({ max: listCount - 1 }) })],
      list: [3, fc.record({ kind: fc.constant('list'), id, parts: parts(3) })],
      loop: [
        1,
        fc.record({
          kind: fc.constant('loop'),
          id,
          list: fc.nat({ max: listCount - 1 }),
          comprehension: fc.boolean(),
          part,
        }),
      ],
      sort: [1, fc.record({ kind: fc.constant('sort'), id, part })],
      lambda: [1, fc.record({ kind: fc.constant('lambda'), id, part })],
      attempt: [3, fc.record({ kind: fc.constant('attempt'), id, part })],
      parallel: [5, parallelOf(part, 0)],
    };
    const choices = kinds.map((kind) => ({
      weight: Math.round(10 * of[kind][0]),
      arbitrary: of[kind][1] as fc.Arbitrary<Operation>,
    }));
    return fc.oneof({ maxDepth: 5, depthSize: 'medium', withCrossShrink: true }, ...choices);
  };
  const { operation } = fc.letrec<{ operation: Operation }>((tie) => ({
    operation: weighted(tie('operation')),
  }));
  return parallelOf(operation, 2).map(numbered);
}

const allKinds: readonly Operation['kind'][] = [
  ...(['value', 'note', 'call', 'stop', 'print', 'fail', 'spin', 'limit', 'change'] as const),
  ...(['list', 'loop', 'sort', 'lambda', 'attempt', 'parallel'] as const),
];

function chance(share: number): fc.Arbitrary<boolean> {
  return fc.nat({ max: 99 }).map((drawn) => drawn >= 100 - 100 * share);
}

export function partsOf(operation: Operation): readonly Operation[] {
  if ('parts' in operation) return operation.parts;
  return 'part' in operation ? [operation.part] : [];
}

/** What a call of `parallel` is given: where a part is two branches, they are one function. */
export function branchesOf({ parts, twice }: Operation & { kind: 'parallel' }): readonly Operation[] {
  return twice ? [...parts, ...parts] : parts;
}

/** The same tree with a number of its own for each operation. */
function numbered(operation: Operation): Operation {
  let last = 0;
  const number = (each: Operation): Operation => {
    const id = ++last;
    if ('parts' in each) return { ...each, id, parts: each.parts.map(number) };
    return 'part' in each ? { ...each, id, part: number(each.part) } : { ...each, id };
  };
  return number(operation);
}
