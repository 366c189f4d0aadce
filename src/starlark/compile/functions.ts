import type { FunctionShape } from '../eval/function.ts';
import { elementsPerCharacter, type Steps } from '../steps.ts';
import type * as ast from '../syntax/ast.ts';
import { FunctionEmitter, type ProgramEmitter, variableName } from './emitter.ts';
import { emitExpression } from './expressions.ts';
import { keep } from './operands.ts';
import { emitReturnOf, emitStatements, emitStore } from './statements.ts';

export function emitDef(statement: ast.Def, e: FunctionEmitter): void {
  emitStore(statement.name, emitFunctionValue(statement.fn, e), e);
}

/** Code that makes a function; the JavaScript function itself goes beside the code around it. */
export function emitFunctionValue(fn: ast.FunctionNode, e: FunctionEmitter): string {
  const scope = fn.scope!;
  const inner = new FunctionEmitter(e.program, scope, null);
  e.addInner(functionText(fn, inner), inner);
  e.program.shapes[scope.id] = shapeOf(fn, e.program.forms.resumable.has(scope.id));
  e.cost(3 + fn.params.length);
  const captured = [...scope.captures].map(variableName);
  const parts = [`H[${scope.id}]`, `f${scope.id}`, emitDefaults(fn, e)];
  if (captured.length > 0) parts.push(`()=>[${captured.join(',')}]`);
  else if (parts.at(-1) === 'null') parts.pop();
  return `new ${e.helper('StarlarkFunction')}(${parts.join(',')})`;
}

/** The defaults in the order of the shape's parameters. */
function emitDefaults(fn: ast.FunctionNode, e: FunctionEmitter): string {
  if (fn.params.every(({ fallback }) => fallback === null)) return 'null';
  const height = e.temps;
  const codes = fn.params
    .filter(({ kind }) => kind === 'required' || kind === 'optional')
    .map(({ fallback }) => {
      if (fallback === null) return 'undefined';
      const code = emitExpression(fallback, e);
      return e.isResumable ? keep(code, e).code : code;
    });
  e.releaseTemps(height);
  return `[${codes.join(',')}]`;
}

function functionText(fn: ast.FunctionNode, e: FunctionEmitter): string {
  const { scope } = e;
  for (const variable of scope.locals) if (!variable.isInComprehension) e.own.add(variable);
  const params = orderParams(fn.params).map(({ name }) => name!.binding!);
  for (const variable of params) e.assigned.add(variable);
  e.openBlock(fn);
  emitStatements(fn.body, e);
  e.cost(2);
  e.closeBlock();
  const locals = [...e.own]
    .filter((variable) => !variable.isParameter)
    .map((variable) => `,${variableName(variable)}`);
  return frame(e, {
    name: `f${scope.id}`,
    params: params.map((variable) => `,${variableName(variable)}`).join(''),
    locals: locals.join(''),
    ends: fn.body.at(-1)?.kind === 'Return',
  });
}

/** A whole JavaScript function: counts the call, runs the code, and notes the call in errors that leave it. */
function frame(
  e: FunctionEmitter,
  options: { name: string; params: string; locals: string; ends: boolean },
): string {
  const { id } = e.scope;
  const isGuarded = e.program.forms.guarded.has(id);
  const enter = isGuarded ? `${e.helper('enterOnce')}(t,${id},H[${id}]);` : `${e.helper('enter')}(t);`;
  const failed = `throw ${e.helper(isGuarded ? 'unwindOnce' : 'unwind')}(t,e,M,${id},p${e.caughtLocks()});`;
  return (
    `var ${options.name}=(function${e.isResumable ? '*' : ''}(t${options.params}){` +
    `${enter}var ${e.declarations()}${options.locals};${e.inner.join('')}` +
    `try{${e.out.join('')}${options.ends ? '' : emitReturnOf('null', e)}}catch(e){${failed}}});`
  );
}

/** Parameters as compiled code takes them: `*args` after all that have names, then `**kwargs`. */
function orderParams(params: readonly ast.Param[]): ast.Param[] {
  const named = params.filter(({ kind }) => kind === 'required' || kind === 'optional');
  return [
    ...named,
    ...params.filter(({ kind }) => kind === 'args'),
    ...params.filter(({ kind }) => kind === 'kwargs'),
  ];
}

function shapeOf(fn: ast.FunctionNode, isResumable: boolean): FunctionShape {
  const star = fn.params.findIndex(({ kind }) => kind === 'star' || kind === 'args');
  const named = fn.params.filter(({ kind }) => kind === 'required' || kind === 'optional');
  const positional = star < 0 ? named.length : star;
  return {
    name: fn.name,
    params: named.map(({ name }) => name!.name),
    positional,
    optional: named.slice(0, positional).filter(({ kind }) => kind === 'optional').length,
    hasArgs: fn.params.some(({ kind }) => kind === 'args'),
    hasKwargs: fn.params.some(({ kind }) => kind === 'kwargs'),
    doc: fn.doc,
    isResumable,
    loopReads: [...(fn.scope?.loopReads ?? [])].map(({ name }) => name),
  };
}

/**
 * The file as a JavaScript generator function; its value is that of a top-level `return`. A statement is a step.
 */
export function* fileText(file: ast.File, program: ProgramEmitter): Steps<string> {
  const { scope, used } = program.program;
  const e = new FunctionEmitter(program, scope, null);
  for (const variable of scope.locals) if (!variable.isInComprehension) e.own.add(variable);
  program.shapes[0] = { ...emptyShape, name: '<toplevel>' };
  const handedIn = used.map((variable) => `,${variableName(variable)}`).join('');
  for (const variable of used) e.assigned.add(variable);
  e.openBlock(file);
  yield e.own.size;
  yield* emitTopLevel(file.body, e);
  e.closeBlock();
  const globals = [...e.own].map(variableName);
  const failed = `throw ${e.helper('unwind')}(t,e,M,0,p${e.caughtLocks()});`;
  const text =
    `return (function*(t,G${handedIn}){t.depth++;var ${[e.declarations(), ...globals].join(',')};${e.inner.join('')}` +
    `try{${e.out.join('')}${emitReturnOf('null', e)}}catch(e){${failed}}` +
    `finally{G.values=${e.ownValues()};}})`;
  program.length.all(text.length, file);
  return text;
}

/** Straight-line code at the top is cut into pieces, so that it too can pause now and then. */
function* emitTopLevel(body: readonly ast.Statement[], e: FunctionEmitter): Steps<void> {
  const pieceLength = 8;
  const { length } = e.program;
  for (const [at, statement] of body.entries()) {
    if (at > 0 && at % pieceLength === 0) {
      e.closeBlock();
      e.openBlock(statement);
    }
    const before = length.total;
    emitStatements([statement], e);
    length.check(statement);
    yield elementsPerCharacter * (length.total - before);
  }
}

const emptyShape: FunctionShape = {
  name: '',
  params: [],
  positional: 0,
  optional: 0,
  hasArgs: false,
  hasKwargs: false,
  doc: null,
  isResumable: true,
  loopReads: [],
};
