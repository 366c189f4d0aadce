/**
 * Makes docs/images/adoption.png, the picture of the adoption report: starts nine real servers in ten processes and a Prometheus
 * that scrapes them, lets clients call tools and run scripts while one server after the other turns code mode on, asks
 * `vmcp adoption --html`, and has Chromium draw the page. Nothing in it is made up, but that a fleet takes months for what
 * this one does in minutes. Run by hand, after `npm run build`: `node scripts/adoption-picture.ts [minutes]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { Member, operations } from '../test/e2e/fleet/member.ts';
import { startControlledBackend } from '../test/support/controlled-backend.ts';
import { type Prometheus, startPrometheus } from '../test/support/prometheus.ts';
import { Random } from '../test/support/random.ts';
import { cliFile } from '../test/support/vmcp.ts';

const minutes = Number(process.argv[2] ?? 10);
const picture = join(import.meta.dirname, '../docs/images/adoption.png');
const regularOperations = operations.filter((operation) => !('script' in operation));
/** By when each is turned on, in parts of the run; never where there is none. `wiki` is on, and nobody sends it a script. */
const plan: readonly { name: string; onAfter?: number }[] = [
  { name: 'search', onAfter: 0 },
  { name: 'wiki', onAfter: 0 },
  { name: 'tickets', onAfter: 0.15 },
  { name: 'calendar', onAfter: 0.3 },
  { name: 'reports', onAfter: 0.45 },
  { name: 'reports', onAfter: 0.45 },
  { name: 'deploys', onAfter: 0.6 },
  { name: 'billing', onAfter: 0.75 },
  { name: 'mail' },
  { name: 'files' },
];

const backend = await startControlledBackend();
const members = plan.map(
  ({ name, onAfter }) =>
    new Member({ name, enabled: onAfter === 0, regularOnly: name === 'wiki', backendUrl: backend.url }),
);
const folder = mkdtempSync(join(tmpdir(), 'vmcp-picture-'));
let prometheus: Prometheus | undefined;
try {
  for (const member of members) await member.start();
  prometheus = await startPrometheus({
    targets: members.map(({ address }) => ({ address, labels: { namespace: 'team' } })),
    intervalMs: 2000,
  });
  // A counter that is seen at 0 first has had all of its calls seen.
  await sleep(15_000);
  await drive();
  await sleep(5000);
  await draw(await report(prometheus.url));
} finally {
  await Promise.all(members.map((member) => member.stop()));
  await prometheus?.stop();
  await backend.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Three clients call tools, and send scripts where there is code mode; beside them, servers are reconfigured. */
async function drive(): Promise<void> {
  const random = new Random(20261122);
  const lengthMs = minutes * 60_000;
  const end = Date.now() + lengthMs;
  const client = async (): Promise<void> => {
    while (Date.now() < end) {
      const member = members[random.below(members.length)]!;
      await member.ask(random.weighted(member.enabled ? operations : regularOperations));
      await sleep(100);
    }
  };
  const turnOn = async (member: Member, onAfter: number): Promise<void> => {
    await sleep(onAfter * lengthMs);
    await member.toggle();
  };
  const changes = plan.flatMap(({ onAfter }, i) => (onAfter ? [turnOn(members[i]!, onAfter)] : []));
  await Promise.all([client(), client(), client(), ...changes]);
}

/** The page that the command line writes. */
async function report(prometheusUrl: string): Promise<string> {
  const page = join(folder, 'adoption.html');
  const args = [
    'adoption',
    '--prometheus',
    prometheusUrl,
    '--window',
    `${Math.max(5, minutes)}m`,
    '--html',
    page,
  ];
  const child = spawn('node', [cliFile, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`vmcp adoption ended with ${String(code)}`);
  return page;
}

async function draw(page: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1100, height: 1010 } });
    await tab.goto(pathToFileURL(page).href);
    await tab.screenshot({ path: picture, fullPage: true });
  } finally {
    await browser.close();
  }
}
