import { branchesOf, type Limit, listCount, type Operation, partsOf } from './operation.ts';

/** A text that makes any value too large: `maxBytes` of the runs must be less. */
export const hugeText = '"x" * 400000000';
/** Prints more than `maxPrintBytes` of the runs allows. */
export const longLine = 2000;

/** The program's text: a function for each operation, and one call of the outermost. */
export function toSource(operation: Operation): string {
  const lines = ['def deep():', '  return deep()'];
  define(operation, lines);
  return [...lines, `return ${calleeOf(operation)}()`, ''].join('\n');
}

/** The names of the host's functions in it. */
export function hostNames(operation: Operation): string[] {
  const own = isHosted(operation) ? [calleeOf(operation)] : operation.kind === 'spin' ? ['spinning'] : [];
  return [...own, ...partsOf(operation).flatMap(hostNames)];
}

/** Whether it is a function of the host's itself, so that nothing of the script's runs before it. */
export function isHosted({ kind }: Operation): boolean {
  return kind === 'note' || kind === 'call' || kind === 'stop';
}

/** An expression that can be called without arguments. */
function calleeOf(operation: Operation): string {
  if (isHosted(operation)) return `host${operation.id}`;
  return operation.kind === 'lambda' ? `(lambda: ${calleeOf(operation.part)}())` : `f${operation.id}`;
}

function define(operation: Operation, lines: string[]): void {
  for (const part of partsOf(operation)) define(part, lines);
  if (isHosted(operation) || operation.kind === 'lambda') return;
  lines.push(`def f${operation.id}():`, ...bodyOf(operation).map((line) => `  ${line}`));
}

function bodyOf(operation: Operation): string[] {
  const { id } = operation;
  switch (operation.kind) {
    case 'value':
      return [`return ${id}`];
    case 'print':
      return [`print("line ${id}")`];
    case 'fail':
      return [`fail("x${id}")`];
    case 'spin':
      return ['spinning()', 'for i in range(1000):', '  pass'];
    case 'limit':
      return limitBody(operation.limit);
    case 'change':
      return [`xs${operation.list}.append(0)`, `xs${operation.list}.pop()`];
    case 'list':
      return [`return [${operation.parts.map((part) => `${calleeOf(part)}()`).join(', ')}]`];
    case 'loop': {
      const call = `${calleeOf(operation.part)}()`;
      if (operation.comprehension) return [`return [${call} for x in xs${operation.list}]`];
      return ['r = []', `for x in xs${operation.list}:`, `  r.append(${call})`, 'return r'];
    }
    case 'sort':
      return [`return sorted([2, 1], key = lambda x: [x, ${calleeOf(operation.part)}()])`];
    case 'attempt':
      return [`return attempt(${calleeOf(operation.part)})`];
    case 'parallel': {
      const branches = branchesOf(operation).map(calleeOf).join(', ');
      return [`return parallel([${branches}]${operation.collects ? ', on_error = "collect"' : ''})`];
    }
    default:
      throw new Error(`${operation.kind} has no function`);
  }
}

function limitBody(limit: Limit): string[] {
  switch (limit) {
    case 'steps':
      return ['for i in range(1000000000):', '  pass'];
    case 'memory':
      return [`return len(${hugeText})`];
    case 'depth':
      return ['return deep()'];
    case 'print':
      return [`print("x" * ${longLine})`];
  }
}

/** The names of the lists that loops go through. */
export const listNames: readonly string[] = Array.from({ length: listCount }, (_, at) => `xs${at}`);
