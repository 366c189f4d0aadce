import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One piece of a `.star` file, which runs on its own in a fresh module. */
export interface Chunk {
  /** The file and the chunk's first line, such as `go/int.star:120`; names the chunk in tables and titles. */
  readonly name: string;
  /** Preceded by blank lines, so that lines in errors are those of the file. */
  readonly source: string;
  /** Undefined when the chunk must succeed; else what the error's whole report must contain or match. */
  readonly expectedError: string | undefined;
}

/** The chunks of all `.star` files below `folder`, cut at lines that are exactly `---`. */
export function readChunks(folder: string): Chunk[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.star'),
  );
  return files.sort().flatMap((file) => cutChunks(file, readFileSync(join(folder, file), 'utf8')));
}

function cutChunks(file: string, text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let lines: string[] = [];
  let first = 1;
  const all = [...text.split('\n'), '---'];
  all.forEach((line, i) => {
    if (line !== '---') return void lines.push(line);
    chunks.push(toChunk(`${file}:${first}`, first, lines));
    lines = [];
    first = i + 2;
  });
  return chunks;
}

/** `### TEXT` counts for everybody, `### go: TEXT` for us; other implementations' expectations do not. */
const expectation = /###\s*(?:(go|java|rust):)?\s*(.*)$/;

function toChunk(name: string, first: number, lines: readonly string[]): Chunk {
  let expectedError: string | undefined;
  const code = lines.map((line) => {
    const match = expectation.exec(line);
    if (match === null) return line;
    const [, tag, text] = match;
    if (tag === undefined || tag === 'go') expectedError ??= text;
    return line.slice(0, match.index);
  });
  return { name, source: '\n'.repeat(first - 1) + code.join('\n'), expectedError };
}
