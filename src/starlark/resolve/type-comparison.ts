import type * as ast from '../syntax/ast.ts';

/** What `type(x)` gives for values that these functions make. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ['str', 'string'],
  ...['bool', 'bytes', 'dict', 'float', 'int', 'list', 'range', 'set', 'tuple'].map(
    (name) => [name, name] as const,
  ),
]);

/**
 * What to write instead of `type(x) == list`, or `type(x) in (list, dict)`: valid, but never true, since `type` gives a
 * string here. Undefined for any other comparison. Names must have been tied to their variables.
 */
export function neverEqual({ operator, left, right }: ast.Binary): string | undefined {
  const compares = operator === '==' || operator === '!=' || operator === 'in' || operator === 'not in';
  if (!compares || left.kind !== 'Call' || universalName(left.callee) !== 'type') return undefined;
  const others = right.kind === 'Tuple' || right.kind === 'List' ? right.items : [right];
  const name = others
    .map((other) => typeNames.get(universalName(other) ?? ''))
    .find((each) => each !== undefined);
  return name === undefined
    ? undefined
    : `type(x) is a string here, so this is never equal; write "${name}" in quotes`;
}

function universalName(node: ast.Expression): string | undefined {
  return node.kind === 'Name' && node.binding?.kind === 'universal' ? node.name : undefined;
}
