/**
 * A fleet of many servers as series in Prometheus' own blocks: hours of what it scraped, and days of what the recording
 * rules made of it. For finding out what the rules cost, and that none of them joins with nothing; the values mean little.
 * Every second server has code mode on, every fifth of those is dormant, one in 25 restarts, and one in 50 was out of reach
 * until a moment ago. Time runs `factor` times as fast: as many samples in fewer blocks, which promtool makes two hours long
 * and reads all input for.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readRuleGroups } from './recording-rules.ts';

export interface SyntheticOptions {
  /** Where the blocks go. */
  readonly folder: string;
  readonly servers: number;
  /** How far back there is every scrape and every evaluation; at least 1, which the rules' windows need. */
  readonly recentHours: number;
  /** How far back there are hours. */
  readonly days: number;
  /** The last moment that there is data for, in seconds since 1970; a multiple of 3600. */
  readonly end: number;
  readonly scrapeSeconds: number;
  readonly factor: number;
}

/** Moments in seconds since 1970, all of them up to the end. */
interface Moments {
  readonly scrapes: readonly number[];
  /** Each evaluation of the rules in the recent hours. */
  readonly minutes: readonly number[];
  /** Each evaluation for as many days as there are. */
  readonly allMinutes: readonly number[];
  readonly hours: readonly number[];
}

interface Server {
  readonly i: number;
  /** Labels of its one process. */
  readonly target: string;
  /** The labels that name it in recorded series. */
  readonly server: string;
  readonly on: boolean;
  readonly dormant: boolean;
  readonly restarts: boolean;
  readonly back: boolean;
}

/** Takes one series: a value for each moment, by the moment's place among them. */
type Sink = (name: string, labels: string, moments: readonly number[], value: (at: number) => number) => void;

/** What is counted, under its name at `/metrics` and in the rules, with the labels of each of its series. */
interface Counter {
  readonly raw: string;
  readonly metric: string;
  readonly labels: readonly string[];
  /** No rule makes a longer window of it than five minutes. */
  readonly isShort?: boolean;
}

const counters: readonly Counter[] = [
  {
    raw: 'toolhive_vmcp_tool_calls_total',
    metric: 'toolhive_vmcp_tool_calls',
    labels: ['execute_tool_script', 'tool_call'].flatMap((method) =>
      ['success', 'error'].map((status) => `method="${method}",status="${status}"`),
    ),
  },
  {
    raw: 'toolhive_vmcp_script_executions_total',
    metric: 'toolhive_vmcp_script_executions',
    labels: ['success', 'error', 'timeout', 'step_limit', 'memory_limit', 'cancelled'].map(
      (status) => `status="${status}"`,
    ),
  },
  {
    raw: 'toolhive_vmcp_script_tool_calls_sum',
    metric: 'toolhive_vmcp_script_tool_calls_sum',
    labels: [''],
  },
  {
    raw: 'toolhive_vmcp_code_mode_refusals_total',
    metric: 'toolhive_vmcp_code_mode_refusals',
    labels: [''],
  },
  {
    raw: 'toolhive_vmcp_script_result_bytes_total',
    metric: 'toolhive_vmcp_script_result_bytes',
    labels: ['direction="tool"', 'direction="client"'],
  },
  // Of these the rules keep five minutes alone.
  ...['toolhive_vmcp_script_duration_seconds_sum', 'toolhive_vmcp_script_tool_call_duration_seconds_sum'].map(
    (name) => ({ raw: name, metric: name, labels: [''], isShort: true }),
  ),
];

