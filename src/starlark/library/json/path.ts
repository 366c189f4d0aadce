/** A place inside a value, written as `$.items[3].when`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = '$';
  for (const step of path) {
    if (text.length > 200) return `${text}...`;
    if (typeof step === 'number') text += `[${step}]`;
    else text += /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  }
  return text;
}
