import { StarlarkError } from '../errors.ts';
import { Dict } from '../values/dict.ts';
import { tryElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { failure, success, toBranch } from './attempt.ts';
import { type Builtin, callbackBuiltin } from './builtin.ts';
import type { Callable, Kwargs, Outcome } from './callable.ts';
import { type FunctionShape, StarlarkFunction } from './function.ts';
import { takeAnswer } from './suspend.ts';
import type { Thread } from './thread.ts';

/**
 * `parallel(fns, on_error = "fail")`: calls each of the functions, which take no arguments, side by side; while one
 * waits on the host, others go on. Returns their results in the order of the list. With "fail" the first failure ends
 * the other branches and is the error of the call; with "collect" each result is `{"ok": …}` as `attempt` gives it.
 */
export const parallel: Builtin = callbackBuiltin('parallel', function* (thread, args, kwargs) {
  const { branches, onError } = toFork(thread, args, kwargs);
  if (branches.length === 0) return new List([]);
  thread.request = { branches, onError };
  yield args;
  const outcomes = takeAnswer(thread) as unknown as readonly Outcome[];
  thread.charge(32 + 8 * outcomes.length);
  return new List(outcomes.map((each) => (onError === 'fail' ? valueOf(each) : report(thread, each))));
});

function toFork(
  thread: Thread,
  args: readonly Value[],
  kwargs: Kwargs,
): { branches: readonly Callable[]; onError: 'fail' | 'collect' } {
  const unknown = [...kwargs.keys()].find((name) => name !== 'on_error' && name !== 'fns');
  if (unknown !== undefined) {
    throw new StarlarkError(
      'arguments',
      `parallel: unexpected keyword argument "${unknown}"; it takes fns and on_error`,
    );
  }
  const fns = args[0] ?? kwargs.get('fns');
  if (fns instanceof Dict) {
    throw new StarlarkError(
      'type',
      'parallel: got dict, want one list of functions; write values = parallel(fns.values()), whose keys are fns.keys()',
    );
  }
  const elements = fns === undefined ? undefined : tryElements(thread, fns);
  const given = args.length === 2 && typeof args[1] === 'string' ? args[1] : kwargs.get('on_error');
  if (elements === undefined || (args.length > 1 && given !== args[1])) {
    const found = fns === undefined ? 'nothing' : typeName(fns);
    throw new StarlarkError(
      'type',
      `parallel: got ${args.length > 1 ? `${args.length} arguments` : found}, want one list of functions: parallel([lambda: …, lambda: …])`,
    );
  }
  const onError = given ?? 'fail';
  if (onError !== 'fail' && onError !== 'collect') {
    throw new StarlarkError('value', 'parallel: on_error must be "fail" or "collect"');
  }
  payForBranches(thread, elements.length);
  thread.work(4 * elements.length);
  const branches = elements.map((element) => toBranch('parallel', element));
  refuseTwins(branches);
  return { branches, onError };
}

/** What a branch costs, so that those which do nothing cannot be made without end. Paid before any is made. */
const stepsPerBranch = 10;

function payForBranches(thread: Thread, count: number): void {
  thread.fuel -= stepsPerBranch * count;
  if (thread.fuel < 0) thread.refill();
}

/**
 * Functions made in one loop that read the loop's variable see its last value, all of them, so that each branch would do
 * what the last one does. Nobody means that, and no result would show it.
 */
function refuseTwins(branches: readonly Callable[]): void {
  const firsts = new Map<FunctionShape, StarlarkFunction>();
  for (const branch of branches) {
    if (!(branch instanceof StarlarkFunction) || branch.shape.loopReads.length === 0) continue;
    const first = firsts.get(branch.shape);
    if (first === undefined) firsts.set(branch.shape, branch);
    else if (first !== branch && areTwins(first, branch)) throw twins(branch.shape);
  }
}

/** Whether two closures of one function have the same defaults and see the same values around them. */
function areTwins(x: StarlarkFunction, y: StarlarkFunction): boolean {
  return areSame(x.defaults ?? [], y.defaults ?? []) && areSame(x.captured?.() ?? [], y.captured?.() ?? []);
}

function areSame(x: readonly (Value | undefined)[], y: readonly (Value | undefined)[]): boolean {
  return x.every((value, at) => value === y[at]);
}

function twins({ name, loopReads }: FunctionShape): StarlarkError {
  const [variable = ''] = loopReads;
  const bound = `${variable}=${variable}`;
  const written = name === 'lambda' ? `lambda ${bound}: …` : `def ${name}(${bound}):`;
  return new StarlarkError(
    'value',
    `parallel: every branch would see the last value of ${variable}, for a function made in a loop reads the loop's ` +
      `variable when it is called; bind it: ${written}`,
  );
}

function valueOf(outcome: Outcome): Value {
  if (outcome.ok) return outcome.value as Value;
  throw outcome.error;
}

function report(thread: Thread, outcome: Outcome): Value {
  if (outcome.ok) return success(thread, outcome.value as Value);
  if (outcome.error instanceof StarlarkError) return failure(thread, outcome.error);
  throw outcome.error;
}
