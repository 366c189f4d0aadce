/** What clients do right now: their calls and scripts, as they end. No arguments and no results. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { follow, type ApiError } from '../base/api.ts';
import { clock, count, duration } from '../base/format.ts';
import { Empty, Fault } from '../parts/states.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { toApiError } from '../base/use-data.ts';
import type { ActivityEntry, Overview } from '../wire/index.ts';

const mostKept = 500;
const againMs = 2000;

export function Activity({ overview }: { readonly overview: Overview }): JSX.Element {
  const [paused, setPaused] = useState(false);
  const { entries, error } = useActivity(paused);
  const [query, setQuery] = useState('');
  const [only, setOnly] = useState<'all' | 'call' | 'script' | 'failed'>('all');
  const [open, setOpen] = useState<number>();
  const rows = useMemo(
    () => grouped(entries.filter((entry) => fits(entry, query, only))),
    [entries, query, only],
  );
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>Activity</h1>
          <p class="lead">
            {overview.person === undefined ? 'The latest calls of all clients' : 'Your latest calls'}, without
            arguments and results.
          </p>
        </div>
        <div class="row wrap">
          <input
            class="input"
            type="search"
            aria-label="Filter"
            placeholder="Client or tool"
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
          <select
            class="input"
            aria-label="Kind"
            value={only}
            onChange={(event) => setOnly(event.currentTarget.value as typeof only)}
          >
            <option value="all">Everything</option>
            <option value="call">Calls</option>
            <option value="script">Scripts</option>
            <option value="failed">Failures</option>
          </select>
          <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? 'Go on' : 'Pause'}
          </button>
        </div>
      </div>
      {error !== undefined && <Fault error={error} />}
      {rows.length === 0 ? (
        <Empty title={entries.length === 0 ? 'No calls yet' : 'Nothing fits'}>
          <p>Calls show up here as they end.</p>
        </Empty>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Calls">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Client</th>
                <th scope="col">What</th>
                <th scope="col">Status</th>
                <th scope="col" class="number">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ entry, times }) => (
                <Row
                  key={entry.id}
                  entry={entry}
                  times={times}
                  open={open === entry.id}
                  onToggle={() => setOpen(open === entry.id ? undefined : entry.id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({
  entry,
  times,
  open,
  onToggle,
}: {
  readonly entry: ActivityEntry;
  readonly times: number;
  readonly open: boolean;
  readonly onToggle: () => void;
}): JSX.Element {
  const { kind, subject, ok, calls } = entry;
  return (
    <>
      <tr>
        <td class="tabular">{clock(entry.at)}</td>
        <td>{entry.client}</td>
        <td>
          {kind === 'script' ? (
            <button type="button" class="link" aria-expanded={open} onClick={onToggle}>
              script <span class="mono">{subject}</span>{' '}
              <span class="muted">{count(calls.length, 'call')}</span>
            </button>
          ) : (
            <span class="mono">{subject}</span>
          )}
          {times > 1 && <span class="badge">{times} alike</span>}
        </td>
        <td>
          <span class={`badge ${ok ? 'tone-good' : 'tone-bad'}`}>{ok ? 'success' : 'error'}</span>
        </td>
        <td class="number tabular">{duration(entry.durationMs)}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            {calls.length === 0 ? (
              <p class="muted">It called no tool.</p>
            ) : (
              <Timeline
                wholeMs={entry.durationMs}
                calls={calls.map(({ tool, at, durationMs, ok: isOk }) => ({
                  tool,
                  at,
                  durationMs,
                  state: isOk ? 'ok' : 'failed',
                }))}
              />
            )}
          </td>
        </tr>
      )}
    </>
  );
}

/** The same script that fails again and again is one row, that of its latest run. */
function grouped(entries: readonly ActivityEntry[]): { entry: ActivityEntry; times: number }[] {
  const rows: { entry: ActivityEntry; times: number }[] = [];
  const failing = new Map<string, { entry: ActivityEntry; times: number }>();
  for (const entry of entries.toReversed()) {
    const key = `${entry.client} ${entry.subject}`;
    const known = entry.kind === 'script' && !entry.ok ? failing.get(key) : undefined;
    if (known !== undefined) {
      known.times++;
      continue;
    }
    const row = { entry, times: 1 };
    rows.push(row);
    if (entry.kind === 'script' && !entry.ok) failing.set(key, row);
  }
  return rows;
}

function fits(entry: ActivityEntry, query: string, only: 'all' | 'call' | 'script' | 'failed'): boolean {
  if (only === 'failed' ? entry.ok : only !== 'all' && entry.kind !== only) return false;
  const text =
    `${entry.client} ${entry.subject} ${entry.calls.map(({ tool }) => tool).join(' ')}`.toLowerCase();
  return text.includes(query.toLowerCase());
}

/** Follows the server; after an interruption again, with what came meanwhile. */
function useActivity(paused: boolean): { entries: readonly ActivityEntry[]; error: ApiError | undefined } {
  const [entries, setEntries] = useState<readonly ActivityEntry[]>([]);
  const [error, setError] = useState<ApiError>();
  const latest = useRef(0);
  useEffect(() => {
    if (paused) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waiting: ActivityEntry[] = [];
    const show = (): void => {
      const fresh = waiting;
      waiting = [];
      setEntries((before) => [...before, ...fresh].slice(-mostKept));
    };
    const go = async (): Promise<void> => {
      try {
        setError(undefined);
        await follow('activity', {}, stop.signal, (entry) => {
          if (entry.id <= latest.current) return;
          latest.current = entry.id;
          waiting.push(entry);
          if (waiting.length === 1) requestAnimationFrame(show);
        });
      } catch (thrown) {
        if (!stop.signal.aborted) setError(toApiError(thrown));
      }
      if (stop.signal.aborted) return;
      // A server that has started again counts from the beginning.
      latest.current = 0;
      setEntries([]);
      timer = setTimeout(() => void go(), againMs);
    };
    void go();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [paused]);
  return { entries, error };
}
