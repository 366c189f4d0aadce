import type * as ast from '../syntax/ast.ts';

/** Takes what is wrong, and where. */
export type Fault = (message: string, node: ast.Node) => void;

/** Finds what is wrong with the order and the names of a call's arguments. */
export function checkArguments(args: readonly ast.Argument[], fault: Fault): void {
  const seen = new Set<string>();
  let last: ast.Argument['kind'] = 'positional';
  for (const argument of args) {
    if (argument.kind === 'named') {
      if (seen.has(argument.name)) fault(`keyword argument ${argument.name} repeated`, argument);
      seen.add(argument.name);
    }
    const wrong = misplaced(argument.kind, last);
    if (wrong !== '') fault(wrong, argument);
    last = argument.kind;
  }
}

/** What is wrong with an argument of this kind after one of the `last` kind; empty when nothing is. */
function misplaced(kind: ast.Argument['kind'], last: ast.Argument['kind']): string {
  if (last === 'kwargs')
    return kind === 'kwargs'
      ? 'multiple **kwargs not allowed'
      : `${argumentWords[kind]} may not follow **kwargs`;
  if (last === 'args' && kind === 'args') return 'multiple *args not allowed';
  if (last === 'args' && kind === 'named') {
    return 'keyword argument may not follow *args; write f(x, name = value, *args)';
  }
  if (kind !== 'positional') return '';
  if (last === 'args') return 'positional argument may not follow *args';
  return last === 'named' ? 'positional argument may not follow named' : '';
}

const argumentWords = {
  positional: 'positional argument',
  named: 'keyword argument',
  args: '*args',
  kwargs: '**kwargs',
};

/** As {@link misplaced}, for parameters. `last` is the one before, but for a bare `*`. */
export function misplacedParam(param: ast.Param, last: ast.Param | null, afterStar: boolean): string {
  if (last?.kind === 'kwargs') {
    return param.kind === 'kwargs'
      ? 'multiple ** parameters not allowed'
      : `${parameterWords[param.kind]} parameter may not follow **${last.name!.name}`;
  }
  if ((param.kind === 'star' || param.kind === 'args') && afterStar)
    return 'multiple * parameters not allowed';
  if (param.kind === 'required' && last?.kind === 'optional' && !afterStar)
    return 'required parameter may not follow optional';
  return '';
}

const parameterWords = { required: 'required', optional: 'optional', star: '*', args: '*' };
