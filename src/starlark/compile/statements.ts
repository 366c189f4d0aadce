import { branchesOf } from '../resolve/branches.ts';
import type { Variable } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import { inAll } from './assigned.ts';
import { type FunctionEmitter, variableName } from './emitter.ts';
import { emitAugmented } from './augmented.ts';
import { emitCondition, emitExpression, isVariable } from './expressions.ts';
import { emitDef } from './functions.ts';
import { emitLoad } from './load.ts';
import { emitLoop } from './loops.ts';
import { emitOperands, emitRefs } from './operands.ts';

/** Statements of a block. What follows an `if` that may leave the block is paid for only when it is reached. */
export function emitStatements(body: readonly ast.Statement[], e: FunctionEmitter): void {
  e.parts((part) => {
    body.forEach((statement, at) => {
      emitStatement(statement, e);
      const mayLeave =
        statement.kind === 'If' && (endsBlock(statement.then) || endsBlock(statement.otherwise));
      if (mayLeave && at + 1 < body.length) part();
    });
  });
}

function emitStatement(statement: ast.Statement, e: FunctionEmitter): void {
  switch (statement.kind) {
    case 'Expression':
      e.cost(1);
      return e.emit(`${emitExpression(statement.value, e)};`);
    case 'Assign':
      return statement.operator === null
        ? emitAssign(statement, e)
        : emitAugmented(statement, statement.operator, e);
    case 'Def':
      return emitDef(statement, e);
    case 'If':
      return emitIf(statement, e);
    case 'For':
      return emitFor(statement, e);
    case 'While':
      return emitWhile(statement, e);
    case 'Return':
      return emitReturn(statement, e);
    case 'Jump':
      if (statement.word !== 'pass') e.emit(`${statement.word};`);
      return;
    case 'Load':
      return emitLoad(statement, e);
  }
}

function emitAssign(statement: ast.Assign, e: FunctionEmitter): void {
  const { target, value } = statement;
  if (target.kind === 'Name') return emitStore(target, emitExpression(value, e), e);
  if (value.kind === 'Tuple' && target.kind === 'Tuple' && swapsSimply(target, value))
    return emitParallel(target, value, e);
  const height = e.temps;
  const temp = e.takeTemp();
  e.emit(`${temp}=${emitExpression(value, e)};`);
  emitStore(target, temp, e);
  e.releaseTemps(height);
}

/** `a, b = b, a + b`: as many names as values, so no tuple need be made. */
function swapsSimply(target: ast.TupleDisplay, value: ast.TupleDisplay): boolean {
  return target.items.length === value.items.length && target.items.every(({ kind }) => kind === 'Name');
}

function emitParallel(target: ast.TupleDisplay, value: ast.TupleDisplay, e: FunctionEmitter): void {
  const height = e.temps;
  e.cost(2);
  const temps = value.items.map((item) => {
    const code = emitExpression(item, e);
    const temp = e.takeTemp();
    e.emit(`${temp}=${code};`);
    return temp;
  });
  target.items.forEach((item, at) => emitStore(item, temps[at]!, e));
  e.releaseTemps(height);
}

/** Code that stores a value, given as JavaScript code, in a target. */
export function emitStore(target: ast.Expression, value: string, e: FunctionEmitter): void {
  e.cost(1);
  switch (target.kind) {
    case 'Name': {
      const variable = target.binding!;
      e.emit(`${variableName(variable)}=${value};`);
      noteAssigned(variable, e);
      return;
    }
    case 'Index': {
      const height = e.temps;
      const temp = keepValue(value, e);
      if (e.isHot) return emitQuickSetIndex(target, temp, height, e);
      const [object, index] = emitOperands([target.object, target.index], e);
      e.emit(
        `${e.helper('setIndex')}(t,${object},${index},${temp},${e.at({ start: target.at, end: target.end })});`,
      );
      e.releaseTemps(height);
      return;
    }
    case 'Attribute': {
      const height = e.temps;
      const temp = keepValue(value, e);
      const object = emitExpression(target.object, e);
      const name = e.program.constant(target.name);
      e.emit(
        `${e.helper('setAttr')}(${object},${name},${temp},${e.at({ start: target.at, end: target.end })});`,
      );
      e.releaseTemps(height);
      return;
    }
    default:
      emitUnpack(target as ast.TupleDisplay | ast.ListDisplay, value, e);
  }
}

/** `xs[i] = value` where it may run often: lists are changed in place. */
function emitQuickSetIndex(target: ast.Index, value: string, height: number, e: FunctionEmitter): void {
  const { set, refs } = emitRefs([target.object, target.index], e);
  const [x, i] = refs as [string, string];
  const slow = `${e.helper('setIndex')}(t,${x},${i},${value},${e.at({ start: target.at, end: target.end })});`;
  if (set !== '') e.emit(`${set.slice(0, -1)};`);
  if (target.index.kind === 'String' || !isVariable(x)) e.emit(slow);
  else {
    const isIndex = `typeof ${i}==="number"&&${i}>=0&&${i}<${x}.elems.length`;
    e.emit(
      `if(${x} instanceof ${e.helper('List')}&&${x}.locks===0&&${isIndex})${x}.elems[${i}]=${value};else ${slow}`,
    );
  }
  e.releaseTemps(height);
}

