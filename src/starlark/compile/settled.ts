import type { Variable } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import { findTargets } from '../resolve/bindings.ts';
import type { Forms } from './forms.ts';

/**
 * The file's variables that hold a value whenever one of its functions runs: those bound before the first call that
 * could reach a function of the file's. Most scripts define their functions first, so that no function need ask
 * whether another is there yet.
 */
export function findSettled(file: ast.File, calls: readonly ast.Call[], forms: Forms): ReadonlySet<Variable> {
  const settled = new Set<Variable>();
  const firstCall = calls.reduce(
    (first, call) => (callsNothingBack(call, forms) ? first : Math.min(first, call.start)),
    Infinity,
  );
  for (const statement of file.body) {
    if (statement.end > firstCall) break;
    const names = boundBy(statement);
    for (const { binding } of names) settled.add(binding!);
  }
  return settled;
}

/** Functions of the library's, called with nothing but positional arguments, call nothing of the script's. */
function callsNothingBack(call: ast.Call, forms: Forms): boolean {
  const callee = forms.classify(call);
  return callee.kind === 'plain' && callee.variable.kind === 'universal';
}

/** The names that a statement certainly binds. */
function boundBy(statement: ast.Statement): readonly ast.Name[] {
  const names: ast.Name[] = [];
  if (statement.kind === 'Def') names.push(statement.name);
  else if (statement.kind === 'Load') names.push(...statement.items.map(({ name }) => name));
  else if (statement.kind === 'Assign') findTargets(statement.target, (name) => names.push(name), false);
  return names;
}
