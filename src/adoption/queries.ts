/**
 * The PromQL of the report. Over raw series it says what the recording rules of observability/rules say, in longer steps;
 * where the rules have been recording, their series are asked instead, which is quicker.
 */

const gauge = 'toolhive_vmcp_code_mode_enabled';

/** What is counted, with the labels that the report needs and the recording rules' name of it. */
export const counters = {
  calls: {
    series: 'toolhive_vmcp_tool_calls_total',
    labels: 'method, status',
    rule: 'toolhive_vmcp_tool_calls',
  },
  scripts: {
    series: 'toolhive_vmcp_script_executions_total',
    labels: 'status',
    rule: 'toolhive_vmcp_script_executions',
  },
  inner: {
    series: 'toolhive_vmcp_script_tool_calls_sum',
    labels: '',
    rule: 'toolhive_vmcp_script_tool_calls_sum',
  },
} as const;

/** What this server counts and Go's do not: where it is absent, nothing was counted. */
export const ownCounters = {
  refused: {
    series: 'toolhive_vmcp_code_mode_refusals_total',
    labels: '',
    rule: 'toolhive_vmcp_code_mode_refusals',
  },
  bytes: {
    series: 'toolhive_vmcp_script_result_bytes_total',
    labels: 'direction',
    rule: 'toolhive_vmcp_script_result_bytes',
  },
  scriptSeconds: {
    series: 'toolhive_vmcp_script_duration_seconds_sum',
    labels: '',
    rule: 'toolhive_vmcp_script_duration_seconds_sum',
  },
  callSeconds: {
    series: 'toolhive_vmcp_script_tool_call_duration_seconds_sum',
    labels: '',
    rule: 'toolhive_vmcp_script_tool_call_duration_seconds_sum',
  },
} as const;

const allCounters = { ...counters, ...ownCounters };
export type BasicCounterName = keyof typeof counters;
export type CounterName = keyof typeof allCounters;

/** One server: its namespace, or the name of its job where it has none, and its name. */
const server = 'namespace, vmcp_server_name';

/** Puts the job's name where there is no namespace, so that servers are told apart by one label. */
function withNamespace(vector: string): string {
  const joined = `label_join(${vector}, "namespace", ";", "namespace", "job")`;
  return `label_replace(${joined}, "namespace", "$1$2", "namespace", "([^;]+);.*|;(.*)")`;
}

/** How many instances report. */
export const instanceCount: string = `count(${gauge})`;

/** Present for as long as the recording rules have been at work. */
export const rulesAtWork = 'fleet:toolhive_vmcp_code_mode_enabled:count';

/** The same for the rules of what this server alone counts: they came later, and record nothing of Go's servers. */
export const ownRulesAtWork = 'fleet:toolhive_vmcp_script_result_bytes:increase5m{direction="tool"}';

/** Per server: the greatest and least of its replicas' gauges, and how many replicas. */
export const serverStates: Readonly<Record<'max' | 'min' | 'replicas', string>> = {
  max: `max by (${server}) (${withNamespace(gauge)})`,
  min: `min by (${server}) (${withNamespace(gauge)})`,
  replicas: `count by (${server}) (${withNamespace(gauge)})`,
};

/** Instances that are up in a job of which others report, and lack the metrics. */
export const instancesWithoutMetrics: string = `count((up == 1) and on (job) ${gauge} unless on (job, instance) ${gauge})`;

/** Which counters have any series in the window. */
export function presence(name: BasicCounterName, seconds: number): string {
  return `count(last_over_time(${counters[name].series}[${seconds}s]))`;
}

/** Per server, over a piece of time: 1 when code mode was on at any moment in it. */
export function everOn(source: 'rules' | 'raw', seconds: number): string {
  return source === 'rules'
    ? `max_over_time(server:${gauge}:max[${seconds}s])`
    : `max by (${server}) (${withNamespace(`max_over_time(${gauge}[${seconds}s])`)})`;
}

/**
 * Per server, the increase of a counter over a piece of time that ends at a multiple of `tileSeconds`. Series without a
 * server are those of instances that do not say their name.
 */
export function increase(
  source: 'rules' | 'raw',
  name: CounterName,
  { pieceSeconds, tileSeconds }: { pieceSeconds: number; tileSeconds: number },
): string {
  const { labels, rule } = allCounters[name];
  // One second less, or the tile that ends where the piece begins would be in it.
  const seconds = pieceSeconds - 1;
  if (source === 'rules') return `sum_over_time(server:${rule}:increase5m[${seconds}s:300s])`;
  const by = [server, labels].filter((part) => part !== '').join(', ');
  return `sum by (${by}) (sum_over_time((${namedTile(name, tileSeconds)})[${seconds}s:${tileSeconds}s]))`;
}

/** Over a piece of time, the increase of a counter in the whole fleet, from the recording rules. */
export function fleetIncrease(name: CounterName, pieceSeconds: number): string {
  return `sum_over_time(fleet:${allCounters[name].rule}:increase5m[${pieceSeconds - 1}s:300s])`;
}

function namedTile(name: CounterName, tileSeconds: number): string {
  const known = `last_over_time(${gauge}[${tileSeconds}s])`;
  const latest = `topk by (job, instance) (1, ${gauge} or on (job, instance) ${known})`;
  const names = `(${withNamespace(latest)} >= bool 0)`;
  const tile = `(${rawTile(name, tileSeconds)})`;
  return `${tile} * on (job, instance) group_left (${server}) ${names} or on (job, instance) ${tile}`;
}

/**
 * What an instance's counter grew by in one tile: its last value less the one before the tile, so that tiles add up to what
 * was counted. Around a restart it is `increase`, and a series not seen before counts whole, unless its target had been
 * scraped in vain or nothing at all was scraped: as in the rules, where the reasons are written.
 */
function rawTile(name: CounterName, tileSeconds: number): string {
  const { series, labels } = allCounters[name];
  const by = ['job', 'instance', labels].filter((part) => part !== '').join(', ');
  const w = `${tileSeconds}s`;
  const before = `${Math.max(tileSeconds, 3600)}s] offset ${w}`;
  const last = `last_over_time(${series}[${w}])`;
  const previous = `last_over_time(${series}[${before})`;
  const back =
    `(last_over_time(up[${before}) ` + `unless on (job, instance) last_over_time(${gauge}[${before}))`;
  return (
    `sum by (${by}) (` +
    `(increase(${series}[${w}]) and resets(${series}[${2 * tileSeconds}s]) > 0) ` +
    `or ${last} - ${previous} >= 0 ` +
    `or (${last} and ${previous}) ` +
    `or (${last} unless on (job, instance) ${back} and on () count(last_over_time(${gauge}[${before}))) ` +
    `or ${last} - min_over_time(${series}[${w}]))`
  );
}
