import { StarlarkError } from '../errors.ts';
import { Dict } from '../values/dict.ts';
import { tryElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { failure, success, toBranch } from './attempt.ts';
import { type Builtin, callbackBuiltin } from './builtin.ts';
import type { Callable, Kwargs, Outcome } from './callable.ts';
import type { Thread } from './thread.ts';

/**
 * `parallel(fns, on_error = "fail")`: calls each of the functions, which take no arguments, side by side; while one
 * waits on the host, others go on. Returns their results in the order of the list. With "fail" the first failure ends
 * the other branches and is the error of the call; with "collect" each result is `{"ok": …}` as `attempt` gives it.
 */
export const parallel: Builtin = callbackBuiltin('parallel', function* (thread, args, kwargs) {
  const { branches, onError } = toFork(thread, args, kwargs);
  thread.request = { branches, onError };
  const outcomes = (yield args) as unknown as readonly Outcome[];
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
  if (elements === undefined || args.length > 1) {
    const found = fns === undefined ? 'nothing' : typeName(fns);
    throw new StarlarkError(
      'type',
      `parallel: got ${args.length > 1 ? `${args.length} arguments` : found}, want one list of functions: parallel([lambda: …, lambda: …])`,
    );
  }
  const onError = kwargs.get('on_error') ?? 'fail';
  if (onError !== 'fail' && onError !== 'collect') {
    throw new StarlarkError('value', 'parallel: on_error must be "fail" or "collect"');
  }
  return { branches: elements.map((element) => toBranch('parallel', element)), onError };
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
