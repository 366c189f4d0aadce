import type { Variable } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import { type FunctionEmitter, variableName } from './emitter.ts';
import { emitExpression } from './expressions.ts';
import { emitOperands, isSmallInt } from './operands.ts';
import { emitStore, noteAssigned } from './statements.ts';

interface Loop {
  readonly target: ast.Target;
  readonly iterable: ast.Expression;
  /** A JavaScript variable that already holds the iterable, or null. */
  readonly given: string | null;
  body(): void;
}

/** Code for a `for`, of a statement or of a comprehension. */
export function emitLoop(loop: Loop, e: FunctionEmitter): void {
  const mark = e.assigned.mark();
  e.cost(3);
  const count = countedRange(loop.iterable);
  if (count !== null && loop.given === null) emitCounted(loop, count, e);
  else emitGeneral(loop, e);
  e.assigned.undo(mark);
}

/** The arguments of a direct call of the built-in `range`, which needs no list of numbers. */
function countedRange(node: ast.Expression): readonly ast.Expression[] | null {
  if (node.kind !== 'Call' || node.callee.kind !== 'Name') return null;
  const { binding } = node.callee;
  if (binding?.kind !== 'universal' || binding.name !== 'range') return null;
  if (node.args.length < 1 || node.args.length > 3) return null;
  return node.args.every(({ kind }) => kind === 'positional') ? node.args.map(({ value }) => value) : null;
}

function emitCounted(loop: Loop, args: readonly ast.Expression[], e: FunctionEmitter): void {
  const height = e.temps;
  e.cost(args.length + 3);
  const codes = emitOperands(args, e);
  const number = e.enterLoop();
  const [s, i, n] = [`s${number}`, `i${number}`, `n${number}`];
  while (codes.length < 3) codes.push('undefined');
  e.emit(`${s}=${e.helper('range')}(t,${codes.join(',')},${e.at(loop.iterable)});`);
  e.releaseTemps(height);
  e.emit(`for(${i}=0,${n}=${s}.length;${i}<${n};${i}++){`);
  const isSmall = isSmallRange(args, e);
  const counter = isSmall ? counterOf(loop.target, e) : null;
  if (counter !== null) e.counters.add(counter);
  e.repeated(loop.target, () => {
    e.cost(4);
    const counted = args.length === 1 ? i : `${s}.start+${i}${args.length === 3 ? `*${s}.step` : ''}`;
    emitStore(loop.target, isSmall ? counted : `${s}.at(${i})`, e);
    loop.body();
  });
  if (counter !== null) e.counters.delete(counter);
  e.leaveLoop();
  e.emit('}');
}

/** From bounds below these it takes hours to count to an int that is not small. */
const lowStart = 2 ** 52;
const lowStep = 1024;

/** Whether a loop over the range certainly gets to nothing but small ints. */
function isSmallRange(args: readonly ast.Expression[], e: FunctionEmitter): boolean {
  const [start, , step] = args;
  if (args.length === 1) return true;
  if (step !== undefined && !(step.kind === 'Int' && step.value <= lowStep)) return false;
  return start!.kind === 'Int' ? start.value < lowStart : isSmallInt(start!, e);
}

/** The loop's variable, if it can hold nothing but the loop's numbers. */
function counterOf(target: ast.Target, e: FunctionEmitter): Variable | null {
  if (target.kind !== 'Name') return null;
  const variable = target.binding!;
  return variable.bindings === 1 && !variable.isCaptured && variable.scope === e.scope ? variable : null;
}

function emitGeneral(loop: Loop, e: FunctionEmitter): void {
  const iterable = loop.given ?? emitExpression(loop.iterable, e);
  const number = e.enterLoop();
  const [k, s, i, n] = [`l${number}`, `s${number}`, `i${number}`, `n${number}`];
  e.emit(`${s}=${e.helper('open')}(t,${k}=${iterable},${e.at(loop.iterable)});`);
  e.loops.push(number);
  e.emit(`for(${i}=0,${n}=${s}.length;${i}<${n};${i}++){`);
  e.repeated(loop.target, () => {
    e.cost(4);
    const height = e.temps;
    const item = loop.target.kind === 'Name' ? variableName(loop.target.binding!) : e.takeTemp();
    e.emit(e.isHot ? `${item}=${s}[${i}]??${s}.at(${i});` : `${item}=${e.helper('itemAt')}(${s},${i});`);
    if (loop.target.kind !== 'Name') emitStore(loop.target, item, e);
    else noteAssigned(loop.target.binding!, e);
    e.releaseTemps(height);
    loop.body();
  });
  e.loops.pop();
  e.leaveLoop();
  e.emit(`}${s}=${k}=${e.helper('close')}(${k});`);
}
