import type * as ast from '../syntax/ast.ts';

/**
 * An `if` and each `elif` that follows it, which the tree holds one within the other: there may be more of them than
 * JavaScript's stack is deep. What the last has otherwise is the `else` of all.
 */
export function branchesOf(statement: ast.If): ast.If[] {
  const branches = [statement];
  for (let next = elifOf(statement); next !== undefined; next = elifOf(next)) branches.push(next);
  return branches;
}

function elifOf({ otherwise }: ast.If): ast.If | undefined {
  const [next] = otherwise;
  return otherwise.length === 1 && next?.kind === 'If' ? next : undefined;
}
