/**
 * A fleet of real server processes, some replicas, some toggled by reload, some killed and restarted under load, scraped by a
 * real Prometheus with the recording rules twenty times as fast. Every call is written down, and at the end every answer is
 * held against the record.
 *
 * Counts of servers and the counters of living processes are to be exact. Of a killed process, the last scrape is to lie
 * between the calls answered before it began and those asked before it ended. An answer that is made of rates may miss the
 * calls between a last scrape and a kill, which the record knows, and be off by one scrape interval's calls at each end of
 * its window.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdoptionReport, createReport } from '../../../src/adoption/index.ts';
import type { CodeModeName } from '../../../src/features/code-mode/modes.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { skipWithout } from '../../support/counterpart.ts';
import { promqlBlocks } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { Random } from '../../support/random.ts';
import { scaledLookbackMs, writeScaledRules } from '../../support/recording-rules.ts';
import { type Life, Member, operations, type RecordedCall } from './member.ts';

const seed = Number(process.env['FLEET_SEED'] ?? 20261122);
/** Rules run this much faster: five minutes become fifteen seconds. */
const factor = 20;
const scrapeSeconds = 1;
const driveSeconds = Number(process.env['FLEET_SECONDS'] ?? 75);
const clients = 4;

interface Planned {
  readonly name: string;
  readonly enabled: boolean;
  readonly mode?: CodeModeName;
  readonly regularOnly: boolean;
}

/**
 * Nineteen servers; `replicated` has three replicas and `rolling` two, which makes 22 processes. `moving` goes from `default`
 * to `enforced`.
 */
const plan: readonly Planned[] = [
  ...Array.from({ length: 6 }, (_, i) => ({ name: `on-${i}`, enabled: true, regularOnly: false })),
  ...Array.from({ length: 5 }, (_, i) => ({ name: `off-${i}`, enabled: false, regularOnly: false })),
  ...Array.from({ length: 2 }, (_, i) => ({ name: `dormant-${i}`, enabled: true, regularOnly: true })),
  { name: 'toggled', enabled: false, regularOnly: false },
  { name: 'replicated', enabled: true, regularOnly: false },
  { name: 'replicated', enabled: true, regularOnly: false },
  { name: 'replicated', enabled: true, regularOnly: false },
  { name: 'rolling', enabled: false, regularOnly: false },
  { name: 'rolling', enabled: false, regularOnly: false },
  { name: 'doomed', enabled: true, regularOnly: false },
  { name: 'moving', enabled: true, mode: 'default', regularOnly: false },
  { name: 'opt-in', enabled: true, mode: 'optIn', regularOnly: false },
];

