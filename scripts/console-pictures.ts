/**
 * Makes the pictures of docs/console.md: starts the demo, does on each screen what people do there, and has Chromium take
 * the pictures. Run by hand: `node scripts/console-pictures.ts [FOLDER]`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { withDemo } from './with-demo.ts';

const root = join(import.meta.dirname, '..');
const folder = process.argv[2] ?? join(root, 'docs/images/console');
/** Those that the docs show; with a folder of one's own, all are taken. */
const wanted = new Set(['overview', 'playground-dark', 'tools', 'activity', 'playground-phone']);
const script = `# Ask three times at once, keep what matters.
names = ["ada", "grace", "barbara"]
echoes = parallel([lambda n=n: everything_echo(message=n) for n in names])
notes = files_list_directory(path=".")["content"].split("\\n")
print("asked", len(names) + 1, "times")
return {"echoes": echoes, "configs": [n for n in notes if n.endswith(".yaml")]}
`;

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await withDemo(async (url) => {
    await picture(url, 'light', { width: 1440, height: 900 }, '');
    await picture(url, 'dark', { width: 1440, height: 900 }, '-dark');
    await picture(url, 'light', { width: 375, height: 812 }, '-phone');
  });
} finally {
  await browser.close();
}

async function picture(
  url: string,
  colorScheme: 'light' | 'dark',
  viewport: { width: number; height: number },
  ending: string,
): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport });
  const shoot = async (name: string): Promise<void> => {
    if (process.argv[2] === undefined && !wanted.has(`${name}${ending}`)) return;
    await page.screenshot({ path: join(folder, `${name}${ending}.png`) });
  };
  await page.goto(`${url}/#/playground`);
  await runScript(page);
  await shoot('playground');
  await page.goto(`${url}/#/tools`);
  await page.goto(`${url}/#/tools?tool=everything_echo`);
  await page.getByLabel('message').fill('hello');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Call' });
  const answered = page.getByRole('heading', { name: 'Answered' });
  await sure.or(answered).waitFor();
  if (await sure.isVisible()) await sure.click();
  await answered.waitFor();
  await shoot('tools');
  await page.goto(`${url}/#/activity`);
  await page.getByRole('cell', { name: 'vmcp-console' }).first().waitFor();
  await page
    .getByRole('button', { name: /^script/ })
    .first()
    .click();
  await shoot('activity');
  await page.goto(`${url}/#/adoption`);
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  await shoot('adoption');
  await page.goto(`${url}/#/overview`);
  await page.getByText('Everything works.').waitFor();
  await page.getByText(/p95/).first().waitFor();
  await shoot('overview');
  await page.close();
}

/** Runs the script, and allows what it asks about. */
async function runScript(page: Page): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Script' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(script);
  await page.getByRole('button', { name: /^Run/ }).click();
  const done = page.getByRole('heading', { name: 'Done' });
  for (;;) {
    const yes = page.getByRole('dialog').getByRole('button', { name: /^(Run|Allow)$/ });
    await done.or(yes.first()).waitFor();
    if (await done.isVisible()) return;
    await yes.click();
  }
}
