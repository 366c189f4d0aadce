/** Reads the Markdown of this repository: its files, links and headings. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import MarkdownIt from 'markdown-it';

const parser = new MarkdownIt({ html: true });

/** Folders that hold others' files, or what is built. */
const left: ReadonlySet<string> = new Set(['node_modules', 'dist', 'site', 'fixtures', '.git']);

/** Every Markdown file below a folder. */
export function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return left.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Where the links and pictures of a text lead. */
export function linksOf(text: string): string[] {
  const inline = parser.parse(text, {}).flatMap((token) => token.children ?? []);
  const links = inline.flatMap((token) => {
    const target =
      token.type === 'link_open'
        ? token.attrGet('href')
        : token.type === 'image'
          ? token.attrGet('src')
          : null;
    return target === null ? [] : [target];
  });
  const html = [...text.matchAll(/<(?:img|a)\s[^>]*(?:src|href)="([^"]+)"/g)].map(
    ([, target = '']) => target,
  );
  return [...links, ...html];
}

/** The anchors of a text's headings. */
export function anchorsOf(text: string): Set<string> {
  const tokens = parser.parse(text, {});
  const anchors = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const base = anchorOf(titleOf(tokens[index + 1]));
    let anchor = base;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${base}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** A heading's words, without its marks. */
export function titleOf(
  inline: { readonly children: readonly { readonly content: string }[] | null } | undefined,
): string {
  return (inline?.children ?? []).map(({ content }) => content).join('');
}

/** As GitHub makes it of a heading. */
export function anchorOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
