/** Texts that are kept short for models: one line of a description, and as many lines as fit. */
const maxSummaryLength = 120;
/** What is read of a description for its summary. */
const maxReadLength = 2000;

/** One line of at most 120 characters, or as many as said: the first sentence, or as much of it as fits. */
export function summaryOf(description: string, maxLength: number = maxSummaryLength): string {
  const text = description.slice(0, maxReadLength).replace(/\s+/gu, ' ').trim();
  const sentence = /^.*?[.!?](?= [A-Z(]|$)/u.exec(text)?.[0] ?? text;
  if (sentence.length <= maxLength) return sentence;
  const cut = sentence.slice(0, maxLength - 3);
  // Half of a surrogate pair is no text.
  return `${cut.replace(/[\uD800-\uDBFF]$/u, '')}...`;
}

/** The lines behind a heading; undefined where they do not fit, however many more there would be. */
export function linesWithin<Item>(
  heading: string,
  items: readonly Item[],
  { separator, line, room }: { readonly separator: string; readonly room: number; line(item: Item): string },
): string | undefined {
  const lines: string[] = [];
  let left = room - Buffer.byteLength(heading) + Buffer.byteLength(separator);
  for (const item of items) {
    const text = line(item);
    left -= Buffer.byteLength(separator) + Buffer.byteLength(text);
    if (left < 0) return undefined;
    lines.push(text);
  }
  return heading + lines.join(separator);
}
