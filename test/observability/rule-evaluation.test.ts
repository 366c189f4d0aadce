/**
 * Every recording rule, evaluated by a real Prometheus over a synthetic fleet of 1,000 servers (an hour of scrapes, a day of
 * hours). How long each takes is measured by bench/rules.ts; here, that none of them joins with nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { skipWithout } from '../support/counterpart.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { namesOf } from '../support/promql.ts';
import { readRuleGroups, scaledLookbackMs, writeScaledRules } from '../support/recording-rules.ts';
import { writeSyntheticFleet } from '../support/synthetic-fleet.ts';

const servers = 1000;
const factor = 120;

describe(
  'the recording rules over a large fleet',
  {
    skip: skipWithout('prometheus'),
    timeout: 600_000,
  },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-rules-'));
    const end = Math.floor(Date.now() / 3.6e6) * 3600;
    const rulesFile = join(folder, 'rules.yaml');
    let written: ReadonlySet<string>;
    let prometheus: Prometheus;

    before(async () => {
      const dataFolder = join(folder, 'data');
      written = writeSyntheticFleet({
        folder: dataFolder,
        servers,
        recentHours: 1,
        days: 1,
        end,
        scrapeSeconds: 60,
        factor,
      });
      writeScaledRules(rulesFile, factor);
      prometheus = await startPrometheus({ dataFolder, lookbackMs: scaledLookbackMs(factor) });
    });
    after(async () => {
      await prometheus?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const rules = readRuleGroups().flatMap((group) => group.rules);

    test('each series that a rule reads is in the fleet, under the name that it is recorded by', () => {
      const read = new Set(rules.flatMap(({ expr }) => namesOf(expr).selectors.map(({ metric }) => metric)));
      assert.deepEqual(
        [...read].filter((name) => !written.has(name)),
        [],
      );
      const recorded = new Set(rules.map(({ record }) => record));
      assert.deepEqual(
        [...written].filter((name) => name.includes(':') && !recorded.has(name)),
        [],
      );
    });

    test('each rule returns data, and of every server where it says something of each', async () => {
      const counts = new Map<string, number>();
      for (const { record, expr } of readRuleGroups(rulesFile).flatMap((group) => group.rules)) {
        const [answer] = await prometheus.query(`count(${expr})`, end);
        assert.ok(answer !== undefined && answer.value > 0, `${record} returns data`);
        counts.set(record, answer.value);
      }
      assert.equal(counts.get('server:toolhive_vmcp_code_mode_enabled:max'), servers);
      assert.equal(counts.get('instance:toolhive_vmcp_tool_calls:increase5m'), servers * 4);
      assert.equal(counts.get('server:toolhive_vmcp_script_executions:increase1h'), servers * 6);
      assert.equal(counts.get('server:toolhive_vmcp_tool_calls:increase30d'), servers * 2);
      for (const window of ['1h', '7d', '30d'])
        assert.equal(counts.get(`server:toolhive_vmcp_code_mode_enabled:dormant${window}`), servers / 10);
    });

    /** The scaled expression of a rule about the gauge. */
    function expressionOf(level: 'server' | 'fleet', operation: string): string {
      const name = `${level}:toolhive_vmcp_code_mode_enabled:${operation}`;
      const scaled = readRuleGroups(rulesFile).flatMap((group) => group.rules);
      return scaled.find(({ record }) => record === name)!.expr;
    }

    test('before the first hour is recorded, dormant over days is what is dormant over the hour', async () => {
      for (const window of ['7d', '30d']) {
        const withoutHours = expressionOf('server', `dormant${window}`).replaceAll(
          ':hourly_',
          ':unrecorded_',
        );
        const [answer] = await prometheus.query(`count(${withoutHours})`, end);
        assert.equal(answer?.value, servers / 10, window);
      }
    });

    test('each rule that counts something of the fleet finds it', async () => {
      const valueOf = async (operation: string): Promise<number | undefined> =>
        (await prometheus.query(expressionOf('fleet', operation), end))[0]?.value;
      assert.equal(await valueOf('count'), servers);
      assert.equal(await valueOf('sum'), servers / 2);
      assert.equal(await valueOf('ever30d_count'), servers / 2);
      assert.equal(await valueOf('dormant30d_count'), servers / 10);
    });
  },
);
