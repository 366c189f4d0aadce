import type * as ast from './ast.ts';

/**
 * Operators in a row, `a + b + c`, from first to last. The tree holds each as the left operand of the next, and there may be
 * more of them than JavaScript's stack is deep.
 * @param belongs whether the row goes on to the left
 */
export function rowOf(
  last: ast.Binary,
  belongs: (node: ast.Expression) => node is ast.Binary = isBinary,
): ast.Binary[] {
  const row = [last];
  for (let { left } = last; belongs(left); { left } = left) row.push(left);
  return row.reverse();
}

/** From so many operators in a row on, code is made that does not nest. */
const longRow = 30;

/** Whether so many operators stand in a row that code which nests would be too deep. */
export function isLongRow(last: ast.Binary, belongs: (node: ast.Expression) => node is ast.Binary): boolean {
  let left: ast.Expression = last;
  for (let count = 0; belongs(left); { left } = left) if (++count > longRow) return true;
  return false;
}

export function isBinary(node: ast.Expression): node is ast.Binary {
  return node.kind === 'Binary';
}
