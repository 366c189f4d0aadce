/** Scripts: written, checked while they are written, run, and looked at. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ask, follow } from '../base/api.ts';
import { checkScript, readData } from '../editor/check.ts';
import { readSignature, type Signature } from '../editor/complete.ts';
import { Editor } from '../editor/editor.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty, Fault } from '../parts/states.tsx';
import { hrefTo, packText, unpackText } from '../base/route.ts';
import { toApiError, useData } from '../base/use-data.ts';
import type { CheckAnswer, JsonRecord, Overview, ToolView } from '../wire/index.ts';
import type { ApiError } from '../base/api.ts';
import { examplesOf, propertiesOf } from './examples.ts';
import { RunView } from './run-view.tsx';
import { started, withEvent, type Run } from './run-state.ts';

const draftKey = 'vmcp-draft';
const dataKey = 'vmcp-draft-data';
const noTools: readonly ToolView[] = [];

export function Playground({
  overview,
  parameters,
}: {
  readonly overview: Overview;
  readonly parameters: URLSearchParams;
}): JSX.Element {
  const tools = useData('tools', {});
  const list = tools.data?.tools ?? noTools;
  const signatures = useMemo(() => signaturesOf(list), [list]);
  const examples = useMemo(() => examplesOf(list, signatures), [list, signatures]);
  const [script, setScript] = useState(() => shared(parameters, 'script') ?? kept(draftKey) ?? '');
  const [data, setData] = useState(() => shared(parameters, 'data') ?? kept(dataKey) ?? '');
  const [round, setRound] = useState(0);
  const load = (text: string): void => {
    setScript(text);
    setRound((before) => before + 1);
  };
  const [checked, setChecked] = useState<CheckAnswer>();
  const [asking, setAsking] = useState<readonly string[]>();
  const { run, fault, start, stop, setFault } = useRun();
  useEffect(() => keep(draftKey, script), [script]);
  useEffect(() => keep(dataKey, data), [data]);
  // What somebody has begun to write is never replaced by an example that they did not choose.
  const begun = useRef(script !== '');
  if (script !== '') begun.current = true;
  useEffect(() => {
    const first = examples[1] ?? examples[0];
    if (tools.data === undefined || begun.current || first === undefined) return;
    begun.current = true;
    load(first.script);
  }, [examples]);

  const read = useMemo(() => readData(data), [data]);
  const variables = useMemo(() => ('data' in read ? Object.keys(read.data) : []), [read]);
  const functions = useMemo(() => [...signatures.values()].map(({ name }) => name), [signatures]);
  const offered = useMemo(() => [...signatures.values()], [signatures]);
  const check = useCallback(
    (text: string) => (tools.data === undefined ? [] : checkScript(text, functions, variables)),
    [functions, variables, tools.data],
  );
  const checkData = useCallback((text: string) => {
    const found = readData(text);
    return 'fault' in found ? [{ from: 0, to: text.length, message: found.fault }] : [];
  }, []);
  const dryRun = async (): Promise<CheckAnswer | undefined> => {
    if ('fault' in read) {
      setFault(toApiError(new Error(`data: ${read.fault}`)));
      return undefined;
    }
    try {
      const found = await ask('check', { script, data: read.data as JsonRecord });
      setChecked(found);
      setFault(undefined);
      return found;
    } catch (error) {
      setFault(toApiError(error));
      return undefined;
    }
  };
  const begin = (): void => {
    setAsking(undefined);
    setChecked(undefined);
    if ('data' in read) void start(script, read.data as JsonRecord);
  };
  const wish = async (): Promise<void> => {
    if (run?.state === 'running' || !overview.codeMode || script.trim() === '') return;
    const found = await dryRun();
    if (found === undefined) return;
    // The run itself tells what is wrong better than a check does; only what can change something is asked about here.
    const risky = [...new Set(found.calls.filter(({ readOnly }) => !readOnly).map(({ tool }) => tool))];
    if (risky.length > 0) setAsking(risky);
    else begin();
  };
  const running = run?.state === 'running';
  const outcome = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a small screen it stands below the editor.
    if (running) outcome.current?.scrollIntoView({ block: 'nearest' });
  }, [running]);
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>Playground</h1>
          <p class="lead">One script in place of many calls. Only what it returns reaches the model.</p>
        </div>
        <div class="row wrap">
          <label class="field inline">
            <span class="sr-only">Example</span>
            <select
              class="input"
              value=""
              onChange={(event) => {
                const example = examples.find(({ name }) => name === event.currentTarget.value);
                if (example !== undefined) load(example.script);
                event.currentTarget.value = '';
              }}
            >
              <option value="">Examples…</option>
              {examples.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <button type="button" class="button quiet" onClick={() => save(script)}>
            <Icon name="save" />
            Save
          </button>
          <CopyButton text={() => linkOf(script, data)} label="Copy link" />
          <CopyButton text={() => promptOf(script, data)} label="Copy as prompt" />
        </div>
      </div>
      {!overview.codeMode && (
        <div class="notice warn" role="status">
          <Icon name="warn" />
          <div class="grow">
            Code mode is off, so that scripts can be checked but not run.{' '}
            <code>codeMode: {'{enabled: true}'}</code> in the configuration turns it on.
          </div>
        </div>
      )}
      <div class="play">
        <section class="pane" aria-label="Script">
          <div class="pane-head">
            <h2>script.star</h2>
            <div class="row">
              <button
                type="button"
                class="button"
                disabled={running || script.trim() === ''}
                onClick={() => void dryRun()}
              >
                Dry run
              </button>
              {running ? (
                <button type="button" class="button danger" onClick={stop}>
                  <Icon name="stop" />
                  Stop
                </button>
              ) : (
                <button
                  type="button"
                  class="button primary"
                  disabled={!overview.codeMode || script.trim() === ''}
                  onClick={() => void wish()}
                >
                  <Icon name="playground" />
                  Run <kbd>Ctrl ⏎</kbd>
                </button>
              )}
            </div>
          </div>
          <Editor
            label="Script"
            hint="return …"
            value={script}
            round={round}
            onChange={setScript}
            onRun={() => void wish()}
            check={check}
            signatures={offered}
            variables={variables}
          />
          <details class="data" open={data.trim() !== ''}>
            <summary>
              data <span class="muted">JSON; each key becomes a variable</span>
            </summary>
            <Editor
              small
              label="Data, as JSON"
              hint='{"queries": ["one", "two"]}'
              value={data}
              round={0}
              onChange={setData}
              onRun={() => void wish()}
              check={checkData}
            />
          </details>
          <p class="pane-foot muted">Tab indents; Escape and then Tab leaves the editor.</p>
        </section>
        <section ref={outcome} class="pane outcome" aria-label="Outcome" aria-live="polite">
          {fault !== undefined && <Fault error={fault} />}
          {checked !== undefined && run === undefined && <Checked answer={checked} />}
          {run !== undefined && <RunView run={run} limits={overview.limits} />}
          {run === undefined && checked === undefined && fault === undefined && (
            <Empty title="Nothing has run yet">
              <p>
                <kbd>Ctrl ⏎</kbd> runs the script. A dry run resolves its names and checks its arguments, and
                calls nothing.
              </p>
            </Empty>
          )}
        </section>
      </div>
      {asking !== undefined && <MayRun tools={asking} onNo={() => setAsking(undefined)} onYes={begin} />}
      {run?.question !== undefined && <MayCall key={run.question.question} {...run.question} />}
    </>
  );
}

interface Running {
  readonly run: Run | undefined;
  readonly fault: ApiError | undefined;
  readonly start: (script: string, data: JsonRecord) => Promise<void>;
  readonly stop: () => void;
  readonly setFault: (fault: ApiError | undefined) => void;
}

/** The latest run. Another one, or leaving the screen, ends it. */
function useRun(): Running {
  const [run, setRun] = useState<Run>();
  const [fault, setFault] = useState<ApiError>();
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);
  const start = async (script: string, data: JsonRecord): Promise<void> => {
    const abort = new AbortController();
    stopper.current?.abort();
    stopper.current = abort;
    setFault(undefined);
    setRun(started);
    try {
      await follow('run', { script, data }, abort.signal, (event) =>
        setRun((before) => withEvent(before ?? started, event)),
      );
    } catch (error) {
      setRun((before) => before && { ...before, state: 'stopped' });
      if (!abort.signal.aborted) setFault(toApiError(error));
    }
  };
  return { run, fault, start, stop: () => stopper.current?.abort(), setFault };
}

