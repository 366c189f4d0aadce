/** A URI template, cut at its expressions: the literal texts between them, in order. */
export interface UriTemplate {
  readonly literals: readonly string[];
}

/** Reads a template of RFC 6570. What its expressions may expand to does not matter for finding the backend. */
export function parseUriTemplate(template: string): UriTemplate {
  const literals: string[] = [];
  let start = 0;
  for (let open = template.indexOf('{'); open !== -1; open = template.indexOf('{', start)) {
    const close = template.indexOf('}', open);
    if (close === -1) break;
    literals.push(template.slice(start, open));
    start = close + 1;
  }
  return { literals: [...literals, template.slice(start)] };
}

/** Whether a URI can be an expansion of the template: its literal texts stand in it, in order. Takes linear time. */
export function couldExpandTo({ literals }: UriTemplate, uri: string): boolean {
  const first = literals[0] ?? '';
  if (literals.length === 1) return uri === first;
  const last = literals.at(-1) ?? '';
  if (!uri.startsWith(first) || !uri.endsWith(last)) return false;
  const end = uri.length - last.length;
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = uri.indexOf(literal, at);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return at <= end;
}
