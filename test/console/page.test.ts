/** The page in a real browser: each screen's main act, by keyboard where people have one, at three widths, dark and light. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { consoleFolder, refreshConsole } from '../../scripts/console.ts';
import { apiKeyDigest, createApiKey } from '../../src/lib/api-key.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { serveConsole, type ServedConsole } from '../support/console.ts';
import { skipWithout } from '../support/counterpart.ts';

before(async () => {
  await refreshConsole();
});

describe('the built page', () => {
  const read = (name: string): Buffer => readFileSync(join(consoleFolder, name));

  test('is less than 250 KB in all, as it goes over the wire compressed', () => {
    const bytes = ['app.js', 'app.css'].reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    assert.ok(bytes < 250_000, `${bytes} bytes`);
  });

  test('evaluates no text', () => {
    assert.doesNotMatch(read('app.js').toString(), /\bnew Function\b|\beval\(/);
  });

  test('has the licences of the packages that are in it', () => {
    const text = read('licences.txt').toString();
    for (const name of ['preact', '@codemirror/view']) assert.ok(text.includes(`${name}\n\n`), name);
    assert.match(text, /MIT License/);
  });
});

describe('in a browser', { skip: skipWithout('chromium') }, () => {
  let browser: Browser;
  let backend: ControlledBackend;
  let served: ServedConsole;
  let backends: object[];
  const closing: (() => unknown)[] = [];
  const later = { after: (close: () => unknown): void => void closing.push(close) };
  const key = createApiKey();

  before(async () => {
    backend = await startControlledBackend();
    backends = [
      { name: 'one', transport: 'streamable-http', url: backend.url },
      { name: 'two', transport: 'streamable-http', url: 'http://127.0.0.1:9/mcp' },
    ];
    served = await serveConsole(later, {
      backends,
      codeMode: { enabled: true },
      aggregation: {
        tools: [
          {
            workload: 'one',
            overrides: { ok: { annotations: { readOnlyHint: true } } },
            filter: ['ok', 'fail', 'slow', 'hold'],
          },
        ],
      },
    });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    for (const close of closing) await close();
    await backend?.close();
  });

  /** A page that fails the test when it complains, or asks another server for anything. */
  async function open(
    url: string,
    work: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !message.text().includes('status of 401'))
        complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:'))
        complaints.push(`asked for ${request.url()}`);
    });
    try {
      await page.goto(url);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  }

  async function write(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Script' }).click();
    await page.keyboard.press('ControlOrMeta+A');
    // Over coloured text Chromium would try to keep the colours, by styles that the policy forbids.
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  }

  async function assertAccessible(page: Page): Promise<void> {
    const found = await page.evaluate(`${axe.source}; axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    })`);
    const { violations } = found as {
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    const told = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join('\n')}`,
    );
    assert.deepEqual(told, []);
  }

  test('the overview says what works, what does not and what to do about it', () =>
    open(`${served.app.url}/`, async (page) => {
      await page.getByText('1 backend of 2 does not serve.').waitFor();
      const cards = page.getByRole('region', { name: 'Backends' }).getByRole('listitem');
      assert.match((await cards.first().textContent()) ?? '', /two.*Down.*ECONNREFUSED|two.*Down.*refused/s);
      await page.getByText('vmcp doctor').waitFor();
      await page.getByRole('tab', { name: 'Claude Code' }).press('ArrowRight');
      await page.getByRole('tab', { name: 'Claude Desktop', selected: true }).waitFor();
      await page.getByRole('tab', { name: 'Cursor' }).click();
      const link = await page.getByRole('link', { name: 'Open Cursor' }).getAttribute('href');
      assert.match(link ?? '', /^cursor:\/\//);
      await page
        .getByText(`{\n  "mcpServers": {\n    "demo": {\n      "url": "${served.app.url}/mcp"`)
        .waitFor();
    }));

  test('the playground runs a script and shows its result, what it printed and its calls', () =>
    open(`${served.app.url}/#/playground`, async (page) => {
      await write(
        page,
        'xs = parallel([lambda n=n: one_ok(n=n) for n in range(3)])\nprint("three asked")\nreturn xs',
      );
      await page.keyboard.press('ControlOrMeta+Enter');
      await page.getByRole('heading', { name: 'Done' }).waitFor();
      assert.deepEqual(JSON.parse((await page.getByRole('region', { name: 'Result' }).textContent()) ?? ''), [
        { n: 0 },
        { n: 1 },
        { n: 2 },
      ]);
      assert.equal(await page.getByRole('region', { name: 'Printed' }).textContent(), 'three asked');
      const calls = page.getByRole('button', { name: /^one_ok, ok/ });
      assert.equal(await calls.count(), 3);
      await calls.first().click();
      assert.match((await page.getByRole('region', { name: 'Arguments' }).textContent()) ?? '', /"n": 0/);
      await assertAccessible(page);
    }));

  test('the playground underlines a mistake while it is written, and knows names of tools and data', () =>
    open(`${served.app.url}/#/playground`, async (page) => {
      await page.getByText('data', { exact: false }).first().waitFor();
      await write(page, 'return one_ok(q=query) + undefined_name');
      await page.locator('.cm-lintRange-error', { hasText: 'undefined_name' }).waitFor();
      await page.locator('.cm-lintRange-error', { hasText: 'query' }).waitFor();
      await page.getByText('JSON; each key becomes a variable').click();
      await page.getByRole('textbox', { name: 'Data, as JSON' }).click();
      await page.keyboard.insertText('{"query": "x"}');
      await page.locator('.cm-lintRange-error', { hasText: 'query' }).waitFor({ state: 'detached' });
      assert.equal(await page.locator('.cm-lintRange-error', { hasText: 'one_ok' }).count(), 0);
    }));

  test('the playground offers tools by name while one types', () =>
    open(`${served.app.url}/#/playground`, async (page) => {
      await page.getByRole('textbox', { name: 'Script' }).click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press('Delete');
      await page.keyboard.type('return one_o');
      await page.getByRole('option', { name: /^one_ok/ }).waitFor();
    }));

  test('the playground asks before a call that may change something, and stops a run', () =>
    open(`${served.app.url}/#/playground`, async (page) => {
      await write(page, 'return one_hold(key="page")');
      await page.keyboard.press('ControlOrMeta+Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
      await page.getByRole('dialog', { name: 'Allow one_hold?' }).waitFor();
      await assertAccessible(page);
      await page.getByRole('button', { name: 'Allow' }).click();
      await backend.held('page');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('heading', { name: 'Stopped' }).waitFor();
      await backend.cancelled('page');
    }));

  test('the playground does a dry run, and takes a script from a link', () => {
    const script = btoa('return one_ok(').replaceAll('=', '');
    return open(`${served.app.url}/#/playground?script=${script}`, async (page) => {
      await page.getByText('return one_ok(').waitFor();
      await page.getByRole('button', { name: 'Dry run' }).click();
      await page.getByRole('heading', { name: '1 to mend' }).waitFor();
    });
  });

  test('a tool is found, called by its form, and shown raw', () =>
    open(`${served.app.url}/#/tools`, async (page) => {
      await page.getByRole('button', { name: /one_fail/ }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('one ok');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'one_ok' }).waitFor();
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByRole('heading', { name: 'Answered' }).waitFor();
      await page.getByRole('button', { name: 'Raw' }).click();
      assert.match((await page.getByRole('region', { name: 'Response' }).textContent()) ?? '', /"content"/);
      await page.goto(`${served.app.url}/#/tools?tool=one_fail`);
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Call' }).click();
      await page.getByRole('heading', { name: 'Failed' }).waitFor();
      await page.getByText('this tool always fails').waitFor();
    }));

  test('activity shows calls as they end, and pauses', () =>
    open(`${served.app.url}/#/activity`, async (page) => {
      await page.getByRole('heading', { name: 'Activity' }).waitFor();
      await served.ask('call', { name: 'one_ok', arguments: {} });
      await page.getByRole('cell', { name: 'one_ok', exact: true }).first().waitFor();
      const script = 'return one_ok()';
      await fetch(`${served.app.url}/console/api/run`, {
        method: 'POST',
        headers: {
          origin: served.app.url,
          'content-type': 'application/json',
          'vmcp-console-token': served.token,
        },
        body: JSON.stringify({ script }),
      }).then((response) => response.text());
      const hash = createHash('sha256').update(script).digest('hex').slice(0, 12);
      await page.getByRole('button', { name: `script ${hash} 1 call` }).click();
      await page.getByRole('button', { name: /^one_ok, ok/ }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Go on' }).waitFor();
    }));

  test('every screen is reached by keyboard', () =>
    open(`${served.app.url}/`, async (page) => {
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      for (const [letter, name] of [
        ['t', 'Tools'],
        ['a', 'Activity'],
        ['d', 'Adoption'],
        ['p', 'Playground'],
        ['o', 'Overview'],
      ] as const) {
        await page.keyboard.press('g');
        await page.keyboard.press(letter);
        await page.getByRole('heading', { name, level: 1 }).waitFor();
      }
      await page.keyboard.press('ControlOrMeta+K');
      await page.getByRole('option', { name: /one_ok/ }).waitFor();
      await page.keyboard.type('oneok');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'one_ok' }).waitFor();
    }));

  test('a person signs in with a key and out again', async () => {
    const known = await serveConsole(later, {
      backends,
      incomingAuth: {
        type: 'apiKeys',
        apiKeys: [{ name: 'ada', sha256: apiKeyDigest(key).toString('hex') }],
      },
    });
    await open(`${known.app.url}/`, async (page) => {
      await page.getByLabel('API key or access token').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
      await assertAccessible(page);
      await page.getByLabel('API key or access token').fill(key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.getByText('ada', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  const widths = [
    ['a phone', 375, 812],
    ['a laptop', 1280, 800],
    ['4K', 3840, 2160],
  ] as const;
  const screens = ['overview', 'playground', 'tools?tool=one_ok', 'activity', 'adoption'];
  for (const [what, width, height] of widths) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`every screen fits ${what} and can be read and used by all, ${colorScheme}`, () =>
        open(
          `${served.app.url}/`,
          async (page) => {
            for (const screen of screens) {
              await page.goto(`${served.app.url}/#/${screen}`);
              await page.locator(`.screen-${screen.split('?')[0]} h1`).waitFor();
              if (screen === 'activity') await page.getByRole('table').waitFor();
              const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
              assert.ok(Number(wide) <= 0, `${screen} is ${String(wide)} px too wide`);
              await assertAccessible(page);
            }
          },
          { viewport: { width, height }, colorScheme },
        ));
    }
  }
});
