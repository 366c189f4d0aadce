import type { Meter } from '../../values/meter.ts';

/** How `json.indent` lays a text out. */
export interface Layout {
  /** Put before every line but the first. */
  readonly prefix: string;
  /** Put once for each level. */
  readonly indent: string;
}

/** Cutting out a token and adding it takes as long as visiting so many elements. */
const workPerToken = 32;

/** Lays out a text that is known to be JSON: one element a line, tokens as they were. */
export function indentJson(meter: Meter, text: string, { prefix, indent }: Layout): string {
  let result = '';
  let depth = 0;
  const newLine = (): void => {
    meter.charge(1 + prefix.length + depth * indent.length);
    result += `\n${prefix}${indent.repeat(depth)}`;
  };
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"{}[\],:]+|[{[]\s*[}\]]|[{}[\],:]/g)) {
    meter.charge(token.length);
    meter.work(workPerToken);
    if (token === '{' || token === '[') {
      depth++;
      result += token;
      newLine();
    } else if (token === '}' || token === ']') {
      depth--;
      newLine();
      result += token;
    } else if (token === ',') {
      result += token;
      newLine();
    } else {
      result += token === ':' ? ': ' : /^[{[]/.test(token) ? token.replace(/\s+/g, '') : token;
    }
  }
  return result;
}
