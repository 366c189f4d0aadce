/** Asks Prometheus for everything that the report is made of. Knows no words and no drawing. */
import { AdoptionError } from './errors.ts';
import type { Prometheus, Sample } from './prometheus.ts';
import * as queries from './queries.ts';
import { TrafficSum } from './traffic.ts';
import { type Coverage, type Piece, toCoverage, toPieces } from './window.ts';

/** What was learnt of one piece of the window. */
export interface PieceFacts {
  readonly piece: Piece;
  readonly source: 'rules' | 'raw';
  /** By server key: whether it had code mode on at any moment. Empty without data. */
  readonly everOn: ReadonlyMap<string, boolean>;
  /** By server key. */
  readonly traffic: ReadonlyMap<string, TrafficSum>;
  /** The whole fleet, instances without a server's name included. */
  readonly total: TrafficSum;
}

/** A server as it is now. */
export interface ServerState {
  readonly enabled: boolean;
  readonly disagreeing: boolean;
  readonly replicas: number;
}

export interface Facts {
  readonly now: number;
  readonly coverage: Coverage;
  readonly servers: ReadonlyMap<string, ServerState>;
  readonly pieces: readonly PieceFacts[];
  readonly instancesWithoutMetrics: number;
  readonly missingMetrics: readonly string[];
  /** What Prometheus warned of. */
  readonly warnings: readonly string[];
}

export interface CollectOptions {
  readonly prometheus: Prometheus;
  readonly windowSeconds: number;
  /** Seconds since 1970. */
  readonly now: number;
  /** Told after each query. */
  readonly onProgress?: (done: number, of: number) => void;
}

const counterNames = ['calls', 'scripts', 'inner'] as const;
const ownCounterNames = ['refused', 'bytes', 'scriptSeconds', 'callSeconds'] as const;

/** The key of a server in the maps here. */
export function serverKey({ labels }: Pick<Sample, 'labels'>): string {
  return `${labels['namespace'] ?? ''}\n${labels['vmcp_server_name'] ?? ''}`;
}

export function fromServerKey(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('\n');
  return { namespace, name };
}

/** Rejects with an `AdoptionError` when Prometheus cannot be asked, or has no data at all. */
export async function collectFacts(options: CollectOptions): Promise<Facts> {
  const { prometheus, windowSeconds, now } = options;
  const pieces = toPieces(windowSeconds, now);
  const count = createCount(7 + counterNames.length + pieces.length * 8, options.onProgress);
  const ask = async (expression: string, at = now): Promise<Sample[]> => {
    const samples = await prometheus.instant(expression, at);
    count();
    return samples;
  };
  const coverage = await findCoverage(queries.instanceCount, options);
  count();
  if (coverage === undefined) {
    throw new AdoptionError(
      'no-data',
      'this Prometheus has no toolhive_vmcp_code_mode_enabled in the window: does it scrape the /metrics of a virtual MCP server?',
    );
  }
  const rules = await findCoverage(queries.rulesAtWork, options);
  count();
  const ownRules = await findCoverage(queries.ownRulesAtWork, options);
  count();
  const servers = await collectServers(ask);
  const missing = sumOf(await ask(queries.instancesWithoutMetrics));
  const missingMetrics = await findMissing(ask, windowSeconds);
  const collected: PieceFacts[] = [];
  for (const [i, piece] of pieces.entries()) {
    const source = i < pieces.length - 1 && isCovered(piece, rules) ? 'rules' : 'raw';
    const ownSource = source === 'rules' && isCovered(piece, ownRules) ? 'rules' : 'raw';
    collected.push(await collectPiece(ask, piece, { source, ownSource, now }));
  }
  return {
    now,
    coverage,
    servers,
    pieces: collected,
    instancesWithoutMetrics: missing,
    missingMetrics,
    warnings: [...prometheus.warnings],
  };
}

type Ask = (expression: string, at?: number) => Promise<Sample[]>;

