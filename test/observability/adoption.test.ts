/** The adoption report against a real Prometheus without recording rules: its numbers are those that were written down. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { type AdoptionReport, createReport, toHtml, toScreen } from '../../src/adoption/index.ts';
import { runCli } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/kit/terminal.ts';
import { skipWithout } from '../support/counterpart.ts';
import { eventually } from '../support/eventually.ts';
import { type Instance, startInstance } from '../support/fleet.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';

/** A terminal that keeps what is said. */
function createTerminal(
  environment: Record<string, string> = {},
  isTerminal = false,
): Terminal & { said: string; told: string } {
  const terminal = {
    said: '',
    told: '',
    out: (text: string) => void (terminal.said += text),
    err: (text: string) => void (terminal.told += text),
    ask: async () => '',
    readInput: async () => '',
    environment,
    stdinIsTerminal: isTerminal,
    stdoutIsTerminal: isTerminal,
    stderrIsTerminal: isTerminal,
    onSignal: () => undefined,
    onStreamLost: () => undefined,
    onUncaught: () => () => undefined,
    onExit: () => undefined,
  };
  return terminal;
}

describe('the adoption report', { skip: skipWithout('prometheus') }, () => {
  let prometheus: Prometheus;
  let report: AdoptionReport;
  const instances: Instance[] = [];

  before(async () => {
    const prod = { namespace: 'prod' };
    const first = await startInstance({ name: 'tools', enabled: true, labels: prod });
    const second = await startInstance({ name: 'tools', enabled: false, labels: prod });
    const dormant = await startInstance({ name: 'dormant', enabled: true });
    const off = await startInstance({ name: 'off', enabled: false });
    const failing = await startInstance({ name: 'failing', enabled: true, labels: prod });
    const gone = await startInstance({ name: 'gone', enabled: true, labels: prod });
    instances.push(first, second, dormant, off, failing, gone);
    prometheus = await startPrometheus({ targets: instances.map(({ target }) => target), intervalMs: 3_000 });
    await eventually(async () =>
      assert.equal((await prometheus.query('count(toolhive_vmcp_code_mode_enabled)'))[0]?.value, 6),
    );

    for (let i = 0; i < 10; i++)
      first.script('success', 6, { toolBytes: 5_000, clientBytes: 100, callsMs: [500] });
    first.mode = 'enforced';
    first.refused(7);
    second.script('timeout', 2);
    second.regular('success', 20);
    dormant.regular('success', 30);
    off.regular('error', 40);
    failing.script('error', 0);
    gone.script('success', 8);
    await eventually(async () =>
      assert.equal((await prometheus.query('sum(toolhive_vmcp_tool_calls_total)'))[0]?.value, 110),
    );
    await gone.stop();
    await eventually(async () =>
      assert.equal((await prometheus.query('count(toolhive_vmcp_code_mode_enabled)'))[0]?.value, 5),
    );
    report = await createReport({
      url: prometheus.url,
      window: '5m',
      now: Date.now() / 1000,
      timeoutMs: 60_000,
    });
  });
  after(async () => {
    for (const instance of instances.filter(({ name }) => name !== 'gone')) await instance.stop();
    await prometheus.stop();
  });

  test('the funnel counts servers, not replicas', () => {
    assert.deepEqual(report.funnel, { reporting: 4, optedIn: 3, used: 2, succeeding: 1 });
    assert.equal(report.everOptedIn, 4);
    assert.equal(report.disagreeing, 1);
  });

  test('calls, scripts and inner calls are those that were made, of the dead instance too', () => {
    const { scriptCalls, regularCalls, scripts, innerCalls } = report.total;
    assert.deepEqual(
      { scriptCalls, regularCalls, scripts, innerCalls },
      {
        scriptCalls: { success: 11, error: 2 },
        regularCalls: { success: 50, error: 47 },
        scripts: { success: 11, timeout: 1, error: 1 },
        innerCalls: 70,
      },
    );
    assert.equal(report.total.scriptShare, 13 / 103);
    assert.equal(report.total.workShare, 70 / 160);
    assert.equal(report.total.scriptSuccess, 11 / 13);
    assert.equal(report.total.callsSavedPerScript, 70 / 13 - 1);
    assert.equal(report.total.callsSaved, 57);
    assert.equal(report.total.refusedCalls, 7, 'they are in no share above');
    assert.deepEqual(report.total.resultBytes, { received: 50_000, answered: 1_000 });
    assert.equal(report.total.bytesKeptOut, 49_000);
    assert.equal(report.total.tokensKeptOutEstimate, 12_250);
    // Ten calls of half a second each, and 13 scripts of 20 ms.
    assert.ok(Math.abs((report.total.secondsSavedEstimate ?? 0) - (5 - 13 * 0.02)) < 1e-6);
  });

  test('each server has its own numbers, and the dormant ones are named', () => {
    assert.deepEqual(
      report.top.map(({ namespace, name, enabled, scripts }) => [`${namespace}/${name}`, enabled, scripts]),
      [
        ['prod/tools', true, { success: 10, timeout: 1 }],
        ['prod/failing', true, { error: 1 }],
        ['prod/gone', null, { success: 1 }],
      ],
    );
    assert.deepEqual(
      report.dormant.map(({ namespace, name, regularCalls }) => [
        `${namespace}/${name}`,
        regularCalls.success,
      ]),
      [['vmcp/dormant', 30]],
    );
  });

  test('servers that have code mode off are named with their calls', () => {
    assert.deepEqual(
      report.notOptedIn.map(({ namespace, name, regularCalls }) => [
        `${namespace}/${name}`,
        regularCalls.error,
      ]),
      [['vmcp/off', 40]],
    );
    assert.match(
      toScreen(report, { color: false, width: 80 }),
      /Code mode off \(1\)\n +vmcp\/off +40 regular calls/,
    );
  });

  test('no server seems to leave within a scrape of the edge of a piece, and a piece that is not over is marked', async () => {
    const edge = Math.ceil(Date.now() / 1000 / 60) * 60;
    for (const now of [edge, edge + 0.5, edge + 2]) {
      const { trend, window } = await createReport({
        url: prometheus.url,
        window: '5m',
        now,
        timeoutMs: 60_000,
      });
      const last = trend.at(-1)!;
      assert.equal(last.partial, last.to > now || last.from < window.dataFrom);
      assert.ok(last.optedIn !== null && last.optedIn >= 3, JSON.stringify(trend));
    }
  });

  test('--output gives Markdown, or a line of CSV for each server', async () => {
    const asked = async (...args: string[]): Promise<string> => {
      const terminal = createTerminal();
      const code = await runCli(
        ['adoption', '--prometheus', prometheus.url, '--window', '5m', ...args],
        terminal,
      );
      assert.equal(code, 0, terminal.told);
      return terminal.said;
    };
    const csv = (await asked('--output', 'csv')).trimEnd().split('\r\n');
    assert.deepEqual(
      csv.map((line) => line.split(',').slice(0, 3).join(' ')),
      [
        'namespace server code_mode',
        'prod failing on',
        'prod gone gone',
        'prod tools on',
        'vmcp dormant on',
        'vmcp off off',
      ],
    );
    assert.match(await asked('--output', 'md'), /^\| prod\/tools \| on \| 11 \|/mu);
  });

  test('it says that the data begins after the window does, and since when', () => {
    assert.equal(report.window.complete, false);
    assert.ok(report.window.dataFrom > report.window.from && report.window.dataFrom < report.window.to);
    assert.match(report.sentences[0]!, /^Of the 5 minutes asked for, Prometheus has data for the last/);
    assert.equal(report.source, 'raw');
  });

  test('the terminal shows it on one screen, without colour where nobody sees it', async () => {
    const terminal = createTerminal();
    const code = await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m'], terminal);
    assert.equal(code, 0, terminal.told);
    const lines = terminal.said.split('\n');
    assert.ok(lines.length <= 50, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 100, line);
    assert.ok(!terminal.said.includes('\u001b'));
    for (const words of [
      /reporting +█+ +4/,
      /opted in .* 3 /,
      /prod\/tools/,
      /vmcp\/dormant/,
      /13 \(13 %\) were scripts/,
    ]) {
      assert.match(terminal.said, words);
    }
    assert.equal(terminal.told, '', 'no progress where nobody watches');
  });

  test('on a terminal there is colour and progress, and NO_COLOR takes the colour away', async () => {
    const terminal = createTerminal({}, true);
    await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m'], terminal);
    assert.ok(terminal.said.includes('\u001b[1m'));
    assert.match(terminal.told, /asking Prometheus: \d+ of \d+/);
    const plain = createTerminal({ NO_COLOR: '1' }, true);
    await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m'], plain);
    assert.ok(!plain.said.includes('\u001b'));
  });

  test('a terminal that knows no codes gets none, and FORCE_COLOR brings colour to what is none', async () => {
    const dumb = createTerminal({ TERM: 'dumb' }, true);
    await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m'], dumb);
    assert.ok(!dumb.said.includes('\u001b'));
    assert.equal(dumb.told, '');
    const forced = createTerminal({ FORCE_COLOR: '1' });
    await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m'], forced);
    assert.ok(forced.said.includes('\u001b[1m'));
    assert.equal(forced.told, '', 'no progress where nobody watches');
  });

  test('--json gives the report as data', async () => {
    const terminal = createTerminal();
    await runCli(['adoption', '--prometheus', prometheus.url, '--window', '5m', '--json'], terminal);
    const { funnel, sentences } = JSON.parse(terminal.said) as AdoptionReport;
    assert.deepEqual(funnel, report.funnel);
    assert.ok(sentences.length > 3);
  });

  test('a name with control characters cannot reach the terminal or the page', () => {
    const nasty = { ...report, dormant: [{ ...report.dormant[0]!, name: '\u001b[2Jx<script>' }] };
    assert.ok(!toScreen(nasty, { color: false, width: 80 }).includes('\u001b'));
    assert.ok(!toHtml(nasty).includes('<script>'));
  });

  test('what cannot be asked ends in one line and exit code 1', async () => {
    for (const [args, words] of [
      [['--prometheus', 'http://127.0.0.1:1'], /^vmcp adoption: cannot reach Prometheus at .*\n$/],
      [['--prometheus', prometheus.url, '--ca-cert', '/nowhere.pem'], /^\/nowhere.pem: no such file\n$/],
      [
        ['--prometheus', prometheus.url, '--ca-cert', import.meta.filename],
        /^vmcp adoption: expected certificates as PEM in .*adoption\.test\.ts, found none\n$/,
      ],
    ] as const) {
      const terminal = createTerminal();
      assert.equal(await runCli(['adoption', ...args], terminal), 1);
      assert.match(terminal.told, words);
    }
  });

  test('an option that makes no sense is wrong usage', async () => {
    for (const [args, words] of [
      [[], /--prometheus is missing/],
      [['--prometheus', 'ftp://prometheus'], /expected the URL of a Prometheus.* found "ftp:/],
      [['--prometheus', prometheus.url, '--window', 'soon'], /expected a window .* found "soon"/],
      [['--prometheus', prometheus.url, '--timeout', '1e400'], /--timeout takes seconds, 3600 at most/],
      [['--prometheus', prometheus.url, '--html', ''], /--html needs the name of a file/],
      [
        ['--prometheus', prometheus.url, '--output', 'xml'],
        /--output: expected text, md or csv, found "xml"/,
      ],
      [
        ['--prometheus', prometheus.url, '--output', 'md', '--json'],
        /--json and --output exclude each other/,
      ],
    ] as const) {
      const terminal = createTerminal();
      assert.equal(await runCli(['adoption', ...args], terminal), 2, args.join(' '));
      assert.match(terminal.told, words);
      assert.match(terminal.told, /^vmcp adoption: .*\nSee "vmcp adoption --help"\.\n$/);
    }
  });

  test('a narrow terminal gets lines that fit', () => {
    for (const width of [40, 50, 60, 70, 80, 100, 200]) {
      for (const line of toScreen(report, { color: false, width }).split('\n').slice(3)) {
        assert.ok(line.length <= width, `${line.length} of ${width} columns: ${line}`);
      }
    }
  });

  test('a Prometheus that scrapes no virtual MCP server is told so', async () => {
    const empty = await startPrometheus({ targets: [] });
    const terminal = createTerminal();
    assert.equal(await runCli(['adoption', '--prometheus', empty.url], terminal), 1);
    assert.match(terminal.told, /has no toolhive_vmcp_code_mode_enabled in the window.*\n$/);
    await empty.stop();
  });

  describe('the page', { skip: skipWithout('chromium') }, () => {
    for (const [name, width, colorScheme] of [
      ['light', 1100, 'light'],
      ['dark', 1100, 'dark'],
      ['phone', 360, 'light'],
      ['wider-phone', 375, 'light'],
    ] as const) {
      test(`it is read in a real browser, ${name}: charts stand, nothing is asked for, nothing sticks out`, async () => {
        const file = join(tmpdir(), `vmcp-adoption-${process.pid}-${name}.html`);
        const terminal = createTerminal();
        await runCli(
          ['adoption', '--prometheus', prometheus.url, '--window', '5m', '--html', file],
          terminal,
        );
        assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/);
        const browser = await chromium.launch({
          executablePath: '/usr/bin/chromium',
          args: ['--no-sandbox'],
        });
        try {
          const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
          const page = await context.newPage();
          const requests: string[] = [];
          const complaints: string[] = [];
          page.on('request', (request) => requests.push(request.url()));
          page.on('console', (message) => complaints.push(message.text()));
          page.on('pageerror', (error) => complaints.push(error.message));
          await page.goto(`file://${file}`);
          assert.deepEqual(requests, [`file://${file}`]);
          assert.deepEqual(complaints, []);
          assert.equal(await page.locator('svg:visible').count(), 4);
          assert.ok((await page.locator('svg:visible path').count()) > 0);
          assert.match(await page.locator('table').innerText(), /prod\/tools/);
          const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
          assert.equal(background, colorScheme === 'dark' ? 'rgb(15, 19, 25)' : 'rgb(255, 255, 255)');
          const overflow = await page.evaluate('document.body.scrollWidth - document.body.clientWidth');
          assert.equal(overflow, 0, 'no sideways scrolling');
          // Every figure of the table is on the screen, and no name is broken within a word.
          for (const cell of await page.locator('td, th:visible').all()) {
            const box = await cell.boundingBox();
            assert.ok(box !== null && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
          }
          const letters = await page
            .locator('svg:visible text')
            .first()
            .evaluate((element) => element.getBoundingClientRect().height);
          assert.ok(letters >= 10, `letters in charts are ${letters} pixels high`);
        } finally {
          await browser.close();
          rmSync(file);
        }
      });
    }
  });

  test('a longer wait finds the same numbers', async () => {
    await sleep(4_000);
    const again = await createReport({
      url: prometheus.url,
      window: '10m',
      now: Date.now() / 1000,
      timeoutMs: 60_000,
    });
    assert.deepEqual(again.total, report.total);
  });
});