function Checked({ answer: { calls, faults } }: { readonly answer: CheckAnswer }): JSX.Element {
  return (
    <div class="stack">
      <h2 class={faults.length === 0 ? 'tone-good' : 'tone-bad'}>
        {faults.length === 0 ? 'The script is sound' : `${faults.length} to mend`}
      </h2>
      <ul class="problems">
        {faults.map(({ line, column, message }) => (
          <li key={`${line}:${column} ${message}`}>
            {line !== undefined && (
              <code>
                {line}:{column}
              </code>
            )}{' '}
            {message}
          </li>
        ))}
      </ul>
      <h3>Calls that it writes out</h3>
      {calls.length === 0 && <p class="muted">None by name.</p>}
      <ul class="plain">
        {calls.map(({ tool, line, column, readOnly }) => (
          <li key={`${line}:${column}`} class="row">
            <code>
              {line}:{column}
            </code>
            <span class="mono">{tool}</span>
            {!readOnly && <span class="badge tone-warn">may change something</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function MayRun({
  tools,
  onYes,
  onNo,
}: {
  readonly tools: readonly string[];
  readonly onYes: () => void;
  readonly onNo: () => void;
}): JSX.Element {
  return (
    <Dialog title="Run this script?" onClose={onNo}>
      <h2>Run this script?</h2>
      <p>It calls tools that may change something. Each is asked about once more when it is reached.</p>
      <ul class="plain">
        {tools.map((tool) => (
          <li key={tool} class="mono">
            {tool}
          </li>
        ))}
      </ul>
      <div class="row end">
        <button type="button" class="button" onClick={onNo}>
          Cancel
        </button>
        <button type="button" class="button primary" onClick={onYes}>
          Run
        </button>
      </div>
    </Dialog>
  );
}

function MayCall({
  tool,
  question,
}: {
  readonly tool: string;
  readonly question: string;
}): JSX.Element | null {
  const [answered, setAnswered] = useState(false);
  const answer = (allowed: boolean): void => {
    if (answered) return;
    setAnswered(true);
    // Where the run has ended meanwhile, the question is gone with it.
    ask('allow', { question, allowed }).catch(() => undefined);
  };
  if (answered) return null;
  return (
    <Dialog title={`Allow ${tool}?`} onClose={() => answer(false)}>
      <h2>
        Allow <span class="mono">{tool}</span>?
      </h2>
      <p>
        The script waits. The tool does not say of itself that it only reads. A yes holds for the rest of this
        run.
      </p>
      <div class="row end">
        <button type="button" class="button" onClick={() => answer(false)}>
          Refuse
        </button>
        <button type="button" class="button primary" onClick={() => answer(true)}>
          Allow
        </button>
      </div>
    </Dialog>
  );
}

function signaturesOf(tools: readonly ToolView[]): Map<string, Signature> {
  return new Map(
    tools.flatMap((tool) => {
      const found = readSignature(tool.signature ?? '', tool.description, propertiesOf(tool));
      return found === undefined ? [] : [[tool.name, found] as const];
    }),
  );
}

function shared(parameters: URLSearchParams, name: string): string | undefined {
  const packed = parameters.get(name);
  return packed === null ? undefined : unpackText(packed);
}

function linkOf(script: string, data: string): string {
  const parts = { script: packText(script), ...(data.trim() !== '' && { data: packText(data) }) };
  return `${location.origin}/${hrefTo('playground', parts)}`;
}

function promptOf(script: string, data: string): string {
  const given = data.trim() === '' ? '' : `\n\nwith this "data":\n\n\`\`\`json\n${data.trim()}\n\`\`\``;
  return `Call the tool execute_tool_script with this script:\n\n\`\`\`python\n${script.trim()}\n\`\`\`${given}\n`;
}

function save(script: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([script], { type: 'text/plain' }));
  link.download = 'script.star';
  link.click();
  URL.revokeObjectURL(link.href);
}

function kept(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(key: string, text: string): void {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // A browser that keeps nothing has the text until the page is left.
  }
}
