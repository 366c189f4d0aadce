import type { FunctionScope, Variable } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import { typesWithMethod } from '../values/attributes.ts';
import { type FunctionEmitter, variableName } from './emitter.ts';
import { emitExpression } from './expressions.ts';
import { emitOperands, emitOperandsAgain, emitVariable, isSimple, keep } from './operands.ts';

/** JavaScript code for a call's value. */
export function emitCall(node: ast.Call, e: FunctionEmitter): string {
  e.cost(2 + node.args.length);
  const height = e.temps;
  const callee = e.program.forms.classify(node);
  let code: string;
  switch (callee.kind) {
    case 'function':
      code = emitFunctionCall(node, callee.variable, callee.scope, e);
      break;
    case 'plain':
      code = emitPlainCall(node, callee.variable, callee.pauses !== 'never' && e.isResumable, e);
      break;
    case 'waiting':
      code = emitWaitingCall(node, callee.variable, e);
      break;
    case 'method':
      code = emitMethodCall(
        node,
        node.callee as ast.Attribute,
        callee.pauses !== 'never' && e.isResumable,
        e,
      );
      break;
    default:
      code = emitUnknownCall(node, e);
  }
  e.releaseTemps(height);
  return code;
}

/** A call of a function that is known: its code is called directly where the arguments fit. */
function emitFunctionCall(
  node: ast.Call,
  variable: Variable,
  scope: FunctionScope,
  e: FunctionEmitter,
): string {
  const check = emitVariable(node.callee as ast.Name, e);
  const values = fitArguments(node, scope, e);
  if (values === null) {
    const mayWait = e.program.forms.resumable.has(scope.id);
    return emitGeneralCall(node, check, e, mayWait, `function ${scope.node!.name} ${twiceForFunction}`);
  }
  const height = e.temps;
  const given = emitOperands(
    values.filter((value) => value !== null),
    e,
  );
  let next = 0;
  const args = values.map((value, at) =>
    value === null ? `${variableName(variable)}.defaults[${at}]` : given[next++]!,
  );
  const checked = check === variableName(variable) ? '' : `${check},`;
  const site = e.at(callSite(node));
  const resumable = e.program.forms.resumable.has(scope.id);
  const code = ['t', ...args].join(',');
  const call = resumable
    ? e.suspendable(`${e.helper('begin')}(t,f${scope.id}(${code}),${site})`)
    : `f${scope.id}(${code},${site})`;
  e.releaseTemps(height);
  return checked === '' ? call : `(${checked}${call})`;
}

/**
 * The argument for each parameter, null where the default stands in; or null altogether when the call must be
 * arranged while running. Arguments by name are taken only where that keeps their order.
 */
function fitArguments(
  node: ast.Call,
  scope: FunctionScope,
  e: FunctionEmitter,
): (ast.Expression | null)[] | null {
  const { params } = scope.node!;
  const index = e.program.paramIndex(scope);
  const values: (ast.Expression | null)[] = [];
  for (const argument of node.args) {
    if (argument.kind === 'args' || argument.kind === 'kwargs') return null;
    if (argument.kind === 'positional') {
      if (params[values.length]?.kind === 'star') return null;
      values.push(argument.value);
      continue;
    }
    const at = index.get(argument.name) ?? -1;
    if (at < values.length) return null;
    while (values.length < at) values.push(null);
    values.push(argument.value);
  }
  if (values.length > params.length) return null;
  for (let at = 0; at < params.length; at++) {
    const { kind } = params[at]!;
    if (kind !== 'required' && kind !== 'optional') return null;
    if (at >= values.length) values.push(null);
    if (values[at] === null && kind === 'required') return null;
  }
  return values;
}

