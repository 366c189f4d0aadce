import type * as ast from '../../../src/starlark/syntax/ast.ts';

/** A file's syntax tree as source text: every operator in parentheses, so that only structure counts. */
export function printFile(file: ast.File): string {
  return printBlock(file.body, '');
}

function printBlock(body: readonly ast.Statement[], indent: string): string {
  return body.map((statement) => printStatement(statement, indent)).join('');
}

function printStatement(node: ast.Statement, indent: string): string {
  const nested = (body: readonly ast.Statement[]): string => `:\n${printBlock(body, `${indent}  `)}`;
  switch (node.kind) {
    case 'Expression':
      return `${indent}${printExpression(node.value)}\n`;
    case 'Assign':
      return `${indent}${printExpression(node.target)} ${node.operator ?? ''}= ${printExpression(node.value)}\n`;
    case 'Def':
      return `${indent}def ${node.name.name}(${printParams(node.fn.params)})${nested(node.fn.body)}`;
    case 'For':
      return `${indent}for ${printExpression(node.target)} in ${printExpression(node.iterable)}${nested(node.body)}`;
    case 'While':
      return `${indent}while ${printExpression(node.condition)}${nested(node.body)}`;
    case 'If': {
      const otherwise = node.otherwise.length === 0 ? '' : `${indent}else${nested(node.otherwise)}`;
      return `${indent}if ${printExpression(node.condition)}${nested(node.then)}${otherwise}`;
    }
    case 'Return':
      return `${indent}return${node.value === null ? '' : ` ${printExpression(node.value)}`}\n`;
    case 'Jump':
      return `${indent}${node.word}\n`;
    case 'Load': {
      const items = node.items.map(({ name, original }) => `${name.name} = ${quote(original)}`);
      return `${indent}load(${[quote(node.module), ...items].join(', ')})\n`;
    }
  }
}

function printParams(params: readonly ast.Param[]): string {
  const stars = { required: '', optional: '', args: '*', kwargs: '**', star: '*' };
  return params
    .map(({ kind, name, fallback }) => {
      return `${stars[kind]}${name?.name ?? ''}${fallback === null ? '' : ` = ${printExpression(fallback)}`}`;
    })
    .join(', ');
}

export function printExpression(node: ast.Expression): string {
  switch (node.kind) {
    case 'Name':
      return node.name;
    case 'Int':
      return String(node.value);
    case 'Float':
      return /[.e]/.test(String(node.value)) ? String(node.value) : `${node.value}.0`;
    case 'String':
      return quote(node.value);
    case 'Bytes':
      return `b"${Array.from(node.value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    case 'FString':
      return `f"${printFString(node.parts)}"`;
    case 'Tuple':
      return node.items.length === 1
        ? `(${printExpression(node.items[0]!)},)`
        : `(${node.items.map(printExpression).join(', ')})`;
    case 'List':
      return `[${node.items.map(printExpression).join(', ')}]`;
    case 'Dict':
      return `{${node.entries.map(({ key, value }) => `${printExpression(key)}: ${printExpression(value)}`).join(', ')}}`;
    case 'Unary':
      return `(${node.operator} ${printExpression(node.operand)})`;
    case 'Binary':
      return `(${printExpression(node.left)} ${node.operator} ${printExpression(node.right)})`;
    case 'Conditional':
      return `(${printExpression(node.then)} if ${printExpression(node.condition)} else ${printExpression(node.otherwise)})`;
    case 'Lambda':
      return `(lambda ${printParams(node.fn.params)}: ${printExpression((node.fn.body[0] as ast.Return).value!)})`;
    case 'Call':
      return `${printOperand(node.callee)}(${node.args.map(printArgument).join(', ')})`;
    case 'Index':
      return `${printOperand(node.object)}[${printExpression(node.index)}]`;
    case 'Slice': {
      const bounds = [node.low, node.high, node.step].map((bound) =>
        bound === null ? '' : printExpression(bound),
      );
      return `${printOperand(node.object)}[${bounds.join(':')}]`;
    }
    case 'Attribute':
      return `${printOperand(node.object)}.${node.name}`;
    case 'Comprehension':
      return printComprehension(node);
  }
}

function printOperand(node: ast.Expression): string {
  return node.kind === 'Int' || node.kind === 'Float' ? `(${printExpression(node)})` : printExpression(node);
}

function printArgument({ kind, name, value }: ast.Argument): string {
  const before = { positional: '', named: `${name} = `, args: '*', kwargs: '**' }[kind];
  return before + printExpression(value);
}

function printComprehension(node: ast.Comprehension): string {
  const clauses = node.clauses.map((clause) =>
    clause.kind === 'if'
      ? ` if ${printExpression(clause.condition)}`
      : ` for ${printExpression(clause.target)} in ${printExpression(clause.iterable)}`,
  );
  const value = `${node.key === null ? '' : `${printExpression(node.key)}: `}${printExpression(node.value)}`;
  const [open, close] = node.key === null ? '[]' : '{}';
  return `${open}${value}${clauses.join('')}${close}`;
}

function printFString(parts: readonly ast.FStringPart[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return escape(part).replace(/[{}]/g, '$&$&');
      const spec = part.spec.length === 0 ? '' : `:${printFString(part.spec)}`;
      return `{(${printExpression(part.value)})${part.conversion === null ? '' : `!${part.conversion}`}${spec}}`;
    })
    .join('');
}

function quote(text: string): string {
  return `"${escape(text)}"`;
}

function escape(text: string): string {
  return text.replace(/[^ -~]|["\\]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (code >= 0x20 && code < 0x7f) return `\\${character}`;
    if (code >= 0xd800 && code <= 0xdfff) return character;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
}