/** Evaluates a value before the parts of its target, unless it is already in a variable. */
function keepValue(value: string, e: FunctionEmitter): string {
  if (/^(a\d+|i\d+)$/.test(value)) return value;
  const temp = e.takeTemp();
  e.emit(`${temp}=${value};`);
  return temp;
}

function emitUnpack(target: ast.TupleDisplay | ast.ListDisplay, value: string, e: FunctionEmitter): void {
  const { items } = target;
  e.cost(items.length);
  const height = e.temps;
  const temp = e.takeTemp();
  e.emit(`${temp}=${e.helper('unpack')}(t,${value},${items.length},${e.at(target)});`);
  items.forEach((item, at) => emitStore(item, `${temp}[${at}]`, e));
  e.releaseTemps(height);
}

/** From here on the variable holds a value. In a block that may be left out, the caller forgets this again. */
export function noteAssigned(variable: Variable, e: FunctionEmitter): void {
  if (variable.scope === e.scope) e.assigned.add(variable);
}

function emitIf(statement: ast.If, e: FunctionEmitter): void {
  const branches = branchesOf(statement);
  if (branches.length > 1) return emitBranches(branches, e);
  e.cost(2);
  e.emit(`if(${emitCondition(statement.condition, e)}){`);
  const inThen = emitBranch(statement.then, e);
  let inElse: readonly Variable[] = [];
  if (statement.otherwise.length > 0) {
    e.emit('}else{');
    inElse = emitBranch(statement.otherwise, e);
  }
  e.emit('}');
  noteAfter(
    [
      [statement.then, inThen],
      [statement.otherwise, inElse],
    ],
    e,
  );
}

/**
 * Code for `if` with `elif`: one after the other in a block that each of them leaves, for V8 goes into an `else` within an
 * `else` on its own stack.
 */
function emitBranches(branches: readonly ast.If[], e: FunctionEmitter): void {
  const label = e.nextLabel();
  const found: [readonly ast.Statement[], readonly Variable[]][] = [];
  e.emit(`${label}:{`);
  e.parts((part) => {
    branches.forEach(({ condition, then }, at) => {
      if (at > 0) part();
      e.cost(2);
      e.emit(`if(${emitCondition(condition, e)}){`);
      found.push([then, emitBranch(then, e)]);
      e.emit(endsBlock(then) ? '}' : `break ${label};}`);
    });
    const { otherwise } = branches.at(-1)!;
    part();
    found.push([otherwise, emitBlock(otherwise, e)]);
  });
  e.emit('}');
  noteAfter(found, e);
}

function emitBranch(body: readonly ast.Statement[], e: FunctionEmitter): readonly Variable[] {
  let assigned: readonly Variable[] = [];
  e.branch(() => (assigned = emitBlock(body, e)));
  return assigned;
}

/** Code for statements that may be left out; returns the variables that hold a value after them. */
function emitBlock(body: readonly ast.Statement[], e: FunctionEmitter): readonly Variable[] {
  const mark = e.assigned.mark();
  emitStatements(body, e);
  return e.assigned.undo(mark);
}

/** After branches of which one is taken, what all hold that end there holds a value. */
function noteAfter(
  branches: readonly (readonly [body: readonly ast.Statement[], assigned: readonly Variable[]])[],
  e: FunctionEmitter,
): void {
  const going = branches.filter(([body]) => !endsBlock(body)).map(([, assigned]) => assigned);
  for (const variable of inAll(going)) e.assigned.add(variable);
}

/** Whether the code after this block is not reached from it. */
function endsBlock(body: readonly ast.Statement[]): boolean {
  const last = body.at(-1);
  return last?.kind === 'Return' || (last?.kind === 'Jump' && last.word !== 'pass');
}

function emitFor(statement: ast.For, e: FunctionEmitter): void {
  const { target, iterable } = statement;
  emitLoop({ target, iterable, given: null, body: () => emitStatements(statement.body, e) }, e);
}

function emitWhile(statement: ast.While, e: FunctionEmitter): void {
  const mark = e.assigned.mark();
  e.emit('for(;;){');
  e.repeated(statement.condition, () => {
    e.cost(2);
    e.emit(`if(!${emitCondition(statement.condition, e)})break;`);
    emitStatements(statement.body, e);
  });
  e.emit('}');
  e.assigned.undo(mark);
}

function emitReturn(statement: ast.Return, e: FunctionEmitter): void {
  e.cost(2);
  const value = statement.value === null ? 'null' : emitExpression(statement.value, e);
  if (e.loops.length === 0) return e.emit(emitReturnOf(value, e));
  e.emit(`v=${value};${e.unlockAll()}${emitReturnOf('v', e)}`);
}

/** Code that ends a call: what its beginning counted up is counted down. */
export function emitReturnOf(value: string, e: FunctionEmitter): string {
  const { id } = e.scope;
  return e.program.forms.guarded.has(id)
    ? `return ${e.helper('leaveOnce')}(t,${value},${id});`
    : `return ${e.helper('leave')}(t,${value});`;
}
