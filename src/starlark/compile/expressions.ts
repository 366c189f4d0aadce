import type * as ast from '../syntax/ast.ts';
import { isLongRow, rowOf } from '../syntax/operator-row.ts';
import { Bytes } from '../values/bytes.ts';
import { StarlarkFloat } from '../values/float.ts';
import { longText } from '../values/long-text.ts';
import { emitCall } from './calls.ts';
import { emitComprehension } from './comprehensions.ts';
import type { FunctionEmitter } from './emitter.ts';
import { emitFunctionValue } from './functions.ts';
import { emitOperands, emitRefs, emitVariable, isBool, isSimple, isSmallInt, keep } from './operands.ts';
import { emitBinary } from './operators.ts';

/** JavaScript code for an expression's value. */
export function emitExpression(node: ast.Expression, e: FunctionEmitter): string {
  const { length } = e.program;
  const begun = length.begin();
  const code = emitKind(node, e);
  length.end(begun, code.length, node);
  return code;
}

function emitKind(node: ast.Expression, e: FunctionEmitter): string {
  switch (node.kind) {
    case 'Name':
      e.cost(1);
      return emitVariable(node, e);
    case 'Int':
      e.cost(1);
      return emitInt(node.value, e);
    case 'Float':
      e.cost(1);
      return e.program.constant(new StarlarkFloat(node.value));
    case 'String':
      e.cost(1);
      return e.program.constant(node.value);
    case 'Bytes':
      e.cost(1);
      return e.program.constant(new Bytes(node.value));
    case 'FString':
      return emitFString(node, e);
    case 'Tuple':
      return emitItems(node, e, 'tuple');
    case 'List':
      return emitItems(node, e, 'list');
    case 'Dict':
      return emitDict(node, e);
    case 'Unary':
      return emitUnary(node, e);
    case 'Binary':
      return emitBinary(node, e);
    case 'Conditional':
      return emitConditional(node, e);
    case 'Lambda':
      return emitFunctionValue(node.fn, e);
    case 'Call':
      return emitCall(node, e);
    case 'Index':
      return emitIndex(node, e);
    case 'Slice':
      return emitSlice(node, e);
    case 'Attribute':
      return emitAttribute(node, e);
    case 'Comprehension':
      return emitComprehension(node, e);
  }
}

/**
 * Digits where V8 can make use of them. Elsewhere a constant, so that scripts which differ in nothing but their values
 * become the same code, which V8 then has compiled already.
 */
function emitInt(value: number | bigint, e: FunctionEmitter): string {
  return typeof value === 'number' && (e.isHot || value < 3) ? String(value) : e.program.constant(value);
}

/** JavaScript code that is true or false as the expression's value counts as true or false. */
export function emitCondition(node: ast.Expression, e: FunctionEmitter): string {
  if (node.kind === 'Unary' && node.operator === 'not') {
    e.cost(1);
    return `!${emitCondition(node.operand, e)}`;
  }
  if (isLogical(node)) {
    if (isLongRow(node, isLogical)) return emitLogicalRow(rowOf(node, isLogical), e);
    e.cost(2);
    return `(${emitCondition(node.left, e)}${node.operator === 'and' ? '&&' : '||'}${emitCondition(node.right, e)})`;
  }
  if (isBool(node)) return emitExpression(node, e);
  if (!e.isHot) return `${e.helper('truth')}(${emitExpression(node, e)})`;
  const height = e.temps;
  const { set, refs } = emitRefs([node], e);
  e.releaseTemps(height);
  return `(${set}${refs[0]}===true||${refs[0]}!==false&&${e.helper('truth')}(${refs[0]}))`;
}

function isLogical(node: ast.Expression): node is ast.Binary {
  return node.kind === 'Binary' && (node.operator === 'and' || node.operator === 'or');
}

/** As `emitRow`, where only truth matters. */
function emitLogicalRow(row: readonly ast.Binary[], e: FunctionEmitter): string {
  const height = e.temps;
  const first = emitCondition(row[0]!.left, e);
  const value = e.takeTemp();
  const codes = row.map(({ operator, right }) => {
    e.cost(2);
    return `${value}=${value}${operator === 'and' ? '&&' : '||'}${emitCondition(right, e)}`;
  });
  e.releaseTemps(height);
  return `(${value}=${first},${codes.join(',')})`;
}

function emitItems(
  node: ast.TupleDisplay | ast.ListDisplay,
  e: FunctionEmitter,
  make: 'tuple' | 'list',
): string {
  e.cost(1);
  const height = e.temps;
  const code = `${e.helper(make)}(t,[${emitOperands(node.items, e).join(',')}])`;
  e.releaseTemps(height);
  return code;
}

function emitDict(node: ast.DictDisplay, e: FunctionEmitter): string {
  e.cost(1 + 2 * node.entries.length);
  if (node.entries.length === 0) return `new ${e.helper('Dict')}()`;
  const height = e.temps;
  const parts = emitOperands(
    node.entries.flatMap(({ key, value }) => [key, value]),
    e,
  );
  const site = e.at(node);
  e.releaseTemps(height);
  return `${e.helper(hasPlainKeys(node) ? 'record' : 'dict')}(t,[${parts.join(',')}],${site})`;
}