function emitPlainCall(node: ast.Call, variable: Variable, pauses: boolean, e: FunctionEmitter): string {
  const name = variableName(variable);
  const quick = emitQuickBuiltin(node, variable, e);
  if (quick !== null) return quick;
  const { args, kwargs } = emitArguments(node, e, `${variable.name}: ${givenTwice}`);
  const call = `(t,${name},${args},${kwargs},${e.at(callSite(node))})`;
  return pauses ? e.pausable(e.helper('beginPlain') + call) : e.helper('callPlain') + call;
}

/** Built-in functions that are called all the time have code of their own in the runtime. */
function emitQuickBuiltin(node: ast.Call, variable: Variable, e: FunctionEmitter): string | null {
  if (variable.kind !== 'universal' || node.args.length !== 1 || node.args[0]!.kind !== 'positional')
    return null;
  const helper = { len: 'len', str: 'str', type: 'type' }[variable.name];
  if (helper === undefined) return null;
  return `${e.helper(helper)}(t,${emitExpression(node.args[0]!.value, e)},${e.at(callSite(node))})`;
}

function emitWaitingCall(node: ast.Call, variable: Variable, e: FunctionEmitter): string {
  if (takesFew(node)) return emitGeneralCall(node, variableName(variable), e, true, givenTwice);
  const { args, kwargs } = emitArguments(node, e, `${variable.name}: ${givenTwice}`);
  const begun = `${e.helper('beginWaiting')}(t,${variableName(variable)},${args},${kwargs},${e.at(callSite(node))})`;
  return e.suspendable(begun);
}

function emitMethodCall(node: ast.Call, callee: ast.Attribute, pauses: boolean, e: FunctionEmitter): string {
  e.cost(1);
  const named = (form: string): string => e.helper(`${pauses ? 'begin' : 'call'}Method${form}`);
  const name = e.program.constant(callee.name);
  const site = { start: callee.at, end: node.end };
  const quick = node.args.length <= 2 && node.args.every(({ kind }) => kind === 'positional');
  const object = emitObject(node, callee, e);
  if (quick) {
    const args = emitOperands(
      node.args.map(({ value }) => value),
      e,
    );
    const special = specialMethods.get(`${callee.name}/${args.length}`);
    if (special !== undefined) return `${e.helper(special)}(${['t', object, ...args, e.at(site)].join(',')})`;
    const call = `${named(String(args.length))}(${['t', object, name, ...args, e.at(site)].join(',')})`;
    return pauses ? e.pausable(call) : call;
  }
  const { args, kwargs } = emitArguments(node, e, `${callee.name}: ${givenTwice}`);
  const call = `${named('')}(t,${object},${name},${args},${kwargs},${e.at(site)})`;
  return pauses ? e.pausable(call) : call;
}

/**
 * The object of a method's call. Where the arguments call something, it is seen to that the method is there before
 * they are evaluated: what they do would be done for nothing.
 */
function emitObject(node: ast.Call, callee: ast.Attribute, e: FunctionEmitter): string {
  const code = emitExpression(callee.object, e);
  const isName = isSimple(callee.object, e);
  if (!node.argsCall) {
    const mustKeep = !isName && e.isResumable && node.args.some(({ value }) => !isSimple(value, e));
    return mustKeep ? keep(code, e).code : code;
  }
  const kept = isName ? { code: '', again: code } : keep(code, e);
  const types = typesWithMethod(callee.name);
  const tests: string[] = [];
  if (types.string) tests.push(`typeof ${kept.again}==="string"`);
  if (types.list) tests.push(`${kept.again} instanceof ${e.helper('List')}`);
  if (types.dict) tests.push(`${kept.again} instanceof ${e.helper('Dict')}`);
  const at = e.at({ start: callee.at, end: node.end });
  tests.push(`${e.helper('assertAttr')}(${kept.again},${e.program.constant(callee.name)},${at})`);
  return `(${isName ? '' : `${kept.code},`}${tests.join('||')},${kept.again})`;
}

