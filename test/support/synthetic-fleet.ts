/**
 * A fleet of many servers as series in Prometheus' own blocks: hours of what it scraped, and a month of what the recording
 * rules made of it. For finding out what the rules cost; the values mean nothing. Time runs `factor` times as fast: as many
 * samples in fewer blocks, which promtool makes two hours long and reads all input for.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SyntheticOptions {
  readonly folder: string;
  readonly servers: number;
  /** The last moment that there is data for, in seconds since 1970; a multiple of 3600. */
  readonly end: number;
  readonly scrapeSeconds: number;
  readonly factor: number;
}

const callLabels = ['execute_tool_script', 'tool_call'].flatMap((method) =>
  ['success', 'error'].map((status) => `method="${method}",status="${status}"`),
);
const scriptLabels = ['success', 'error', 'timeout', 'step_limit', 'memory_limit', 'cancelled'].map(
  (status) => `status="${status}"`,
);

/** Writes the blocks below `folder` with promtool. */
export function writeSyntheticFleet({ folder, servers, end, scrapeSeconds, factor }: SyntheticOptions): void {
  const times = (seconds: number, step: number): number[] =>
    momentsUntil(end, seconds / factor, step / factor);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'series.om');
  const sink = openSync(file, 'w');
  let pending: string[] = [];
  const flush = (): void => {
    writeSync(sink, pending.join(''));
    pending = [];
  };
  const series = (
    name: string,
    labels: string,
    times: readonly number[],
    value: (i: number) => number,
  ): void => {
    for (const [i, time] of times.entries()) pending.push(`${name}{${labels}} ${value(i)} ${time}\n`);
    if (pending.length > 100_000) flush();
  };
  const raw = times(2 * 3600, scrapeSeconds);
  const minutes = times(2 * 3600, 60);
  const fives = times(2 * 3600, 300);
  const hours = times(30 * 86_400, 3600);
  const all = Array.from({ length: servers }, (_, i) => {
    const target = `job="vmcp",instance="10.0.${i >> 8}.${i & 255}:4483",namespace="team-${i % 40}"`;
    const server = `namespace="team-${i % 40}",vmcp_server_name="server-${i}"`;
    return { i, target, server };
  });
  for (const { i, target } of all) {
    const count = (step: number) => (at: number) => at * step + i;
    series('up', target, raw, () => 1);
    series('toolhive_vmcp_code_mode_enabled', `${target},vmcp_server_name="server-${i}"`, raw, () => i % 2);
    for (const labels of callLabels)
      series('toolhive_vmcp_tool_calls_total', `${target},${labels}`, raw, count(3));
    for (const labels of scriptLabels)
      series('toolhive_vmcp_script_executions_total', `${target},${labels}`, raw, count(1));
    series('toolhive_vmcp_script_tool_calls_sum', target, raw, count(9));
  }
  for (const { i, server } of all) {
    series(
      'server:toolhive_vmcp_code_mode_enabled:max',
      server,
      [...hours.slice(0, -2), ...minutes],
      () => i % 2,
    );
    series('server:toolhive_vmcp_code_mode_enabled:max1h', server, hours, () => i % 2);
    for (const [length, moments] of [
      ['5m', fives],
      ['1h', hours],
    ] as const) {
      for (const labels of callLabels) {
        series(`server:toolhive_vmcp_tool_calls:${length}`, `${server},${labels}`, moments, () => i % 7);
      }
      for (const labels of scriptLabels) {
        series(
          `server:toolhive_vmcp_script_executions:${length}`,
          `${server},${labels}`,
          moments,
          () => i % 3,
        );
      }
      series(`server:toolhive_vmcp_script_tool_calls_sum:${length}`, server, moments, () => i % 20);
    }
  }
  const month = times(30 * 86_400, 300);
  series('fleet:toolhive_vmcp_code_mode_enabled:count', '', month, () => servers);
  series('fleet:toolhive_vmcp_code_mode_enabled:hourly_count', '', hours, () => servers);
  for (const labels of callLabels)
    series('fleet:toolhive_vmcp_tool_calls:increase5m', labels, month, () => 5);
  for (const labels of scriptLabels)
    series('fleet:toolhive_vmcp_script_executions:increase5m', labels, month, () => 5);
  series('fleet:toolhive_vmcp_script_tool_calls_sum:increase5m', '', month, () => 5);
  pending.push('# EOF\n');
  flush();
  closeSync(sink);
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')], {
    stdio: 'ignore',
  });
  rmSync(file);
}

/** Moments a step apart, the last one at the end. */
function momentsUntil(end: number, seconds: number, step: number): number[] {
  const count = Math.round(seconds / step) + 1;
  return Array.from({ length: count }, (_, i) => end - (count - 1 - i) * step);
}
