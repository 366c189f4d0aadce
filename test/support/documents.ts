import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const repositoryRoot = join(import.meta.dirname, '../..');

/** A query that a document shows. */
export interface PromqlBlock {
  readonly file: string;
  readonly expression: string;
}

/** Every fenced block of YAML in one document. */
export function yamlBlocks(file: string): string[] {
  const text = readFileSync(join(repositoryRoot, file), 'utf8');
  return [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block!);
}

/** Every fenced block of PromQL in the documents; queries in one block are parted by empty lines. */
export function promqlBlocks(): PromqlBlock[] {
  const files = ['README.md', ...readdirSync(join(repositoryRoot, 'docs')).map((name) => `docs/${name}`)];
  return files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => {
      const text = readFileSync(join(repositoryRoot, file), 'utf8');
      return [...text.matchAll(/```promql\n([\s\S]*?)```/g)].flatMap(([, block]) =>
        block!
          .split(/\n\s*\n/)
          .map((query) =>
            query
              .split('\n')
              .filter((line) => !line.startsWith('#'))
              .join('\n')
              .trim(),
          )
          .filter((expression) => expression !== '')
          .map((expression) => ({ file, expression })),
      );
    });
}
