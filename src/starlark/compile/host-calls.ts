import type { Span } from '../errors.ts';
import type { ExactJson } from '../library/json/convert.ts';
import type { FunctionScope } from '../resolve/scope.ts';
import type * as ast from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';

/** A place where a program calls a function that it is handed, as far as the text tells. */
export interface HostCall {
  readonly name: string;
  readonly span: Span;
  readonly sourceLine: string;
  readonly args: readonly HostArgument[];
}

export interface HostArgument {
  /** `args` and `kwargs` are `*x` and `**x`. */
  readonly kind: ast.Argument['kind'];
  /** The parameter's name of a named argument, else empty. */
  readonly name: string;
  /** Absent when only running the program would tell. */
  readonly constant?: { readonly value: ExactJson };
}

/** Every call by name of a function that is handed in, in the order of the text. */
export function hostCalls(scopes: readonly FunctionScope[], source: Source): HostCall[] {
  return scopes
    .flatMap(({ calls }) => calls)
    .toSorted((one, other) => one.start - other.start)
    .flatMap((call) => toHostCall(call, source) ?? []);
}

function toHostCall({ callee, args, start, end }: ast.Call, source: Source): HostCall | undefined {
  if (callee.kind !== 'Name' || callee.binding?.kind !== 'predeclared') return undefined;
  const span = source.span(start, end);
  return {
    name: callee.name,
    span,
    sourceLine: source.line(span.line),
    args: args.map(({ kind, name, value }) => {
      const constant = constantOf(value);
      return { kind, name, ...(constant !== undefined && { constant: { value: constant } }) };
    }),
  };
}

/** An expression that has the same value at each run, and one that JSON can hold; undefined for others. */
function constantOf(expression: ast.Expression): ExactJson | undefined {
  switch (expression.kind) {
    case 'Int':
    case 'Float':
    case 'String':
      return expression.value;
    case 'Name':
      return namedConstant(expression);
    case 'Unary': {
      const value = expression.operator === '-' ? constantOf(expression.operand) : undefined;
      return typeof value === 'number' || typeof value === 'bigint' ? -value : undefined;
    }
    case 'List':
    case 'Tuple':
      return constantsOf(expression.items);
    case 'Dict':
      return constantDict(expression);
    default:
      return undefined;
  }
}

function constantsOf(items: readonly ast.Expression[]): ExactJson[] | undefined {
  const values = items.map(constantOf).filter((value) => value !== undefined);
  return values.length === items.length ? values : undefined;
}

function constantDict({ entries }: ast.DictDisplay): ExactJson | undefined {
  const members = entries.flatMap((entry): [string, ExactJson][] => {
    const key = constantOf(entry.key);
    const value = constantOf(entry.value);
    return typeof key === 'string' && value !== undefined ? [[key, value]] : [];
  });
  return members.length === entries.length ? Object.fromEntries(members) : undefined;
}

const namedConstants: ReadonlyMap<string, null | boolean> = new Map([
  ['None', null],
  ['True', true],
  ['False', false],
]);

function namedConstant({ name, binding }: ast.Name): ExactJson | undefined {
  return binding?.kind === 'universal' ? namedConstants.get(name) : undefined;
}
