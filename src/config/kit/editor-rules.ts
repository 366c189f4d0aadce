/**
 * Rules between keys in the words of JSON Schema, for editors: put on a section by `.meta(…)`. The section's own checks
 * decide; these say the same, as far as JSON Schema can. An empty key counts as an absent one.
 */

/** A piece of JSON Schema. */
export type EditorRule = Readonly<Record<string, unknown>>;

/** The key says something. */
export function says(key: string): EditorRule {
  return { required: [key], properties: { [key]: { not: { type: 'null' } } } };
}

/** The key is a text with something in it, or a list with an item. */
export function isFilled(key: string): EditorRule {
  return {
    required: [key],
    properties: {
      [key]: { not: { anyOf: [{ type: 'null' }, { const: '' }, { type: 'array', maxItems: 0 }] } },
    },
  };
}

/** The key says yes, or what an environment variable says. */
export function isYes(key: string): EditorRule {
  const no = [
    { enum: [false, null] },
    { type: 'string', pattern: '^(?:[nN]|[nN][oO]|[oO][fF][fF]|[fF][aA][lL][sS][eE])$' },
  ];
  return { required: [key], properties: { [key]: { not: { anyOf: no } } } };
}

/** The key is this very word. */
export function is(key: string, word: string): EditorRule {
  return { required: [key], properties: { [key]: { const: word } } };
}

/** The rule `then`, where `condition` holds. */
export function where(condition: EditorRule, then: EditorRule): EditorRule {
  return { if: condition, then };
}
