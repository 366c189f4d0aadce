/** Links between the Markdown files of this repository lead somewhere. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { anchorsOf, linksOf, markdownFiles } from './docs/markdown.ts';

const root = resolve(import.meta.dirname, '..');

/** What is wrong with a link; undefined when nothing is. */
function faultOf(file: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
  if (relative(root, target).startsWith('..')) return 'leads out of the repository';
  if (!existsSync(target)) return 'no such file';
  if (anchor === undefined || statSync(target).isDirectory() || !target.endsWith('.md')) return undefined;
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? undefined : 'no such heading';
}

test('every relative link and anchor in every Markdown file leads somewhere', () => {
  const files = markdownFiles(root);
  assert.ok(files.length > 50, `only ${files.length} files`);
  let count = 0;
  const faults = files.flatMap((file) =>
    linksOf(readFileSync(file, 'utf8')).flatMap((link) => {
      if (/^[a-z][a-z+.-]*:/i.test(link)) return [];
      count += 1;
      const fault = faultOf(file, link);
      return fault === undefined ? [] : [`${relative(root, file)}: ${link}: ${fault}`];
    }),
  );
  assert.deepEqual(faults, []);
  assert.ok(count > 200, `only ${count} links`);
});

test('a link to no file or no heading is found', () => {
  const file = join(root, 'docs/faq.md');
  assert.equal(faultOf(file, 'nowhere.md'), 'no such file');
  assert.equal(faultOf(file, 'tutorial.md#nowhere'), 'no such heading');
  assert.equal(faultOf(file, 'tutorial.md#5-serve-it'), undefined);
});

test('each page of docs/ can be reached from docs/README.md', () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file) || !file.endsWith('.md') || !existsSync(file)) return;
    seen.add(file);
    for (const link of linksOf(readFileSync(file, 'utf8'))) {
      if (/^[a-z][a-z+.-]*:/i.test(link)) continue;
      const target = resolve(dirname(file), link.split('#')[0] ?? '');
      if (existsSync(target) && statSync(target).isDirectory()) {
        for (const each of markdownFiles(target)) visit(each);
      } else visit(target);
    }
  };
  visit(join(root, 'docs/README.md'));
  const pages = markdownFiles(join(root, 'docs')).filter((file) => !seen.has(file));
  assert.deepEqual(
    pages.map((file) => relative(root, file)),
    [],
  );
});

test('npm run docs makes a page of each file, whose links lead to pages', { timeout: 60_000 }, async (t) => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [join(root, 'scripts/docs.ts'), folder], { cwd: root });
  const page = readFileSync(join(folder, 'tutorial.html'), 'utf8');
  assert.match(page, /<h1[^>]*>Tutorial/);
  assert.match(page, /<h2 id="5-serve-it"/);
  assert.doesNotMatch(page, /href="[^":]*\.md/);
  const pages = markdownFiles(join(root, 'docs')).map((file) => relative(join(root, 'docs'), file));
  const missing = pages.filter(
    (file) => !existsSync(join(folder, file.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'))),
  );
  assert.deepEqual(missing, []);
  const broken: string[] = [];
  for (const file of pages) {
    const own = join(folder, file.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'));
    for (const [, link = ''] of readFileSync(own, 'utf8').matchAll(/(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z][a-z+.-]*:|^#/i.test(link)) continue;
      if (!existsSync(resolve(dirname(own), decodeURIComponent(link.split('#')[0] ?? ''))))
        broken.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});
