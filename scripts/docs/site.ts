/**
 * A static site of the same Markdown that people read in the repository. A page for each file of docs/, without scripts
 * and without another host. What pages link to outside docs/ is copied beside them; a folder becomes a list of its files.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import MarkdownIt from 'markdown-it';
import { anchorOf, markdownFiles, titleOf } from './markdown.ts';
import { htmlPage } from './page.ts';

const isAbsolute = /^(?:[a-z][a-z+.-]*:|#)/i;

/**
 * Writes the site.
 * @param root the repository
 * @param folder where it goes; files of that name are replaced, others stay
 * @returns how many pages it has
 */
export function writeSite(root: string, folder: string): number {
  const site = new Site(root, folder);
  return site.write();
}

class Site {
  readonly #source: string;
  readonly #folder: string;
  readonly #root: string;
  readonly #written = new Set<string>();

  constructor(root: string, folder: string) {
    this.#root = root;
    this.#source = join(root, 'docs');
    this.#folder = folder;
  }

  write(): number {
    const files = markdownFiles(this.#source);
    for (const file of files) this.#writePage(file);
    const images = join(this.#source, 'images');
    if (existsSync(images)) cpSync(images, join(this.#folder, 'images'), { recursive: true });
    return files.length;
  }

  #writePage(file: string): void {
    const target = this.#pathOf(file);
    const parser = new MarkdownIt({ html: true });
    const tokens = parser.parse(readFileSync(file, 'utf8'), {});
    let title = '';
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'heading_open') {
        const words = titleOf(tokens[index + 1]);
        if (token.tag === 'h1') title ||= words;
        token.attrSet('id', anchorOf(words));
      }
      for (const child of token.children ?? []) {
        const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
        const link = name === undefined ? null : child.attrGet(name);
        if (name !== undefined && link !== null) child.attrSet(name, this.#linkFrom(file, target, link));
      }
    }
    const home = relative(dirname(target), join(this.#folder, 'index.html'));
    this.#put(target, htmlPage({ title, home, body: parser.renderer.render(tokens, parser.options, {}) }));
  }

  /** A link of a file, as its page has it. */
  #linkFrom(file: string, page: string, link: string): string {
    if (isAbsolute.test(link)) return link;
    const [path = '', anchor] = link.split('#');
    const from = resolve(dirname(file), decodeURIComponent(path));
    const to = this.#pathOf(from);
    this.#bring(from, to);
    return `${relative(dirname(page), to)}${anchor === undefined ? '' : `#${anchor}`}`;
  }

  /** Where a file or folder of the repository is in the site. */
  #pathOf(from: string): string {
    const inDocs = relative(this.#source, from);
    const isFolder = existsSync(from) && statSync(from).isDirectory();
    if (inDocs.startsWith('..'))
      return join(this.#folder, 'files', relative(this.#root, from), isFolder ? 'index.html' : '');
    if (isFolder) return join(this.#folder, inDocs, 'index.html');
    return join(this.#folder, inDocs.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'));
  }

  /** Copies what is no page of its own. */
  #bring(from: string, to: string): void {
    if (this.#written.has(to)) return;
    this.#written.add(to);
    if (statSync(from).isDirectory()) {
      if (existsSync(join(from, 'README.md')) && from.startsWith(this.#source)) return;
      this.#writeList(from, to);
    } else if (!from.startsWith(this.#source)) {
      mkdirSync(dirname(to), { recursive: true });
      cpSync(from, to);
    }
  }

  #writeList(from: string, to: string): void {
    const items = readdirSync(from, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => {
        const target = this.#pathOf(join(from, name));
        this.#bring(join(from, name), target);
        return `<li><a href="${relative(dirname(to), target)}">${name}</a></li>`;
      });
    const title = relative(this.#root, from);
    const home = relative(dirname(to), join(this.#folder, 'index.html'));
    this.#put(to, htmlPage({ title, home, body: `<h1>${title}</h1>\n<ul>${items.join('\n')}</ul>` }));
  }

  #put(file: string, text: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
