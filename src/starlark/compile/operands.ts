import type { Variable } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import { type FunctionEmitter, variableName } from './emitter.ts';
import { emitExpression } from './expressions.ts';

/** Whether evaluating can neither fail nor have an effect, and gives the same a moment later. */
export function isSimple(node: ast.Expression, e: FunctionEmitter): boolean {
  switch (node.kind) {
    case 'Int':
    case 'Float':
    case 'String':
    case 'Bytes':
      return true;
    case 'Unary':
      return node.operator === '-' && node.operand.kind === 'Int' && typeof node.operand.value === 'number';
    case 'Name':
      return isStable(node.binding!, e);
    default:
      return false;
  }
}

/** A variable that certainly holds a value, and that no call can change meanwhile. */
function isStable(variable: Variable, e: FunctionEmitter): boolean {
  if (variable.scope === null) return true;
  if (isSettled(variable, e)) return variable.bindings === 1;
  return (
    e.assigned.has(variable) && (!variable.isCaptured || (variable.isParameter && variable.bindings === 1))
  );
}

function isSettled(variable: Variable, e: FunctionEmitter): boolean {
  return e.scope.node !== null && e.program.settled.has(variable);
}

/** Code that evaluates an operand; and code that gives its value again afterwards, undefined where there is none. */
export interface Operand {
  readonly code: string;
  readonly again: string | undefined;
}

/**
 * Puts a value in a temporary. To be called as soon as its code has been made: code that is made in between and
 * evaluated later would have the same temporary for something of its own.
 */
export function keep(code: string, e: FunctionEmitter): { code: string; again: string } {
  const again = e.takeTemp();
  return { code: `(${again}=${code})`, again };
}

/**
 * Code for several operands, to be evaluated in order. What is evaluated before something that may wait is kept in a
 * temporary, so that it is counted among what the function holds while it waits.
 */
export function emitOperands(nodes: readonly ast.Expression[], e: FunctionEmitter): string[] {
  return emitOperandsAgain(nodes, e, () => false).map(({ code }) => code);
}

/** As {@link emitOperands}; those that are `used` again can be had again. */
export function emitOperandsAgain(
  nodes: readonly ast.Expression[],
  e: FunctionEmitter,
  used: (at: number) => boolean,
): Operand[] {
  const last = e.isResumable ? nodes.findLastIndex((node) => !isSimple(node, e)) : -1;
  return nodes.map((node, at) => {
    const code = emitExpression(node, e);
    if (isSimple(node, e)) return { code, again: code };
    return at < last || used(at) ? keep(code, e) : { code, again: undefined };
  });
}

/** Operands that inline code refers to several times: `set` evaluates them, in order; `refs` are their names. */
export function emitRefs(
  nodes: readonly ast.Expression[],
  e: FunctionEmitter,
): { set: string; refs: string[] } {
  let set = '';
  const refs = nodes.map((node) => {
    const code = emitExpression(node, e);
    if (isSimple(node, e)) return code;
    const temp = e.takeTemp();
    set += `${temp}=${code},`;
    return temp;
  });
  return { set, refs };
}

/** Whether the value is certainly an int that is a JavaScript number. */
export function isSmallInt(node: ast.Expression, e: FunctionEmitter): boolean {
  if (node.kind === 'Int') return typeof node.value === 'number';
  if (node.kind === 'Call') return isCallOfLen(node);
  return node.kind === 'Name' && node.binding !== null && e.counters.has(node.binding);
}

function isCallOfLen({ callee, args }: ast.Call): boolean {
  if (callee.kind !== 'Name' || callee.binding?.kind !== 'universal') return false;
  return callee.name === 'len' && args.length === 1 && args[0]!.kind === 'positional';
}

/** Whether the value is certainly no int at all. */
export function isNoInt(node: ast.Expression): boolean {
  return notInts.has(node.kind);
}

const notInts: ReadonlySet<ast.Expression['kind']> = new Set([
  'Float',
  'String',
  'Bytes',
  'FString',
  'Tuple',
  'List',
  'Dict',
  'Comprehension',
]);

export function isBool(node: ast.Expression): boolean {
  if (node.kind === 'Unary') return node.operator === 'not';
  if (node.kind === 'Name') {
    return node.binding?.kind === 'universal' && (node.name === 'True' || node.name === 'False');
  }
  if (node.kind !== 'Binary') return false;
  let first: ast.Expression = node;
  for (; first.kind === 'Binary' && (first.operator === 'and' || first.operator === 'or'); first = first.left)
    if (!isBool(first.right)) return false;
  if (first !== node) return isBool(first);
  return comparisons.has(node.operator);
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in']);

/** Code for reading a variable; fails when it holds nothing yet. */
export function emitVariable(node: ast.Name, e: FunctionEmitter): string {
  const variable = node.binding!;
  if (variable.kind === 'universal') {
    if (node.name === 'None') return 'null';
    if (node.name === 'True') return 'true';
    if (node.name === 'False') return 'false';
  }
  const name = variableName(variable);
  if (variable.scope === null) return name;
  passIn(variable, e);
  if (e.assigned.has(variable) || isSettled(variable, e)) return name;
  const { site } = e.program;
  const where = site.call(e.program, node.start, node.end);
  return `(${name}===undefined?${e.helper('unbound')}(${e.program.constant(variable.name)},${variable.kind === 'global'},p=${where}):${name})`;
}

/** A comprehension is a JavaScript function of its own, which takes the variables around it that it reads. */
function passIn(variable: Variable, e: FunctionEmitter): void {
  if (e.outer === null || e.own.has(variable) || variable.isCaptured) return;
  if (variable.scope !== e.scope) return;
  e.passedIn.add(variable);
}
