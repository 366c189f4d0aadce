/**
 * Small programs as trees of their own, apart from the interpreter's: what the generator makes, the oracle evaluates and
 * {@link printProgram} writes as Starlark.
 */

export type Expression =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | {
      readonly kind: 'operator';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'not' | 'minus'; readonly operand: Expression }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly low: Expression | null;
      readonly high: Expression | null;
    }
  | { readonly kind: 'format'; readonly parts: readonly FormatPart[] }
  | { readonly kind: 'lambda'; readonly params: readonly Param[]; readonly body: Expression }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Argument[] }
  | {
      readonly kind: 'method';
      readonly object: Expression;
      readonly name: string;
      readonly args: readonly Argument[];
    }
  | {
      readonly kind: 'comprehension';
      /** Null for a list. */
      readonly key: Expression | null;
      readonly value: Expression;
      readonly clauses: readonly Clause[];
    };

export type Operator = '+' | '-' | '%' | '==' | '!=' | '<' | '>=' | 'in' | 'not in' | 'and' | 'or';

/** Text, or a value with the width that it is padded to on the left. */
export type FormatPart = string | { readonly value: Expression; readonly width: Expression | null };

export interface Argument {
  readonly kind: 'positional' | 'named' | 'args' | 'kwargs';
  readonly name: string;
  readonly value: Expression;
}

export interface Param {
  readonly kind: 'required' | 'optional' | 'args' | 'kwargs';
  readonly name: string;
  readonly fallback: Expression | null;
}

export type Clause =
  | { readonly kind: 'for'; readonly names: readonly string[]; readonly iterable: Expression }
  | { readonly kind: 'if'; readonly condition: Expression };

export type Statement =
  | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression }
  | {
      readonly kind: 'augmented';
      readonly target: Expression;
      readonly operator: '+' | '-';
      readonly value: Expression;
    }
  | { readonly kind: 'expression'; readonly value: Expression }
  | { readonly kind: 'return'; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'def';
      readonly name: string;
      readonly params: readonly Param[];
      readonly body: readonly Statement[];
    };

export type Program = readonly Statement[];

export function printProgram(program: Program): string {
  return printBlock(program, '');
}

function printBlock(body: readonly Statement[], indent: string): string {
  return body.map((statement) => printStatement(statement, indent)).join('');
}

function printStatement(statement: Statement, indent: string): string {
  const inner = `${indent}  `;
  switch (statement.kind) {
    case 'assign':
      return `${indent}${printTarget(statement.target)} = ${print(statement.value)}\n`;
    case 'augmented':
      return `${indent}${print(statement.target)} ${statement.operator}= ${print(statement.value)}\n`;
    case 'expression':
      return `${indent}${print(statement.value)}\n`;
    case 'return':
      return `${indent}return ${print(statement.value)}\n`;
    case 'for':
      return `${indent}for ${statement.name} in ${print(statement.iterable)}:\n${printBlock(statement.body, inner)}`;
    case 'def':
      return `${indent}def ${statement.name}(${statement.params.map(printParam).join(', ')}):\n${printBlock(statement.body, inner)}`;
    case 'if': {
      const then = `${indent}if ${print(statement.condition)}:\n${printBlock(statement.then, inner)}`;
      if (statement.otherwise.length === 0) return then;
      return `${then}${indent}else:\n${printBlock(statement.otherwise, inner)}`;
    }
  }
}

function printTarget(target: Expression): string {
  return target.kind === 'tuple' ? target.items.map(print).join(', ') : print(target);
}

function printParam({ kind, name, fallback }: Param): string {
  if (kind === 'args') return `*${name}`;
  if (kind === 'kwargs') return `**${name}`;
  return fallback === null ? name : `${name} = ${print(fallback)}`;
}

function printArguments(args: readonly Argument[]): string {
  const marks = { positional: '', named: '', args: '*', kwargs: '**' };
  return args
    .map(({ kind, name, value }) => `${marks[kind]}${kind === 'named' ? `${name} = ` : ''}${print(value)}`)
    .join(', ');
}

/** Everything that has parts stands in brackets, so that precedence plays no part. */
function print(node: Expression): string {
  switch (node.kind) {
    case 'int':
      return String(node.value);
    case 'text':
      return JSON.stringify(node.value);
    case 'name':
      return node.name;
    case 'list':
      return `[${node.items.map(print).join(', ')}]`;
    case 'tuple':
      return `(${node.items.map((item) => `${print(item)},`).join(' ')})`;
    case 'dict':
      return `{${node.entries.map(([key, value]) => `${print(key)}: ${print(value)}`).join(', ')}}`;
    case 'operator':
      return `(${print(node.left)} ${node.operator} ${print(node.right)})`;
    case 'not':
      return `(not ${print(node.operand)})`;
    case 'minus':
      return `(-${print(node.operand)})`;
    case 'conditional':
      return `(${print(node.then)} if ${print(node.condition)} else ${print(node.otherwise)})`;
    case 'index':
      return `${printPrimary(node.object)}[${print(node.index)}]`;
    case 'slice':
      return `${printPrimary(node.object)}[${printBound(node.low)}:${printBound(node.high)}]`;
    case 'format':
      return `f"${node.parts.map(printFormatPart).join('')}"`;
    case 'lambda':
      return `(lambda ${node.params.map(printParam).join(', ')}: ${print(node.body)})`;
    case 'call':
      return `${printPrimary(node.callee)}(${printArguments(node.args)})`;
    case 'method':
      return `${printPrimary(node.object)}.${node.name}(${printArguments(node.args)})`;
    case 'comprehension': {
      const element = node.key === null ? print(node.value) : `${print(node.key)}: ${print(node.value)}`;
      const text = `${element} ${node.clauses.map(printClause).join(' ')}`;
      return node.key === null ? `[${text}]` : `{${text}}`;
    }
  }
}

function printPrimary(node: Expression): string {
  return node.kind === 'int' ? `(${print(node)})` : print(node);
}

function printBound(node: Expression | null): string {
  return node === null ? '' : print(node);
}

function printFormatPart(part: FormatPart): string {
  if (typeof part === 'string') return part;
  return part.width === null
    ? `{ ${print(part.value)} }`
    : `{ ${print(part.value)} :>{ ${print(part.width)} }}`;
}

function printClause(clause: Clause): string {
  if (clause.kind === 'if') return `if ${print(clause.condition)}`;
  return `for ${clause.names.join(', ')} in ${print(clause.iterable)}`;
}
