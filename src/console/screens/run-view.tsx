/** A run: what came of it, what it printed, what it called and what it cost. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { bytes, count, duration, percent, pretty } from '../base/format.ts';
import { CopyButton } from '../parts/copy.tsx';
import { Json } from '../parts/json.tsx';
import { Timeline } from '../parts/timeline.tsx';
import type { Overview } from '../wire/index.ts';
import { textsOf, type InnerCall, type Run } from './run-state.ts';

const words = { running: 'Running', done: 'Done', failed: 'Failed', stopped: 'Stopped' } as const;
const tones = { running: 'muted', done: 'good', failed: 'bad', stopped: 'warn' } as const;

export function RunView({
  run,
  limits,
}: {
  readonly run: Run;
  readonly limits: Overview['limits'];
}): JSX.Element {
  const { state, calls, ended } = run;
  const elapsed = useElapsed(state === 'running');
  const whole = ended?.at ?? Math.max(elapsed, ...calls.map(({ end, at }) => end?.at ?? at));
  const [value, ...printed] = textsOf(ended?.result);
  const error = ended?.error?.message ?? (state === 'failed' ? value : undefined);
  return (
    <div class="stack">
      <div class="row between">
        <h2 class={`tone-${tones[state]}`}>{words[state]}</h2>
        <span class="muted tabular">
          {duration(whole)} · {count(calls.length, 'call')}
        </span>
      </div>
      {error !== undefined && (
        <pre class="code bad" tabIndex={0} role="region" aria-label="Error">
          {error}
        </pre>
      )}
      {state === 'done' && value !== undefined && (
        <div>
          <div class="row between">
            <h3>Result</h3>
            <CopyButton text={value} label="Copy the result" quiet />
          </div>
          <Json text={pretty(value)} label="Result" />
        </div>
      )}
      {printed.length > 0 && (
        <div>
          <h3>Printed</h3>
          <pre class="code" tabIndex={0} role="region" aria-label="Printed">
            {printed.join('\n')}
          </pre>
        </div>
      )}
      <Calls calls={calls} whole={whole} />
      {limits !== undefined && <Cost run={run} whole={whole} limits={limits} />}
    </div>
  );
}

function Calls({
  calls,
  whole,
}: {
  readonly calls: readonly InnerCall[];
  readonly whole: number;
}): JSX.Element {
  const [chosen, setChosen] = useState<number>();
  const call = chosen === undefined ? undefined : calls[chosen];
  return (
    <div>
      <h3>Calls</h3>
      {calls.length === 0 ? (
        <p class="muted">It called no tool.</p>
      ) : (
        <Timeline
          wholeMs={whole}
          chosen={chosen}
          onChoose={(index) => setChosen(index === chosen ? undefined : index)}
          calls={calls.map(({ tool, at, end }) => ({
            tool,
            at,
            durationMs: (end?.at ?? whole) - at,
            state: end === undefined ? 'running' : end.ok ? 'ok' : 'failed',
          }))}
        />
      )}
      {call !== undefined && (
        <div class="call-detail">
          <div class="row between">
            <strong class="mono">{call.tool}</strong>
            <span class="muted tabular">
              {call.end === undefined
                ? 'running'
                : `${duration(call.end.at - call.at)} · ${bytes(call.end.bytes)}`}
            </span>
          </div>
          <h4>Arguments</h4>
          <Json text={pretty(call.arguments)} label="Arguments" />
          {call.end !== undefined && (
            <>
              <h4>Answer</h4>
              <Json text={pretty(call.end.text)} label="Answer" />
              {call.end.bytes > call.end.text.length && <p class="muted">Its beginning alone.</p>}
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Cost({
  run: { calls, ended },
  whole,
  limits,
}: {
  readonly run: Run;
  readonly whole: number;
  readonly limits: NonNullable<Overview['limits']>;
}): JSX.Element {
  const received = calls.reduce((sum, { end }) => sum + (end?.bytes ?? 0), 0);
  const answered = ended?.bytes ?? 0;
  const saved = received - answered;
  return (
    <div>
      <h3>Cost</h3>
      <dl class="costs">
        <Part
          name="Calls"
          used={calls.length}
          limit={limits.maxToolCalls}
          text={String(calls.length)}
          of={limits.maxToolCalls.toLocaleString('en')}
        />
        <Part
          name="Time"
          used={whole}
          limit={limits.scriptTimeoutMs}
          text={duration(whole)}
          of={duration(limits.scriptTimeoutMs)}
        />
        <Part
          name="Answer"
          used={answered}
          limit={limits.maxResultBytes}
          text={bytes(answered)}
          of={bytes(limits.maxResultBytes)}
        />
      </dl>
      {ended !== undefined && saved > 0 && (
        <p class="saving">
          <strong>{bytes(saved)}</strong> of tools’ answers stayed out of the context (
          {percent(saved / received)}).
        </p>
      )}
    </div>
  );
}

function Part({
  name,
  used,
  limit,
  text,
  of,
}: {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly text: string;
  readonly of: string;
}): JSX.Element {
  const share = Math.min(1, used / limit);
  return (
    <div class="cost">
      <dt>{name}</dt>
      <dd>
        <span class="tabular">
          {text} <span class="muted">of {of}</span>
        </span>
        <span class="bar-track" aria-hidden="true">
          <span class={share > 0.8 ? 'bar-fill warn' : 'bar-fill'} style={{ width: `${100 * share}%` }} />
        </span>
      </dd>
    </div>
  );
}

/** Milliseconds since the run began, ten times a second while it goes on. */
function useElapsed(running: boolean): number {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const from = performance.now();
    setElapsed(0);
    const timer = setInterval(() => setElapsed(performance.now() - from), 100);
    return () => clearInterval(timer);
  }, [running]);
  return elapsed;
}
