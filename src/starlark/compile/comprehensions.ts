import { findTargets } from '../resolve/bindings.ts';
import type * as ast from '../syntax/ast.ts';
import { FunctionEmitter, variableName } from './emitter.ts';
import { emitCondition, emitExpression } from './expressions.ts';
import { emitLoop } from './loops.ts';
import { emitRefs, keep } from './operands.ts';

/**
 * A comprehension becomes a JavaScript function of its own beside the function it stands in. It takes the first
 * clause's iterable, which is evaluated outside, and the variables around it that it reads.
 */
export function emitComprehension(node: ast.Comprehension, outer: FunctionEmitter): string {
  outer.cost(2);
  const first = node.clauses[0] as ast.ForClause;
  const height = outer.temps;
  let iterable = emitExpression(first.iterable, outer);
  if (outer.isResumable) iterable = keep(iterable, outer).code;
  const e = new FunctionEmitter(outer.program, outer.scope, outer);
  const mark = e.assigned.mark();
  ownVariables(node, e);
  emitClauses(node, 0, e);
  e.assigned.undo(mark);
  const name = e.program.nextComprehension();
  outer.addInner(functionText(name, node, e), e);
  const passed = [...e.passedIn].map(variableName);
  for (const variable of e.passedIn) {
    if (outer.outer !== null && !outer.own.has(variable)) outer.passedIn.add(variable);
  }
  const call = `${name}(${['t', iterable, ...passed].join(',')})`;
  outer.releaseTemps(height);
  if (!e.isResumable) return call;
  const begun = `${e.helper('begin')}(t,${call},p=${e.program.site(node.start, node.end)})`;
  return outer.suspendable(begun);
}

/** The variables of all its clauses are the comprehension's own. */
function ownVariables({ clauses }: ast.Comprehension, e: FunctionEmitter): void {
  for (const clause of clauses) {
    if (clause.kind === 'for') findTargets(clause.target, (name) => e.own.add(name.binding!), false);
  }
}

function functionText(name: string, node: ast.Comprehension, e: FunctionEmitter): string {
  const { isResumable } = e;
  const variables = [...e.own].map((variable) => `,${variableName(variable)}`).join('');
  const result = node.key === null ? '[]' : `new ${e.helper('Dict')}()`;
  const passed = [...e.passedIn].map((variable) => `,${variableName(variable)}`).join('');
  const made = node.key === null ? `new ${e.helper('List')}(r)` : 'r';
  const failed = `throw ${e.helper('note')}(e,p${e.caughtLocks()});`;
  return (
    `var ${name}=(function${isResumable ? '*' : ''}(t,s${passed}){var r=${result},${e.declarations()}${variables};` +
    `${e.inner.join('')}try{${e.out.join('')}return ${made};}catch(e){${failed}}});`
  );
}

function emitClauses(node: ast.Comprehension, at: number, e: FunctionEmitter): void {
  const clause = node.clauses[at];
  if (clause === undefined) return emitElement(node, e);
  if (clause.kind === 'if') {
    e.cost(2);
    e.emit(`if(${emitCondition(clause.condition, e)}){`);
    e.branch(() => emitClauses(node, at + 1, e));
    e.emit('}');
    return;
  }
  const iterable = at === 0 ? 's' : null;
  emitLoop(
    {
      target: clause.target,
      iterable: clause.iterable,
      given: iterable,
      body: () => emitClauses(node, at + 1, e),
    },
    e,
  );
}

function emitElement(node: ast.Comprehension, e: FunctionEmitter): void {
  e.cost(2);
  const height = e.temps;
  if (node.key === null) e.emit(`t.charge(8);r.push(${emitExpression(node.value, e)});`);
  else {
    const { set, refs } = emitRefs([node.key, node.value], e);
    e.emit(`${set}${e.helper('setEntry')}(t,r,${refs.join(',')},${e.at(node.key)});`);
  }
  e.releaseTemps(height);
}