/** Two looks: over the whole window, then closer at where the data begins. */
async function findCoverage(
  expression: string,
  { prometheus, windowSeconds, now }: CollectOptions,
): Promise<Coverage | undefined> {
  const step = Math.max(15, Math.ceil(windowSeconds / 1000));
  const from = now - Math.floor(windowSeconds / step) * step;
  const coverage = toCoverage(await prometheus.range(expression, from, now, step), step);
  if (coverage === undefined || coverage.dataFrom === from) return coverage;
  const finer = Math.max(1, Math.ceil(step / 500));
  const before = coverage.dataFrom - step;
  const closer = toCoverage(await prometheus.range(expression, before, coverage.dataFrom, finer), finer);
  return { ...coverage, dataFrom: closer?.dataFrom ?? coverage.dataFrom };
}

function isCovered({ from, to, tileSeconds }: Piece, rules: Coverage | undefined): boolean {
  // The five minutes before a piece belong to its first tile; under an hour a tile is no multiple of five minutes.
  if (rules === undefined || tileSeconds % 300 !== 0 || rules.dataFrom > from - 300) return false;
  return rules.gaps.every((gap) => gap.to <= from || gap.from >= to);
}

async function collectServers(ask: Ask): Promise<Map<string, ServerState>> {
  const max = await ask(queries.serverStates.max);
  const min = new Map((await ask(queries.serverStates.min)).map((s) => [serverKey(s), s.value]));
  const replicas = new Map((await ask(queries.serverStates.replicas)).map((s) => [serverKey(s), s.value]));
  return new Map(
    max.map((sample) => {
      const key = serverKey(sample);
      const enabled = sample.value === 1;
      const disagreeing = enabled && min.get(key) === 0;
      return [key, { enabled, disagreeing, replicas: replicas.get(key) ?? 0 }];
    }),
  );
}

async function findMissing(ask: Ask, windowSeconds: number): Promise<string[]> {
  const missing: string[] = [];
  // A day is enough to see that a metric is there, and little to read.
  const seconds = Math.min(windowSeconds, 86_400);
  for (const name of counterNames) {
    if (sumOf(await ask(queries.presence(name, seconds))) === 0) missing.push(queries.counters[name].series);
  }
  return missing;
}

interface Sources {
  readonly source: 'rules' | 'raw';
  /** Of what this server alone counts. */
  readonly ownSource: 'rules' | 'raw';
  readonly now: number;
}

/** A gauge is known from the last scrape on: so long must one look back to see every server that reports. */
const lookbackSeconds = 300;

async function collectPiece(
  ask: Ask,
  piece: Piece,
  { source, ownSource, now }: Sources,
): Promise<PieceFacts> {
  const pieceSeconds = piece.to - piece.from;
  const everOn = new Map<string, boolean>();
  // A piece that has just begun may hold no scrape of some servers yet: they are as they were last seen.
  const to = Math.min(piece.to, now);
  const lookback = piece.to > now ? Math.max(Math.ceil(to - piece.from), lookbackSeconds) : pieceSeconds;
  for (const sample of await ask(queries.everOn(source, lookback), to)) {
    everOn.set(serverKey(sample), sample.value === 1);
  }
  const traffic = new Map<string, TrafficSum>();
  const total = new TrafficSum();
  for (const name of [...counterNames, ...ownCounterNames]) {
    const from = name in queries.ownCounters ? ownSource : source;
    const expression = queries.increase(from, name, { pieceSeconds, tileSeconds: piece.tileSeconds });
    const samples = await ask(expression, piece.to);
    for (const sample of samples) {
      if (sample.labels['vmcp_server_name'] !== undefined)
        addTo(traffic, serverKey(sample)).add(name, sample);
    }
    const all = from === 'raw' ? samples : await ask(queries.fleetIncrease(name, pieceSeconds), piece.to);
    for (const sample of all) total.add(name, sample);
  }
  return { piece, source, everOn, traffic, total };
}

function addTo(map: Map<string, TrafficSum>, key: string): TrafficSum {
  const sum = map.get(key) ?? new TrafficSum();
  map.set(key, sum);
  return sum;
}

function sumOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}

function createCount(expected: number, onProgress: CollectOptions['onProgress']): () => void {
  let done = 0;
  return () => onProgress?.(++done, Math.max(done, expected));
}