/** Methods that are called all the time, by name and number of arguments, have code of their own in the runtime. */
const specialMethods: ReadonlyMap<string, string> = new Map([
  ['append/1', 'append'],
  ['get/1', 'get1'],
  ['get/2', 'get2'],
]);

function emitUnknownCall(node: ast.Call, e: FunctionEmitter): string {
  const callee = emitCalleeValue(node.callee, e);
  return emitGeneralCall(node, callee, e, e.program.forms.unknownMayWait, givenTwice);
}

/** The value to be called; of a member that may wait, the member itself. */
function emitCalleeValue(callee: ast.Expression, e: FunctionEmitter): string {
  const code = emitExpression(callee, e);
  return e.isResumable ? keep(code, e).code : code;
}

/** @param twice see {@link emitArguments} */
function emitGeneralCall(
  node: ast.Call,
  callee: string,
  e: FunctionEmitter,
  mayWait: boolean,
  twice: string,
): string {
  const begins = mayWait && e.isResumable;
  let call: string;
  if (takesFew(node)) {
    const args = emitOperands(
      node.args.map(({ value }) => value),
      e,
    );
    const helper = e.helper(`${begins ? 'begin' : 'call'}${args.length}`);
    call = `${helper}(${['t', callee, ...args, e.at(callSite(node))].join(',')})`;
  } else {
    const { args, kwargs } = emitArguments(node, e, twice);
    call = `${e.helper(begins ? 'beginAny' : 'callAny')}(t,${callee},${args},${kwargs},${e.at(callSite(node))})`;
  }
  return begins ? e.suspendable(call) : call;
}

/** Whether there is a function of the runtime for calls with as many arguments, all by position. */
function takesFew({ args }: ast.Call): boolean {
  return args.length <= 3 && args.every(({ kind }) => kind === 'positional');
}

/**
 * Code for the array of positional arguments and the map of keyword arguments. The array is evaluated first, so
 * what `*args` follows in the call, though it belongs in the map, is evaluated within it.
 * @param twice what is wrong when `**kwargs` holds a name that is given already, but for that name
 */
function emitArguments(node: ast.Call, e: FunctionEmitter, twice: string): { args: string; kwargs: string } {
  const hasArgs = node.args.some(({ kind }) => kind === 'args');
  const args: string[] = [];
  const pairs: string[] = [];
  let before = '';
  let kwargs: string | null = null;
  const operands = emitOperandsAgain(
    node.args.map(({ value }) => value),
    e,
    (at) => hasArgs && node.args[at]!.kind === 'named',
  );
  for (const [at, argument] of node.args.entries()) {
    const { code, again } = operands[at]!;
    if (argument.kind === 'positional') args.push(code);
    else if (argument.kind === 'args')
      args.push(`...(${before}${e.helper('spread')}(t,${code},${e.at(argument)}))`);
    else if (argument.kind === 'kwargs') kwargs = `${code},${e.at(argument)}`;
    else if (hasArgs && code !== again) {
      before += `${code},`;
      pairs.push(`${e.program.constant(argument.name)},${again!}`);
    } else pairs.push(`${e.program.constant(argument.name)},${code}`);
  }
  const array = `[${args.join(',')}]`;
  if (pairs.length === 0 && kwargs === null) return { args: array, kwargs: e.helper('noKwargs') };
  const map = pairs.length === 0 ? 'new Map()' : `${e.helper('named')}([${pairs.join(',')}])`;
  if (kwargs === null) return { args: array, kwargs: map };
  return {
    args: array,
    kwargs: `${e.helper('spreadNamed')}(t,${e.program.constant(twice)},${map},${kwargs})`,
  };
}

const givenTwice = 'got multiple values for keyword argument';
const twiceForFunction = 'got multiple values for parameter';

/** Where an error of the call itself points: the callee's last name and the arguments. */
function callSite(node: ast.Call): ast.Node {
  const { callee } = node;
  return callee.kind === 'Attribute' ? { start: callee.at + 1, end: node.end } : node;
}
