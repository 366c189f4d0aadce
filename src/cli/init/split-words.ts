/** The words of a command line, as a shell splits them: quotes hold spaces together, and a backslash takes one character as it is. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/gs)) {
    words.push(
      word.replaceAll(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
        (_, double?: string, single?: string, plain?: string) =>
          double === undefined ? (single ?? plain ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1'),
      ),
    );
  }
  return words;
}
