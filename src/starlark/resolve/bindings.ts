import type * as ast from '../syntax/ast.ts';
import { branchesOf } from './branches.ts';

/** Called for each place in a block that binds a name, in source order; `def` when a `def` statement does. */
export type OnBinding = (name: ast.Name, def: ast.FunctionNode | null, augmented: boolean) => void;

/** Finds the names that statements bind, in nested blocks too but not in functions or comprehensions. */
export function findBindings(body: readonly ast.Statement[], onBinding: OnBinding): void {
  for (const statement of body) {
    switch (statement.kind) {
      case 'Assign':
        findTargets(statement.target, onBinding, statement.operator !== null);
        break;
      case 'Def':
        onBinding(statement.name, statement.fn, false);
        break;
      case 'For':
        findTargets(statement.target, onBinding, false);
        findBindings(statement.body, onBinding);
        break;
      case 'While':
        findBindings(statement.body, onBinding);
        break;
      case 'If':
        for (const { then } of branchesOf(statement)) findBindings(then, onBinding);
        findBindings(branchesOf(statement).at(-1)!.otherwise, onBinding);
        break;
      case 'Load':
        for (const item of statement.items) onBinding(item.name, null, false);
        break;
      default:
    }
  }
}

/** Finds the names in what is assigned to; `a[i] = 1` and `a.b = 1` bind none. */
export function findTargets(target: ast.Expression, onBinding: OnBinding, augmented: boolean): void {
  if (target.kind === 'Name') onBinding(target, null, augmented);
  else if (target.kind === 'Tuple' || target.kind === 'List') {
    for (const item of target.items) findTargets(item, onBinding, augmented);
  }
}
