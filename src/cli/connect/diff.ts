/** Lines of context around a change. */
const context = 2;

interface Line {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
}

/**
 * What differs between two texts, as lines that begin with ` `, `+` or `-`, with some lines around each change and `…`
 * between changes that are apart. Empty when nothing differs.
 */
export function diffLines(before: string, after: string): string[] {
  const lines = compare(toLines(before), toLines(after));
  const shown = new Set<number>();
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    for (let near = index - context; near <= index + context; near++) shown.add(near);
  }
  return lines.flatMap(({ mark, text }, index) => {
    if (!shown.has(index)) return [];
    const isGap = index > 0 && !shown.has(index - 1);
    return [...(isGap ? ['…'] : []), `${mark} ${text}`.trimEnd()];
  });
}

/** Both texts are a stretch that is alike, what differs, and another that is alike: a change is in one place. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const mark = (kind: Line['mark'], lines: readonly string[]): Line[] =>
    lines.map((text) => ({ mark: kind, text }));
  return [
    ...mark(' ', before.slice(0, head)),
    ...mark('-', before.slice(head, before.length - tail)),
    ...mark('+', after.slice(head, after.length - tail)),
    ...mark(' ', before.slice(before.length - tail)),
  ];
}

function toLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}
