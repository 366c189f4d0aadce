/* oxlint-disable no-new-func, typescript/no-implied-eval, require-yield -- the designs that are compared generate code, and some never wait */
/**
 * The designs that docs/decisions/starlark-engine.md chose among, each cut down to what its cost depends on:
 * `node bench/starlark/designs.ts`. Times are nanoseconds of processor time, the least of several rounds.
 */

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Nanoseconds for one of the `units` that a call of `act` goes through. */
function measure(units: number, act: () => unknown): string {
  let best = Infinity;
  for (let round = 0; round < 12; round++) {
    const start = cpuNs();
    let calls = 0;
    while (cpuNs() - start < 15e6) {
      for (let i = 0; i < 8; i++) act();
      calls += 8;
    }
    best = Math.min(best, (cpuNs() - start) / calls / units);
  }
  return best.toFixed(1).padStart(9);
}

/* One turn of: for x in range(n): if x % 3 == 1: acc += x */

type Node = (frame: number[]) => number;
const local =
  (at: number): Node =>
  (frame) =>
    frame[at]!;
const literal =
  (value: number): Node =>
  () =>
    value;
const add =
  (x: Node, y: Node): Node =>
  (frame) =>
    x(frame) + y(frame);
const modulo =
  (x: Node, y: Node): Node =>
  (frame) =>
    x(frame) % y(frame);
const equal =
  (x: Node, y: Node): Node =>
  (frame) =>
    x(frame) === y(frame) ? 1 : 0;
const assign =
  (at: number, x: Node): Node =>
  (frame) =>
    (frame[at] = x(frame));
const when =
  (condition: Node, then: Node): Node =>
  (frame) =>
    condition(frame) !== 0 ? then(frame) : 0;
const loop =
  (at: number, turns: Node, body: Node): Node =>
  (frame) => {
    const count = turns(frame);
    for (let i = 0; i < count; i++) {
      frame[at] = i;
      body(frame);
    }
    return 0;
  };

type Waiting = (frame: number[]) => Generator<null, number, void>;
function* waitingLocal(frame: number[], at: number): Generator<null, number, void> {
  return frame[at]!;
}
const waitingAdd = (x: Waiting, y: Waiting): Waiting =>
  function* (frame) {
    return (yield* x(frame)) + (yield* y(frame));
  };

const turns = 10_000;
const program = loop(
  1,
  literal(turns),
  when(equal(modulo(local(1), literal(3)), literal(1)), assign(0, add(local(0), local(1)))),
);
/** Other programs from the same nodes, so that each node's inner calls have many targets, as after many scripts. */
const others = [0, 1, 2, 3, 4, 5].map((at) =>
  loop(
    1,
    literal(50),
    when(
      modulo(local(at), add(literal(2), local(1))),
      assign(at, add(equal(local(1), local(at)), modulo(local(2), literal(7)))),
    ),
  ),
);

const spend = 't.fuel-=9;if(t.fuel<0)t.refill();';
const body = (mark: string, pause: string): string =>
  `return function${mark}(t){let acc=0,x,v;for(let i=0;i<${turns};i++){${pause}x=i;` +
  `if((x>=0?x%3:t.slow())===1)acc=typeof acc==="number"&&(v=acc+x)<=9007199254740991?v:t.slow();}return acc;}`;
const thread = { fuel: 1e9, refill: () => ((thread.fuel = 1e9), false), slow: () => 0 };
const plain = new Function(body('', spend))() as (t: typeof thread) => number;
const resumable = new Function(body('*', 't.fuel-=9;if(t.fuel<0&&t.refill())yield[acc];'))() as (
  t: typeof thread,
) => Generator<unknown, number, void>;

/* Calls that could wait and do not */

function leaf(x: number): number {
  return x + 1;
}
function* waitingLeaf(x: number): Generator<null, number, void> {
  if (x < 0) yield null;
  return x + 1;
}
const suspended = Symbol('suspended');
function begin(call: Generator<unknown, number, void>): number | typeof suspended {
  const step = call.next();
  return step.done === true ? step.value : suspended;
}
function* callers(kind: 'plain' | 'delegated' | 'begun'): Generator<unknown, number, void> {
  let x = 0;
  for (let i = 0; i < turns; i++) {
    if (kind === 'plain') x = leaf(x);
    else if (kind === 'delegated') x = yield* waitingLeaf(x);
    else {
      const begun = begin(waitingLeaf(x));
      x = begun === suspended ? ((yield null) as unknown as number) : begun;
    }
  }
  return x;
}

/* A wait below many calls */

function* nested(depth: number): Generator<null, number, void> {
  if (depth > 0) return yield* nested(depth - 1);
  for (let i = 0; i < 1000; i++) yield null;
  return 0;
}
function drain(call: Generator<unknown, number, void>): number {
  for (;;) {
    const step = call.next();
    if (step.done === true) return step.value;
  }
}

for (const other of others) for (let i = 0; i < 200; i++) other([0, 1, 2, 3, 4, 5]);
console.log('one turn of a loop');
console.log(
  measure(turns, () => program([0, 0])),
  'closures over a frame, after other programs',
);
console.log(
  measure(turns, () => plain(thread)),
  'generated JavaScript',
);
console.log(
  measure(turns, () => resumable(thread).next()),
  'generated JavaScript, as a generator',
);
const sum = waitingAdd(
  (frame) => waitingLocal(frame, 0),
  (frame) => waitingLocal(frame, 1),
);
console.log(
  measure(3, () => sum([1, 2]).next()),
  'a generator for each node, per node',
);
console.log('one call in a loop');
console.log(
  measure(turns, () => drain(callers('plain'))),
  'plain',
);
console.log(
  measure(turns, () => drain(callers('delegated'))),
  'a generator, with yield*',
);
console.log(
  measure(turns, () => drain(callers('begun'))),
  'a generator, begun and found to have ended',
);
console.log('one wait, with yield* all the way, below');
for (const depth of [1, 10, 100])
  console.log(
    measure(1000, () => drain(nested(depth))),
    `${depth} calls`,
  );