/** Writes the blocks below `folder` with promtool, and returns the names of all series in them. */
export function writeSyntheticFleet(options: SyntheticOptions): ReadonlySet<string> {
  const { folder, servers } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'series.om');
  const names = writeSeries(file, (sink) => {
    const moments = momentsOf(options);
    const fleet = Array.from({ length: servers }, (_, i) => createServer(i));
    for (const server of fleet) scraped(server, moments, options, sink);
    for (const server of fleet) recordedOfInstance(server, moments, sink);
    for (const server of fleet) recordedOfServer(server, moments, sink);
    recordedOfFleet(servers, moments, sink);
  });
  const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', file, folder];
  execFileSync('promtool', blocks, { stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(file);
  return names;
}

function momentsOf({ end, recentHours, days, scrapeSeconds, factor }: SyntheticOptions): Moments {
  const until = (seconds: number, step: number): number[] => {
    const count = Math.round(seconds / step) + 1;
    return Array.from({ length: count }, (_, i) => end - ((count - 1 - i) * step) / factor);
  };
  return {
    scrapes: until(recentHours * 3600, scrapeSeconds),
    minutes: until(recentHours * 3600, 60),
    allMinutes: until(days * 86_400, 60),
    hours: until(days * 86_400, 3600),
  };
}

function createServer(i: number): Server {
  const on = i % 2 === 1;
  return {
    i,
    target: `job="vmcp",instance="10.0.${i >> 8}.${i & 255}:4483",namespace="team-${i % 40}"`,
    server: `namespace="team-${i % 40}",vmcp_server_name="server-${i}"`,
    on,
    dormant: on && i % 10 === 1,
    restarts: i % 25 === 3,
    back: i % 50 === 7,
  };
}

/** What Prometheus reads from the server's process. */
function scraped(one: Server, { scrapes }: Moments, { scrapeSeconds }: SyntheticOptions, sink: Sink): void {
  const { target, i } = one;
  // Fewer than five minutes, so that it counts as back.
  const seen = one.back ? scrapes.slice(-Math.floor(240 / scrapeSeconds)) : scrapes;
  const restart = one.restarts ? seen.length - 2 : Infinity;
  sink('up', target, scrapes, () => 1);
  sink('toolhive_vmcp_code_mode_enabled', `${target},vmcp_server_name="server-${i}"`, seen, () =>
    Number(one.on),
  );
  forEachCounter(({ raw }, label) => {
    const step = (countOf(one, label) * scrapeSeconds) / 60;
    sink(raw, joinLabels(target, label), seen, (at) => (at < restart ? at * step : (at - restart) * step));
  });
}

function recordedOfInstance(one: Server, { minutes }: Moments, sink: Sink): void {
  const { target, i, on } = one;
  const now = minutes.slice(-2);
  const named = `${target},vmcp_server_name="server-${i}"`;
  for (const operation of ['max', 'last5m'])
    sink(`instance:toolhive_vmcp_code_mode_enabled:${operation}`, named, now, () => Number(on));
  if (one.back) sink('instance:toolhive_vmcp_code_mode_enabled:back15m', named, now, () => Number(on));
  forEachCounter((counter, label) => {
    const count = 5 * countOf(one, label);
    const write = (operation: string): void =>
      sink(`instance:${counter.metric}:${operation}`, joinLabels(target, label), now, () => count);
    if (one.restarts) write('restart5m');
    if (one.back) for (const operation of ['unseen5m', 'first5m']) write(operation);
    else write('delta5m');
    write('increase5m');
  });
}

function recordedOfServer(one: Server, { minutes, hours }: Moments, sink: Sink): void {
  const now = minutes.slice(-2);
  const gauge = 'server:toolhive_vmcp_code_mode_enabled';
  for (const operation of ['max', 'min'])
    sink(`${gauge}:${operation}`, one.server, minutes, () => Number(one.on));
  for (const operation of ['max1h', 'max30d'])
    sink(`${gauge}:${operation}`, one.server, now, () => Number(one.on));
  for (const operation of ['hourly_max', 'hourly_max1h'])
    sink(`${gauge}:${operation}`, one.server, hours, () => Number(one.on));
  if (one.dormant)
    for (const operation of ['dormant1h', 'dormant7d', 'dormant30d'])
      sink(`${gauge}:${operation}`, one.server, now, () => 1);
  forEachCounter(({ metric, isShort }, label) => {
    const count = countOf(one, label);
    const write = (operation: string, moments: readonly number[], minutesLong: number): void =>
      sink(
        `server:${metric}:${operation}`,
        joinLabels(one.server, label),
        moments,
        () => count * minutesLong,
      );
    write('increase5m', minutes, 5);
    if (isShort === true) return;
    write('increase1h', now, 60);
    write('hourly_increase1h', hours, 60);
    write('increase30d', now, 60 * hours.length);
    if (metric === 'toolhive_vmcp_tool_calls') write('increase7d', now, 60 * hours.length);
  });
}

function recordedOfFleet(servers: number, { minutes, allMinutes, hours }: Moments, sink: Sink): void {
  const gauge = 'fleet:toolhive_vmcp_code_mode_enabled';
  sink(`${gauge}:count`, '', minutes, () => servers);
  sink(`${gauge}:sum`, '', minutes, () => servers / 2);
  sink(`${gauge}:hourly_count`, '', hours, () => servers);
  forEachCounter(({ metric, isShort }, label) => {
    sink(`fleet:${metric}:increase5m`, label, allMinutes, () => 5);
    if (isShort === true) return;
    for (const operation of ['increase1h', 'increase30d'])
      sink(`fleet:${metric}:${operation}`, label, minutes.slice(-2), () => 60);
  });
}

/** How often the counter grows in a minute; a dormant server runs no script. */
function countOf({ i, dormant }: Server, label: string): number {
  if (dormant && !label.includes('tool_call')) return 0;
  return 1 + (i % 7);
}

function forEachCounter(visit: (counter: Counter, label: string) => void): void {
  for (const counter of counters) for (const label of counter.labels) visit(counter, label);
}

/** Writes what `write` puts into the sink as OpenMetrics; a recorded name that no rule records is refused. */
function writeSeries(file: string, write: (sink: Sink) => void): ReadonlySet<string> {
  const recorded = new Set(readRuleGroups().flatMap(({ rules }) => rules.map(({ record }) => record)));
  const names = new Set<string>();
  const output = openSync(file, 'w');
  let pending: string[] = [];
  const flush = (): void => {
    writeSync(output, pending.join(''));
    pending = [];
  };
  try {
    write((name, labels, moments, value) => {
      if (name.includes(':') && !recorded.has(name)) throw new Error(`no rule records ${name}`);
      names.add(name);
      for (const [at, moment] of moments.entries())
        pending.push(`${name}{${labels}} ${value(at)} ${moment}\n`);
      if (pending.length > 100_000) flush();
    });
    pending.push('# EOF\n');
    flush();
  } finally {
    closeSync(output);
  }
  return names;
}

function joinLabels(...labels: readonly string[]): string {
  return labels.filter((label) => label !== '').join(',');
}
