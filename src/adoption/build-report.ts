import { type Facts, fromServerKey, type PieceFacts } from './collect.ts';
import type { AdoptionReport, ServerReport, TrendPoint } from './report.ts';
import { growthOf, type Part } from './growth.ts';
import { toSentences } from './sentences.ts';
import { totalOf, toShares, TrafficSum } from './traffic.ts';

export interface BuildOptions {
  readonly prometheus: string;
  readonly windowAsked: string;
  readonly windowSeconds: number;
}

/** Makes the report of what was learnt. */
export function buildReport(facts: Facts, options: BuildOptions): AdoptionReport {
  const servers = toServers(facts);
  const on = servers.filter(({ enabled }) => enabled === true);
  const used = on.filter(({ scriptCalls }) => totalOf(scriptCalls) > 0);
  const total = sum(facts.pieces.map((piece) => piece.total)).toTraffic();
  const report: Omit<AdoptionReport, 'sentences'> = {
    at: facts.now,
    prometheus: options.prometheus,
    window: toWindow(facts, options),
    source: toSource(facts.pieces),
    funnel: {
      reporting: servers.filter(({ enabled }) => enabled !== null).length,
      optedIn: on.length,
      used: used.length,
      succeeding: used.filter(({ scriptSuccess }) => (scriptSuccess ?? 0) >= 0.5).length,
    },
    everOptedIn: countEverOn(facts),
    disagreeing: servers.filter(({ disagreeing }) => disagreeing).length,
    instancesWithoutMetrics: facts.instancesWithoutMetrics,
    missingMetrics: facts.missingMetrics,
    warnings: facts.warnings,
    total: { ...total, ...toShares(total) },
    trend: facts.pieces.map((piece) => toTrendPoint(piece, facts.coverage.dataFrom, facts.now)),
    growth: toGrowth(facts),
    servers: servers.toSorted(byName),
    top: servers
      .filter(({ scriptCalls }) => totalOf(scriptCalls) > 0)
      .sort((a, b) => totalOf(b.scriptCalls) - totalOf(a.scriptCalls) || byName(a, b)),
    notOptedIn: servers
      .filter(({ enabled }) => enabled === false)
      .sort((a, b) => totalOf(b.regularCalls) - totalOf(a.regularCalls) || byName(a, b)),
    dormant: on
      .filter(({ scriptCalls }) => totalOf(scriptCalls) === 0)
      .sort((a, b) => totalOf(b.regularCalls) - totalOf(a.regularCalls) || byName(a, b)),
  };
  return { ...report, sentences: toSentences(report) };
}

/** Every server that reports now or did anything in the window. */
function toServers({ servers, pieces }: Facts): ServerReport[] {
  const keys = new Set([
    ...servers.keys(),
    ...pieces.flatMap(({ everOn, traffic }) => [...everOn.keys(), ...traffic.keys()]),
  ]);
  return [...keys].map((key) => {
    const state = servers.get(key);
    const traffic = sum(pieces.flatMap((piece) => piece.traffic.get(key) ?? [])).toTraffic();
    return {
      ...fromServerKey(key),
      enabled: state?.enabled ?? null,
      replicas: state?.replicas ?? 0,
      disagreeing: state?.disagreeing ?? false,
      ...traffic,
      ...toShares(traffic),
    };
  });
}

function toWindow({ now, coverage }: Facts, options: BuildOptions): AdoptionReport['window'] {
  const from = now - options.windowSeconds;
  // A thousandth of the window is how closely the beginning of the data is looked for.
  const complete = coverage.dataFrom - from <= Math.max(60, options.windowSeconds / 500);
  return { asked: options.windowAsked, from, to: now, ...coverage, complete };
}

function toSource(pieces: readonly PieceFacts[]): AdoptionReport['source'] {
  const older = pieces.slice(0, -1);
  if (older.every(({ source }) => source === 'raw')) return 'raw';
  return older.every(({ source }) => source === 'rules') ? 'rules' : 'both';
}

function countEverOn({ servers, pieces }: Facts): number {
  const ever = new Set<string>();
  for (const [key, { enabled }] of servers) if (enabled) ever.add(key);
  for (const { everOn } of pieces) for (const [key, on] of everOn) if (on) ever.add(key);
  return ever.size;
}

function toTrendPoint({ piece, everOn, total }: PieceFacts, dataFrom: number, now: number): TrendPoint {
  const traffic = total.toTraffic();
  const known = piece.to > dataFrom && everOn.size > 0;
  return {
    from: piece.from,
    to: piece.to,
    partial: piece.to > now || (piece.from < dataFrom && piece.to > dataFrom),
    reporting: known ? everOn.size : null,
    optedIn: known ? [...everOn.values()].filter(Boolean).length : null,
    scriptCalls: totalOf(traffic.scriptCalls),
    regularCalls: totalOf(traffic.regularCalls),
    innerCalls: traffic.innerCalls,
    ...toShares(traffic),
  };
}

function toGrowth({ pieces, coverage }: Facts): AdoptionReport['growth'] {
  const known = pieces.filter(({ piece }) => piece.to > coverage.dataFrom);
  const middle = Math.floor(known.length / 2);
  const partOf = (half: readonly PieceFacts[]): Part => {
    const traffic = sum(half.map(({ total }) => total)).toTraffic();
    const of = totalOf(traffic.scriptCalls) + totalOf(traffic.regularCalls) - traffic.refusedCalls;
    return { share: toShares(traffic).scriptShare, of };
  };
  return growthOf(partOf(known.slice(0, middle)), partOf(known.slice(middle)));
}

function sum(sums: readonly TrafficSum[]): TrafficSum {
  const all = new TrafficSum();
  for (const one of sums) all.addAll(one);
  return all;
}

function byName(a: ServerReport, b: ServerReport): number {
  return a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
}
