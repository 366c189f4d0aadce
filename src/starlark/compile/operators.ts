/** Operators of two operands: in place for small ints where the code may run often, else by the runtime. */
import type * as ast from '../syntax/ast.ts';
import { isBinary, isLongRow, rowOf } from '../syntax/operator-row.ts';
import type { FunctionEmitter } from './emitter.ts';
import { emitCondition, emitExpression } from './expressions.ts';
import { emitOperands, emitRefs, isBool, isNoInt, isSmallInt } from './operands.ts';

/** JavaScript code for an operator's value. */
export function emitBinary(node: ast.Binary, e: FunctionEmitter): string {
  const height = e.temps;
  const isLong = isLongRow(node, isBinary) && !isBool(node);
  const code = isLong ? emitRow(rowOf(node), e) : emitOperator(node, e);
  e.releaseTemps(height);
  return code;
}

/** Code for operators in a row, each of which puts its value where the next finds it. */
function emitRow(row: readonly ast.Binary[], e: FunctionEmitter): string {
  const first = emitExpression(row[0]!.left, e);
  const value = e.takeTemp();
  const codes = row.map((node) => `${value}=${emitNext(node, value, e)}`);
  return `(${value}=${first},${codes.join(',')})`;
}

/** Code for one of them, whose left operand is in a variable. */
function emitNext({ operator, right, start, end }: ast.Binary, left: string, e: FunctionEmitter): string {
  const code = emitExpression(right, e);
  if (operator === 'and' || operator === 'or') {
    e.cost(2);
    const holds = `${e.helper('truth')}(${left})`;
    return operator === 'and' ? `${holds}?${code}:${left}` : `${holds}?${left}:${code}`;
  }
  e.cost(1);
  const site = e.at({ start, end });
  if (operator === '==' || operator === '!=')
    return `${operator === '==' ? '' : '!'}${e.helper('equals')}(t,${left},${code},${site})`;
  if (operator === 'in' || operator === 'not in')
    return `${operator === 'in' ? '' : '!'}${e.helper('contains')}(t,${left},${code},${site})`;
  return emitSlow(operator, left, code, e, site);
}

function emitOperator(node: ast.Binary, e: FunctionEmitter): string {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') return emitShortCircuit(node, e);
  e.cost(1);
  if (operator === '==' || operator === '!=') return emitEquality(node, e);
  if (operator === 'in' || operator === 'not in') {
    const [item, container] = emitOperands([node.left, node.right], e);
    const asked = `(t,${item},${container},${e.at(node)})`;
    const answer = e.isResumable
      ? e.pausable(e.helper('beginContains') + asked)
      : e.helper('contains') + asked;
    return `${operator === 'in' ? '' : '!'}${answer}`;
  }
  if (e.isHot && isInlined(operator) && !isNoInt(node.left) && !isNoInt(node.right)) {
    const { set, refs } = emitRefs([node.left, node.right], e);
    const slow = emitSlow(operator, refs[0]!, refs[1]!, e, e.at(node));
    return `(${set}${emitInline(operator, refs, node, slow, e)})`;
  }
  const [left, right] = emitOperands([node.left, node.right], e);
  return emitSlow(operator, left!, right!, e, e.at(node));
}

const nonNegative = 'x>=0&&y>0';

/** Code for small ints, `x` and `y` being numbers; `v` is what was worked out last. */
const inlineOperators: Readonly<Record<string, { readonly test: string; readonly value: string }>> = {
  '+': { test: '(v=x+y)<=L&&v>=-L', value: 'v' },
  '-': { test: '(v=x-y)<=L&&v>=-L', value: 'v' },
  '*': { test: '(v=x*y)<=L&&v>=-L', value: 'v+0' },
  '//': { test: nonNegative, value: 'Math.floor(x/y)' },
  '%': { test: nonNegative, value: 'x%y' },
  '&': { test: '(x|0)===x&&(y|0)===y', value: 'x&y' },
  '|': { test: '(x|0)===x&&(y|0)===y', value: 'x|y' },
  '^': { test: '(x|0)===x&&(y|0)===y', value: 'x^y' },
  '>>': { test: '(x|0)===x&&y>=0&&y<32', value: 'x>>y' },
  '<': { test: '', value: 'x<y' },
  '<=': { test: '', value: 'x<=y' },
  '>': { test: '', value: 'x>y' },
  '>=': { test: '', value: 'x>=y' },
};
const limit = String(Number.MAX_SAFE_INTEGER);

