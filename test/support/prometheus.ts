import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface ScrapeTarget {
  /** `host:port`, and the labels every sample of it gets. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** None when left out. */
  readonly targets?: readonly ScrapeTarget[];
  readonly job?: string;
  /** Time between scrapes and between evaluations of rules; 1000. */
  readonly intervalMs?: number;
  /** Absolute paths. */
  readonly ruleFiles?: readonly string[];
  /** How far back an instant query looks for a sample; 300 000. */
  readonly lookbackMs?: number;
  /** A folder of blocks to serve, which stays; without it a new one that is removed at the end. */
  readonly dataFolder?: string;
}

/** One element of an instant vector. */
export interface VectorElement {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus of its own process and folder on a free port. */
export interface Prometheus {
  readonly url: string;
  readonly pid: number;
  /** An instant query, now or at a Unix time in seconds; throws with Prometheus' own words when it refuses. */
  query(expression: string, atSeconds?: number): Promise<VectorElement[]>;
  /** Evaluates these files' recording rules from now on, in place of those before. */
  loadRules(files: readonly string[]): Promise<void>;
  /** The targets scraped from the next interval on (no restart). */
  setTargets(targets: readonly ScrapeTarget[]): void;
  stop(): Promise<void>;
}

/** Starts Prometheus and waits until it is ready. Use with `skipWithout('prometheus')`. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-prometheus-'));
  const targetsFile = join(folder, 'targets.json');
  const setTargets = (targets: readonly ScrapeTarget[]): void =>
    writeFileSync(targetsFile, JSON.stringify(targets.map(toTargetGroup)));
  setTargets(options.targets ?? []);
  const configurationFile = join(folder, 'prometheus.yml');
  const configure = (ruleFiles: readonly string[]): void =>
    writeFileSync(configurationFile, JSON.stringify(configuration({ ...options, ruleFiles }, targetsFile)));
  configure(options.ruleFiles ?? []);

  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configurationFile}`,
      `--storage.tsdb.path=${options.dataFolder ?? join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      `--query.lookback-delta=${options.lookbackMs ?? 300_000}ms`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const exited = once(child, 'exit');
  await eventually(async () => {
    const ready = await fetch(`${url}/-/ready`);
    if (!ready.ok) throw new Error(`prometheus is not ready (${ready.status}); it said:\n${log}`);
  });

  return {
    url,
    pid: child.pid!,
    query: (expression, atSeconds) => query(url, expression, atSeconds),
    async loadRules(files) {
      configure(files);
      child.kill('SIGHUP');
      await eventually(async () => {
        const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
          data: { groups: { file: string }[] };
        };
        const loaded = new Set(data.groups.map(({ file }) => file));
        if (!files.every((file) => loaded.has(file)))
          throw new Error(`rules are not loaded; it said:\n${log}`);
      });
    },
    setTargets,
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([
        exited,
        delay(10_000, undefined, { ref: false }).then(() => child.kill('SIGKILL')),
      ]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function toTargetGroup({ address, labels }: ScrapeTarget): object {
  return { targets: [address], labels: labels ?? {} };
}

function configuration(
  { job, intervalMs = 1000, ruleFiles = [] }: PrometheusOptions,
  targetsFile: string,
): object {
  const interval = `${intervalMs}ms`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [
      { job_name: job ?? 'vmcp', file_sd_configs: [{ files: [targetsFile], refresh_interval: interval }] },
    ],
  };
}

async function query(url: string, expression: string, atSeconds?: number): Promise<VectorElement[]> {
  const parameters = new URLSearchParams({ query: expression });
  if (atSeconds !== undefined) parameters.set('time', String(atSeconds));
  const response = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
  const body = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (body.status !== 'success') throw new Error(`prometheus refused ${expression}: ${String(body.error)}`);
  return body.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