/** Whether all keys are texts written out, each once: such a dict needs no checks while it is made. */
function hasPlainKeys({ entries }: ast.DictDisplay): boolean {
  const keys = new Set<string>();
  for (const { key } of entries) if (key.kind === 'String') keys.add(key.value);
  return keys.size === entries.length;
}

function emitFString(node: ast.FString, e: FunctionEmitter): string {
  e.cost(1);
  const height = e.temps;
  const codes = emitFStringParts(node.parts, e, node);
  e.releaseTemps(height);
  return codes;
}

/** Code for the text that parts make together. */
function emitFStringParts(parts: readonly ast.FStringPart[], e: FunctionEmitter, node: ast.Node): string {
  if (parts.length === 0) return e.program.constant('');
  const codes = parts.map((part) => {
    if (typeof part === 'string') return e.program.constant(part);
    e.cost(1);
    const height = e.temps;
    let value = emitExpression(part.value, e);
    if (e.isResumable && !isSimple(part.value, e)) value = keep(value, e).code;
    const site = e.at(part.value);
    if (part.spec.length > 0) {
      const shown =
        part.conversion === null
          ? value
          : `${e.helper(part.conversion === 'r' ? 'repr' : 'toStr')}(t,${value})`;
      const spec = emitFStringParts(part.spec, e, node);
      const code = `${e.helper('formatValue')}(t,${shown},${spec},${e.at(part.value)})`;
      e.releaseTemps(height);
      return code;
    }
    e.releaseTemps(height);
    return `${e.helper(part.conversion === 'r' ? 'repr' : 'toStr')}(t,${value},${site})`;
  });
  return codes.length === 1 ? codes[0]! : `${e.helper('join')}(t,[${codes.join(',')}],${e.at(node)})`;
}

function emitUnary(node: ast.Unary, e: FunctionEmitter): string {
  if (node.operator === 'not') return emitCondition(node, e);
  if (node.operator === '-' && node.operand.kind === 'Int' && typeof node.operand.value === 'number') {
    e.cost(2);
    const { value } = node.operand;
    return value === 0 ? '0' : e.isHot ? `(-${value})` : e.program.constant(-value);
  }
  e.cost(1);
  return `${e.helper('unary')}("${node.operator}",${emitExpression(node.operand, e)},${e.at(node)})`;
}

function emitConditional(node: ast.Conditional, e: FunctionEmitter): string {
  e.cost(2);
  const condition = emitCondition(node.condition, e);
  return `(${condition}?${emitExpression(node.then, e)}:${emitExpression(node.otherwise, e)})`;
}

function emitIndex(node: ast.Index, e: FunctionEmitter): string {
  e.cost(1);
  const height = e.temps;
  const site = { start: node.at, end: node.end };
  let code: string;
  if (e.isHot) {
    const { set, refs } = emitRefs([node.object, node.index], e);
    const [x, i] = refs as [string, string];
    code = `(${set}${emitInlineIndex(node.index, x, i, e)}${e.helper('index')}(t,${x},${i},${e.at(site)}))`;
  } else {
    const [object, index] = emitOperands([node.object, node.index], e);
    code = `${e.helper('index')}(t,${object},${index},${e.at(site)})`;
  }
  e.releaseTemps(height);
  return code;
}

/** The quick ways to an element, each ending in `:`. */
function emitInlineIndex(index: ast.Expression, x: string, i: string, e: FunctionEmitter): string {
  if (!isVariable(x)) return '';
  if (index.kind === 'String') {
    if (index.value.length > longText) return '';
    return `${x} instanceof ${e.helper('Dict')}&&(v=${x}.map.get(${i}))!==undefined?v:`;
  }
  const isNumber = isSmallInt(index, e) ? '' : `typeof ${i}==="number"&&`;
  return `${x} instanceof ${e.helper('List')}&&${isNumber}${i}>=0&&${i}<${x}.elems.length?${x}.elems[${i}]:`;
}

/** Whether code is a JavaScript variable, which can be followed by a property. */
export function isVariable(code: string): boolean {
  return /^[$ak]/.test(code);
}

function emitSlice(node: ast.Slice, e: FunctionEmitter): string {
  e.cost(1);
  const height = e.temps;
  const given = [node.object, node.low, node.high, node.step].filter((part) => part !== null);
  const codes = emitOperands(given, e);
  const bound = (part: ast.Expression | null): string =>
    part === null ? 'null' : codes[given.indexOf(part)]!;
  const code = `${e.helper('slice')}(t,${codes[0]},${bound(node.low)},${bound(node.high)},${bound(node.step)},${e.at(node)})`;
  e.releaseTemps(height);
  return code;
}

function emitAttribute(node: ast.Attribute, e: FunctionEmitter): string {
  e.cost(1);
  const object = emitExpression(node.object, e);
  const site = e.at({ start: node.at, end: node.end });
  return `${e.helper('getAttr')}(${object},${e.program.constant(node.name)},${site})`;
}
