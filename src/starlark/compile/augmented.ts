import type * as ast from '../syntax/ast.ts';
import type { FunctionEmitter } from './emitter.ts';
import { emitExpression } from './expressions.ts';
import { emitRefs, isNoInt } from './operands.ts';
import { emitInline, emitSlow, isInlined, mayBeLong } from './operators.ts';
import { emitStore } from './statements.ts';

/** Code for `target op= value`, which evaluates the parts of its target once. */
export function emitAugmented(
  statement: ast.Assign,
  operator: ast.ArithmeticOperator,
  e: FunctionEmitter,
): void {
  const { target, value } = statement;
  const height = e.temps;
  e.cost(2);
  if (target.kind === 'Name') {
    const { set, refs } = emitRefs([target, value], e);
    if (set !== '') e.emit(`${set.slice(0, -1)};`);
    const node = { left: target, right: value, start: statement.start, end: statement.end };
    emitStore(target, emitInplace(operator, refs, node, e), e);
  } else if (target.kind === 'Index') {
    emitAugmentedIndex(statement, target, operator, e);
  } else if (target.kind === 'Attribute') {
    emitAugmentedAttribute(statement, target, operator, e);
  }
  e.releaseTemps(height);
}

type Operands = { left: ast.Expression; right: ast.Expression } & ast.Node;

const inplaceOperators: ReadonlySet<string> = new Set(['+', '-', '|', '&', '^']);

/** Code for `x op= y`, which changes lists, dicts and sets in place; `refs` are names. */
function emitInplace(
  operator: ast.ArithmeticOperator,
  refs: readonly string[],
  node: Operands,
  e: FunctionEmitter,
): string {
  const [x, y] = refs as [string, string];
  const slow = emitSlowInplace(operator, x, y, e, e.at(node));
  return e.isHot && isInlined(operator) && !isNoInt(node.right)
    ? emitInline(operator, refs, node, slow, e)
    : slow;
}

function emitSlowInplace(
  operator: ast.ArithmeticOperator,
  x: string,
  y: string,
  e: FunctionEmitter,
  site: string,
): string {
  if (operator === '+') return `${e.helper('inplaceAdd')}(t,${x},${y},${site})`;
  if (!inplaceOperators.has(operator)) return emitSlow(operator, x, y, e, site);
  const call = `(t,"${operator}",${x},${y},${site})`;
  return e.isResumable && mayBeLong.has(operator)
    ? e.pausable(e.helper('beginInplace') + call)
    : e.helper('inplace') + call;
}

function emitAugmentedIndex(
  statement: ast.Assign,
  target: ast.Index,
  operator: ast.ArithmeticOperator,
  e: FunctionEmitter,
): void {
  const site = { start: target.at, end: target.end };
  const [object, index] = [target.object, target.index].map((part) => {
    const code = emitExpression(part, e);
    const temp = e.takeTemp();
    e.emit(`${temp}=${code};`);
    return temp;
  });
  const old = e.takeTemp();
  e.emit(`${old}=${e.helper('indexToChange')}(t,${object},${index},${e.at(site)});`);
  const right = e.takeTemp();
  e.emit(`${right}=${emitExpression(statement.value, e)};`);
  const node = { left: target, right: statement.value, start: statement.start, end: statement.end };
  const result = emitInplace(operator, [old, right], node, e);
  e.emit(`${e.helper('setIndex')}(t,${object},${index},${result},${e.at(site)});`);
}

function emitAugmentedAttribute(
  statement: ast.Assign,
  target: ast.Attribute,
  operator: ast.ArithmeticOperator,
  e: FunctionEmitter,
): void {
  const object = e.takeTemp();
  const name = e.program.constant(target.name);
  const site = { start: target.at, end: target.end };
  e.emit(`${object}=${emitExpression(target.object, e)};`);
  const old = e.takeTemp();
  e.emit(`${old}=${e.helper('getAttr')}(${object},${name},${e.at(site)});`);
  const right = e.takeTemp();
  e.emit(`${right}=${emitExpression(statement.value, e)};`);
  const node = { left: target, right: statement.value, start: statement.start, end: statement.end };
  e.emit(
    `${e.helper('setAttr')}(${object},${name},${emitInplace(operator, [old, right], node, e)},${e.at(site)});`,
  );
}
