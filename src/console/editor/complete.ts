/** What the editor offers and explains: the tools of this server, by their signatures. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { scriptNames } from '../../starlark/analysis/index.ts';

/** A function that a script finds. */
export interface Signature {
  readonly name: string;
  /** With its parameters and its result. */
  readonly text: string;
  readonly about: string;
  readonly parameters: readonly string[];
}

const keywords = [
  'def',
  'for',
  'if',
  'elif',
  'else',
  'in',
  'not',
  'and',
  'or',
  'lambda',
  'return',
  'break',
  'continue',
  'pass',
];

/** Reads a signature such as `read(path: str, head?: int) -> str`. Undefined for a text that is none. */
export function readSignature(
  text: string,
  about: string,
  properties: readonly string[],
): Signature | undefined {
  const name = /^[A-Za-z_]\w*/.exec(text)?.[0];
  return name === undefined ? undefined : { name, text, about, parameters: properties };
}

export function completions(signatures: readonly Signature[], variables: readonly string[]): Completion[] {
  return [
    ...signatures.map(({ name, text, about }): Completion => ({
      label: name,
      type: 'function',
      detail: text.slice(name.length, name.length + 60),
      info: about === '' ? text : `${text}\n\n${about}`,
      boost: 2,
    })),
    ...variables.map((label): Completion => ({ label, type: 'variable', detail: 'data', boost: 3 })),
    ...scriptNames.map((label): Completion => ({ label, type: 'constant' })),
    ...keywords.map((label): Completion => ({ label, type: 'keyword', boost: -1 })),
  ];
}

/** The call that a position stands in: the name before the nearest open parenthesis. */
export function callAround(text: string): string | undefined {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const letter = text[at];
    if (letter === ')' || letter === ']' || letter === '}') depth++;
    else if (letter === '(' || letter === '[' || letter === '{') {
      if (depth === 0) return letter === '(' ? /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, at))?.[1] : undefined;
      depth--;
    }
  }
  return undefined;
}

export function complete(
  context: CompletionContext,
  signatures: readonly Signature[],
  variables: readonly string[],
): CompletionResult | null {
  const word = context.matchBefore(/[A-Za-z_]\w*/);
  if (word === null && !context.explicit) return null;
  const from = word?.from ?? context.pos;
  // What stands behind a dot is an attribute, of which nothing is known here.
  if (context.state.sliceDoc(Math.max(from - 1, 0), from) === '.') return null;
  const called = callAround(context.state.sliceDoc(0, from));
  const signature = signatures.find(({ name }) => name === called);
  const parameters = (signature?.parameters ?? []).map((name): Completion => ({
    label: `${name}=`,
    type: 'property',
    boost: 10,
  }));
  return { from, options: [...parameters, ...completions(signatures, variables)], validFor: /^\w*=?$/ };
}