/** Code that handles small ints in place; `refs` are names, and `slow` is code for everything else. */
export function emitInline(
  operator: string,
  refs: readonly string[],
  node: { left: ast.Expression; right: ast.Expression },
  slow: string,
  e: FunctionEmitter,
): string {
  const [x, y] = refs as [string, string];
  const { test, value } = inlineOperators[operator]!;
  const fill = (pattern: string): string =>
    pattern.replace(/[xyL]/g, (letter) => ({ x, y, L: limit })[letter]!);
  const checks: string[] = [];
  if (!isSmallInt(node.left, e)) checks.push(`typeof ${x}==="number"`);
  if (!isSmallInt(node.right, e) && x !== y) checks.push(`typeof ${y}==="number"`);
  const isPositive = (part: ast.Expression): boolean => part.kind === 'Int' && part.value > 0;
  if (test === nonNegative && isPositive(node.right)) checks.push(fill('x>=0'));
  else if (test !== '') checks.push(fill(test));
  return checks.length === 0 ? fill(value) : `${checks.join('&&')}?${fill(value)}:${slow}`;
}

export function isInlined(operator: string): boolean {
  return operator in inlineOperators;
}

/** The operators of sets, which may have much to do and then pause. */
export const mayBeLong: ReadonlySet<string> = new Set(['-', '|', '&', '^']);

const operatorHelpers: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '//': 'floorDivide',
  '%': 'modulo',
};

/** Code that hands an operator to the runtime. */
export function emitSlow(
  operator: ast.BinaryOperator,
  left: string,
  right: string,
  e: FunctionEmitter,
  site: string,
): string {
  if (e.isResumable && mayBeLong.has(operator)) {
    return operator === '-'
      ? e.pausable(`${e.helper('beginSubtract')}(t,${left},${right},${site})`)
      : e.pausable(`${e.helper('beginBinary')}(t,"${operator}",${left},${right},${site})`);
  }
  const helper = operatorHelpers[operator];
  if (helper !== undefined) return `${e.helper(helper)}(t,${left},${right},${site})`;
  const general =
    /[<>]=?$/.test(operator) && operator.length < 3 && operator !== '<<' && operator !== '>>'
      ? 'compare'
      : 'binary';
  return `${e.helper(general)}(t,"${operator}",${left},${right},${site})`;
}

function emitEquality(node: ast.Binary, e: FunctionEmitter): string {
  const negate = node.operator === '!=' ? '!' : '';
  const exact = isExact(node.left) || isExact(node.right);
  if (exact) {
    const [left, right] = emitOperands([node.left, node.right], e);
    return `(${left}${negate === '' ? '===' : '!=='}${right})`;
  }
  if (!e.isHot) {
    const [left, right] = emitOperands([node.left, node.right], e);
    return `${negate}${e.helper('equals')}(t,${left},${right},${e.at(node)})`;
  }
  const { set, refs } = emitRefs([node.left, node.right], e);
  const [x, y] = refs as [string, string];
  const checks: string[] = [];
  if (!isSmallInt(node.left, e)) checks.push(`typeof ${x}==="number"`);
  if (!isSmallInt(node.right, e)) checks.push(`typeof ${y}==="number"`);
  if (checks.length === 0) return `(${set}${x}${negate}${negate === '' ? '===' : '=='}${y})`;
  const slow = `${e.helper('equals')}(t,${x},${y},${e.at(node)})`;
  return `${negate}(${set}${checks.join('&&')}?${x}===${y}:${slow})`;
}

/** Whether the value equals only what is identical to it. */
function isExact(node: ast.Expression): boolean {
  if (node.kind === 'String') return true;
  return node.kind === 'Name' && node.binding?.kind === 'universal' && /^(None|True|False)$/.test(node.name);
}

function emitShortCircuit(node: ast.Binary, e: FunctionEmitter): string {
  if (isBool(node)) return emitCondition(node, e);
  e.cost(2);
  const { set, refs } = emitRefs([node.left], e);
  const left = refs[0]!;
  const holds = e.isHot
    ? `${left}===true||${left}!==false&&${e.helper('truth')}(${left})`
    : `${e.helper('truth')}(${left})`;
  const right = emitExpression(node.right, e);
  return `(${set}${holds}?${node.operator === 'and' ? `${right}:${left}` : `${left}:${right}`})`;
}