describe('a fleet of real processes', { skip: skipWithout('prometheus'), timeout: 1_800_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-fleet-'));
  let backend: ControlledBackend;
  let prometheus: Prometheus;
  let members: Member[];
  let began: number;

  before(async () => {
    backend = await startControlledBackend();
    members = plan.map((one) => new Member({ ...one, backendUrl: backend.url }));
    for (const pair of chunks(members, 4)) await Promise.all(pair.map((member) => member.start()));
    prometheus = await startPrometheus({
      targets: members.map(({ address, name }) => ({
        address,
        labels: { namespace: name.startsWith('off') ? 'dev' : 'prod' },
      })),
      intervalMs: scrapeSeconds * 1000,
      lookbackMs: scaledLookbackMs(factor),
    });
    await eventually(async () => {
      assert.equal(await value('count(toolhive_vmcp_code_mode_enabled)'), members.length);
    }, 60_000);
    // Only now, so that the record of the rules begins with the whole fleet. Seconds without it, as when Prometheus starts
    // together with its targets, are minutes at this pace, and an hour of the record may be one of them.
    const rules = join(folder, 'rules.yaml');
    writeScaledRules(rules, factor);
    await prometheus.loadRules([rules]);
    // A record of the rules before the first call, so that a first call is a call that is seen to come.
    await eventually(async () => {
      assert.equal(
        await value('fleet:toolhive_vmcp_code_mode_enabled:count offset 15s'),
        new Set(plan.map(({ name }) => name)).size,
      );
    }, 60_000);
    began = Date.now() / 1000;
    await drive();
    await settled();
  });
  after(async () => {
    await Promise.all((members ?? []).map((member) => member.stop()));
    await prometheus?.stop();
    await backend?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function value(expression: string, at?: number): Promise<number | undefined> {
    const result = await prometheus.query(expression, at);
    assert.ok(result.length <= 1, `${expression} is one number`);
    return result[0]?.value;
  }

  /** Clients ask at random while, beside them, servers are toggled, killed and restarted. */
  async function drive(): Promise<void> {
    const random = new Random(seed);
    const end = Date.now() + driveSeconds * 1000;
    const client = async (): Promise<void> => {
      while (Date.now() < end || answered().length < 400) {
        const member = members[random.below(members.length)]!;
        await member.ask(random.weighted(operations));
        await sleep(20);
      }
    };
    const named = (name: string): Member[] => members.filter((member) => member.name === name);
    const operator = async (): Promise<void> => {
      const step = (driveSeconds * 1000) / 10;
      await sleep(step);
      await named('toggled')[0]!.toggle();
      await named('rolling')[0]!.toggle();
      await sleep(step);
      await named('on-0')[0]!.killAndRestart(0);
      await sleep(step);
      await named('replicated')[1]!.killAndRestart(2500);
      await sleep(step);
      await named('off-0')[0]!.killAndRestart(500);
      await named('doomed')[0]!.kill();
      await sleep(step);
      await named('on-1')[0]!.toggle();
      await named('moving')[0]!.changeMode('enforced');
      await named('on-0')[0]!.killAndRestart(0);
    };
    await Promise.all([operator(), ...Array.from({ length: clients }, client)]);
  }

  /** Waits until nothing is under way and the last scrape of each living process has everything. */
  async function settled(): Promise<void> {
    await eventually(async () => {
      const expected = members
        .filter(({ isRunning }) => isRunning)
        .flatMap(({ lives }) => lives.at(-1)!.calls.length);
      const counted = await value('sum(toolhive_vmcp_tool_calls_total)');
      assert.equal(
        counted,
        expected.reduce((sum, n) => sum + n, 0),
      );
    });
    // The last calls are then in five minutes that are over, and every group but that of hours has read them.
    await sleep(2 * (300 / factor) * 1000);
  }

  const calls = (): RecordedCall[] => members.flatMap(({ lives }) => lives.flatMap((life) => life.calls));
  const answered = (): RecordedCall[] => calls().filter(({ status }) => status !== undefined);
  const running = (): Member[] => members.filter(({ isRunning }) => isRunning);

  test('enough was asked, of every kind, for the rest to mean something', () => {
    assert.ok(answered().length > 300, `${answered().length} calls`);
    for (const method of ['execute_tool_script', 'tool_call'] as const) {
      for (const status of ['success', 'error'] as const) {
        assert.ok(
          answered().some((call) => call.method === method && call.status === status),
          `${method} ${status}`,
        );
      }
    }
    assert.ok(
      members.some(({ lives }) => lives.length === 3),
      'one was killed twice',
    );
  });

  test('counts of servers are exact', async () => {
    const on = new Set(
      running()
        .filter(({ enabled }) => enabled)
        .map(({ name }) => name),
    );
    const reporting = new Set(running().map(({ name }) => name));
    const ever = new Set([
      ...plan.filter(({ enabled }) => enabled).map(({ name }) => name),
      'toggled',
      'rolling',
    ]);
    assert.equal(await value('fleet:toolhive_vmcp_code_mode_enabled:count'), reporting.size);
    assert.equal(await value('fleet:toolhive_vmcp_code_mode_enabled:sum'), on.size);
    assert.equal(await value('fleet:toolhive_vmcp_code_mode_enabled:ratio'), on.size / reporting.size);
    assert.equal(await value('fleet:toolhive_vmcp_code_mode_enabled:ever30d_count'), ever.size);
    assert.equal(await value('fleet:toolhive_vmcp_code_mode_enabled:disagreement_count'), 1, 'rolling');
    assert.equal(
      await value('sum(toolhive_vmcp_code_mode_enabled)'),
      running().filter(({ enabled }) => enabled).length,
    );
    const dormant = await prometheus.query('server:toolhive_vmcp_code_mode_enabled:dormant1h');
    assert.deepEqual(
      dormant.map(({ labels }) => labels['vmcp_server_name'] ?? '').toSorted((a, b) => a.localeCompare(b)),
      ['dormant-0', 'dormant-1'],
    );
  });

  test('every counter of a living process equals the record', async () => {
    for (const { name, address, lives } of running()) {
      for (const method of ['execute_tool_script', 'tool_call'] as const) {
        for (const status of ['success', 'error'] as const) {
          const selector = `{instance="${address}", method="${method}", status="${status}"}`;
          const recorded = lives
            .at(-1)!
            .calls.filter((call) => call.method === method && call.status === status);
          assert.equal(
            await value(`toolhive_vmcp_tool_calls_total${selector}`),
            recorded.length,
            `${name} ${selector}`,
          );
        }
      }
      const scripts = lives.at(-1)!.calls.filter((call) => call.method === 'execute_tool_script');
      const inner = scripts.reduce((sum, call) => sum + call.innerCalls, 0);
      const instance = `{instance="${address}"}`;
      assert.equal(
        await value(`sum(toolhive_vmcp_script_executions_total${instance})`),
        scripts.length,
        name,
      );
      assert.equal(await value(`toolhive_vmcp_script_tool_calls_sum${instance}`), inner, name);
      assert.equal(await value(`toolhive_vmcp_script_tool_calls_count${instance}`), scripts.length, name);
      for (const [direction, bytes] of Object.entries(bytesOf(scripts)))
        assert.equal(
          await value(
            `toolhive_vmcp_script_result_bytes_total{instance="${address}", direction="${direction}"}`,
          ),
          bytes,
          `${name} ${direction}`,
        );
      assert.equal(
        await value(`toolhive_vmcp_code_mode_refusals_total${instance}`),
        lives.at(-1)!.calls.filter(({ refused }) => refused).length,
        name,
      );
    }
  });

  test('modes are told, and enforcing one does not make its adoption look lower', async () => {
    const modes = await prometheus.query('count by (mode) (toolhive_vmcp_code_mode_info)');
    const told = Object.fromEntries(modes.map(({ labels, value: servers }) => [labels['mode'], servers]));
    const expected: Record<string, number> = {};
    for (const { enabled, mode } of running()) {
      const name = enabled ? mode : 'off';
      expected[name] = (expected[name] ?? 0) + 1;
    }
    assert.deepEqual(told, expected);
    const [moving] = (await reportNow()).top.filter(({ name }) => name === 'moving');
    assert.ok(moving, 'it is among the servers with the most scripts');
    const made = members.find(({ name }) => name === 'moving')!.lives.flatMap(({ calls: all }) => all);
    const refused = made.filter((call) => call.refused).length;
    const scripts = made.filter(({ method }) => method === 'execute_tool_script').length;
    assert.ok(refused > 0, 'direct calls were refused');
    assert.ok(
      made.some(({ method, status }) => method === 'tool_call' && status === 'success'),
      'and answered before',
    );
    assert.equal(moving.refusedCalls, refused);
    assert.equal(moving.scriptShare, scripts / (made.length - refused));
  });

  test('the last scrape of a killed process lies between what was answered before it and what was asked', async () => {
    for (const { name, address, lives } of members) {
      for (const { calls: made, killedAt } of lives.filter((life) => life.killedAt !== undefined)) {
        const total = `sum(toolhive_vmcp_tool_calls_total{instance="${address}"})`;
        const scraped = await lastBefore(total, killedAt!);
        if (scraped === undefined) continue;
        const least = made.filter(({ end }) => end !== undefined && end <= scraped.at - 0.1).length;
        const most = made.filter(({ start }) => start <= scraped.at + scrapeSeconds).length;
        assert.ok(
          scraped.value >= least && scraped.value <= most,
          `${name}: ${least} ≤ ${scraped.value} ≤ ${most}`,
        );
      }
    }
  });

  /** The value at the last scrape before a moment, and when that was. */
  async function lastBefore(
    expression: string,
    moment: number,
  ): Promise<{ at: number; value: number } | undefined> {
    const stamp = await value(`max(timestamp(${expression.slice(4, -1)}))`, moment);
    const found = await value(expression, moment);
    return stamp === undefined || found === undefined ? undefined : { at: stamp, value: found };
  }

  /** Calls that no scrape can have seen: those of a life that end after its last scrape. */
  function unseen(lives: readonly Life[]): RecordedCall[] {
    return lives.flatMap(({ calls: made, killedAt }) =>
      killedAt === undefined
        ? []
        : made.filter(({ start, end }) => (end ?? start) > killedAt - scrapeSeconds - 0.5),
    );
  }

  test('increases add up to the record, but for the calls between a last scrape and a kill', async () => {
    const window = Math.ceil((Date.now() / 1000 - began + 20) / 15) * 15;
    const counted = await value(
      `sum(sum_over_time(fleet:toolhive_vmcp_tool_calls:increase5m[${window}s:15s]))`,
    );
    assertNear(counted, answered().length, bound(), 'all calls');
  });

  /** How far an answer may be off: calls no scrape saw, and for each restart one scrape's calls by extrapolation. */
  function bound(): number {
    const lost = members.reduce((sum, { lives }) => sum + unseen(lives).length, 0);
    const restarts = members.reduce((sum, { lives }) => sum + lives.length - 1, 0);
    const perScrape = (answered().length / driveSeconds / plan.length) * scrapeSeconds;
    return lost + Math.ceil(restarts * (1 + 2 * perScrape));
  }

  function assertNear(actual: number | undefined, expected: number, within: number, what: string): void {
    assert.ok(actual !== undefined, `${what}: no answer`);
    assert.ok(
      Math.abs(actual - expected) <= within,
      `${what}: ${actual}, recorded ${expected}, bound ${within}`,
    );
  }

  function reportNow(): Promise<AdoptionReport> {
    const now = Date.now() / 1000;
    return createReport({ url: prometheus.url, window: '10m', now, timeoutMs: 20_000 });
  }

  test('the report says what the record says', async () => {
    const report = await reportNow();
    const { total, funnel } = report;
    const count = (method: string, status: string): number =>
      answered().filter((call) => call.method === method && call.status === status).length;
    const scripts = answered().filter(({ method }) => method === 'execute_tool_script');
    assertNear(
      total.scriptCalls.success,
      count('execute_tool_script', 'success'),
      bound(),
      'scripts that succeed',
    );
    assertNear(total.scriptCalls.error, count('execute_tool_script', 'error'), bound(), 'scripts that fail');
    assertNear(
      total.regularCalls.success,
      count('tool_call', 'success'),
      bound(),
      'regular calls that succeed',
    );
    assertNear(total.regularCalls.error, count('tool_call', 'error'), bound(), 'regular calls that fail');
    const inner = scripts.reduce((sum, call) => sum + call.innerCalls, 0);
    assertNear(total.innerCalls, inner, 3 * bound(), 'inner calls');
    const on = new Set(
      running()
        .filter(({ enabled }) => enabled)
        .map(({ name }) => name),
    );
    assert.equal(funnel.optedIn, on.size);
    assert.equal(funnel.reporting, new Set(running().map(({ name }) => name)).size);
    assert.equal(funnel.used, on.size - 2, 'all but the dormant ones');
    assert.equal(
      report.everOptedIn,
      new Set(plan.filter(({ enabled }) => enabled).map(({ name }) => name)).size + 2,
    );
    assert.deepEqual(report.dormant.map(({ name }) => name).sort(), ['dormant-0', 'dormant-1']);
    assertServers(report);
  });

  /** Servers whose processes all lived on have exactly their calls. */
  function assertServers(report: AdoptionReport): void {
    for (const { name, scriptCalls, regularCalls, refusedCalls, ...more } of [
      ...report.top,
      ...report.dormant,
    ]) {
      const replicas = members.filter((member) => member.name === name);
      if (replicas.some(({ lives }) => lives.some(({ killedAt }) => killedAt !== undefined))) continue;
      const made = replicas.flatMap(({ lives }) => lives.flatMap((life) => life.calls));
      const of = (method: string): number => made.filter((call) => call.method === method).length;
      assert.equal(scriptCalls.success + scriptCalls.error, of('execute_tool_script'), name);
      assert.equal(regularCalls.success + regularCalls.error, of('tool_call'), name);
      assert.equal(refusedCalls, made.filter(({ refused }) => refused).length, name);
      const bytes = bytesOf(made);
      if (replicas.some(({ enabled }) => enabled))
        assert.deepEqual(more.resultBytes, { received: bytes.tool, answered: bytes.client }, name);
      assert.equal(more.bytesKeptOut ?? 0, Math.max(0, bytes.tool - bytes.client), name);
    }
  }

  test('every query of the dashboard returns data, at a moment under load', async () => {
    const file = join(import.meta.dirname, '../../../observability/dashboards/code-mode.json');
    const expressions = [...readFileSync(file, 'utf8').matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, quoted]) => JSON.parse(quoted!) as string,
    );
    assert.ok(expressions.length > 15);
    for (const expression of expressions) {
      const asked = expression.replaceAll('$namespace', '.*').replaceAll('$server', '.*');
      const now = Date.now() / 1000;
      const at = /30d|dormant/.test(asked) ? now : began + driveSeconds * 0.8;
      const result = await prometheus.query(asked, at);
      assert.ok(
        result.length > 0 && result.every((one) => !Number.isNaN(one.value)),
        `${asked} returns data`,
      );
    }
  });

  test('every query of the documents runs, and returns data', async () => {
    for (const { file, expression } of promqlBlocks()) {
      const at = /30d|7d|dormant/.test(expression) ? Date.now() / 1000 : began + driveSeconds * 0.8;
      const result = await prometheus.query(expression, at);
      assert.ok(result.length > 0, `${file}: ${expression} returns data`);
      assert.ok(
        result.every((one) => !Number.isNaN(one.value)),
        `${file}: ${expression} is never NaN`,
      );
    }
  });
});

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** UTF-8 bytes that scripts received, and answered. */
function bytesOf(made: readonly RecordedCall[]): { readonly tool: number; readonly client: number } {
  return {
    tool: made.reduce((sum, { toolBytes }) => sum + toolBytes, 0),
    client: made.reduce((sum, { clientBytes }) => sum + clientBytes, 0),
  };
}
