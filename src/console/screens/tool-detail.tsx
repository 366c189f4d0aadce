import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../base/api.ts';
import { bytes, duration } from '../base/format.ts';
import { CopyButton } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Json } from '../parts/json.tsx';
import { goTo, packText } from '../base/route.ts';
import { toApiError } from '../base/use-data.ts';
import type { CallAnswer, JsonRecord, ToolView } from '../wire/index.ts';
import { ResultView } from './result-view.tsx';
import { argumentsOf, fieldsOf, toCurl, toScriptLine, type Field } from './tool-form.ts';

/** One tool: what it says of itself, a form made of its schema, and what a call answers. */
export function ToolDetail({ tool, url }: { readonly tool: ToolView; readonly url: string }): JSX.Element {
  const fields = fieldsOf(tool.inputSchema);
  const [written, setWritten] = useState(() =>
    Object.fromEntries(fields.map(({ name, initial }) => [name, initial])),
  );
  const [fault, setFault] = useState('');
  const [asking, setAsking] = useState<JsonRecord>();
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<{ readonly sent: JsonRecord; readonly got: CallAnswer }>();
  const call = async (args: JsonRecord): Promise<void> => {
    setAsking(undefined);
    setBusy(true);
    setFault('');
    try {
      setAnswer({ sent: args, got: await ask('call', { name: tool.name, arguments: args }) });
    } catch (error) {
      setFault(toApiError(error).message);
    } finally {
      setBusy(false);
    }
  };
  /** The arguments as they stand; undefined where they are none, which is told. */
  const read = (): JsonRecord | undefined => {
    try {
      setFault('');
      return argumentsOf(fields, written);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const args = read();
    if (args === undefined) return;
    if (tool.readOnly) void call(args);
    else setAsking(args);
  };
  const line = (): string => toScriptLine(tool.signature ?? '', read() ?? {});
  return (
    <article class="card tool">
      <h2 class="mono">{tool.name}</h2>
      <div class="row wrap">
        <span class="badge">{tool.backend ?? 'gateway'}</span>
        {tool.ownName !== undefined && tool.ownName !== tool.name && (
          <span class="muted">
            there: <span class="mono">{tool.ownName}</span>
          </span>
        )}
        <Hints tool={tool} />
      </div>
      {tool.signature !== undefined && (
        <pre class="code" tabIndex={0} role="region" aria-label="Signature">
          {tool.signature}
        </pre>
      )}
      <Description text={tool.description} />
      <form class="stack" onSubmit={submit} noValidate>
        {fields.length === 0 && <p class="muted">It takes no arguments.</p>}
        {fields.map((field) => (
          <Input
            key={field.name}
            field={field}
            value={written[field.name] ?? ''}
            onChange={(value) => setWritten((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="row wrap">
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'Calling…' : 'Call'}
          </button>
          <CopyButton text={() => toCurl(url, tool.name, read() ?? {})} label="curl" />
          {tool.signature !== undefined && <CopyButton text={line} label="Script line" />}
          <CopyButton
            text={() => JSON.stringify({ name: tool.name, arguments: read() ?? {} }, null, 2)}
            label="JSON"
          />
          {tool.signature !== undefined && (
            <button
              type="button"
              class="button quiet"
              onClick={() => goTo('playground', { script: packText(`return ${line()}\n`) })}
            >
              Open in the playground
            </button>
          )}
        </div>
      </form>
      {answer !== undefined && <Answer {...answer} name={tool.name} />}
      <details>
        <summary>Schema</summary>
        <Json text={JSON.stringify(tool.inputSchema, null, 2)} label="Schema of the arguments" />
        {tool.outputSchema !== undefined && (
          <Json text={JSON.stringify(tool.outputSchema, null, 2)} label="Schema of the result" />
        )}
      </details>
      {asking !== undefined && (
        <Dialog title={`Call ${tool.name}?`} onClose={() => setAsking(undefined)}>
          <h2>
            Call <span class="mono">{tool.name}</span>?
          </h2>
          <p>
            {tool.annotations['destructiveHint'] === true
              ? 'It says of itself that it may destroy something.'
              : 'It does not say of itself that it only reads.'}
          </p>
          <Json text={JSON.stringify(asking, null, 2)} label="Arguments" />
          <div class="row end">
            <button type="button" class="button" onClick={() => setAsking(undefined)}>
              Cancel
            </button>
            <button type="button" class="button primary" onClick={() => void call(asking)}>
              Call
            </button>
          </div>
        </Dialog>
      )}
    </article>
  );
}

function Hints({ tool: { readOnly, annotations } }: { readonly tool: ToolView }): JSX.Element {
  return (
    <>
      {readOnly && <span class="badge tone-good">only reads</span>}
      {annotations['destructiveHint'] === true && !readOnly && (
        <span class="badge tone-bad">may destroy</span>
      )}
      {annotations['idempotentHint'] === true && <span class="badge">idempotent</span>}
      {annotations['openWorldHint'] === true && <span class="badge">reaches out</span>}
    </>
  );
}

const shortDescription = 600;

function Description({ text }: { readonly text: string }): JSX.Element | null {
  if (text === '') return null;
  if (text.length <= shortDescription) return <p class="prose">{text}</p>;
  return (
    <details>
      <summary>{text.split('\n')[0]?.slice(0, 160)}</summary>
      <p class="prose">{text}</p>
    </details>
  );
}

function Input({
  field: { name, kind, required, about, choices },
  value,
  onChange,
}: {
  readonly field: Field;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = `field-${name}`;
  const shared = { id, required, 'aria-describedby': `${id}-about` } as const;
  const onText = (event: Event): void => onChange((event.currentTarget as HTMLInputElement).value);
  return (
    <div class="field">
      <label class="field-name mono" for={id}>
        {name}
        {required ? <span class="required"> required</span> : ''}
      </label>
      {kind === 'choice' || kind === 'flag' ? (
        <select class="input" {...shared} value={value} onChange={onText}>
          {(!required || value === '') && <option value="">{required ? 'Choose…' : 'Leave out'}</option>}
          {(kind === 'flag' ? ['true', 'false'] : choices).map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : kind === 'number' ? (
        <input class="input" {...shared} inputMode="decimal" value={value} onInput={onText} />
      ) : (
        <textarea
          class="input mono"
          {...shared}
          rows={kind === 'json' ? 3 : Math.min(6, value.split('\n').length)}
          placeholder={kind === 'json' ? 'JSON' : ''}
          spellcheck={false}
          value={value}
          onInput={onText}
        />
      )}
      <p id={`${id}-about`} class="field-about">
        {about}
      </p>
    </div>
  );
}

function Answer({
  sent,
  got,
  name,
}: {
  readonly sent: JsonRecord;
  readonly got: CallAnswer;
  readonly name: string;
}): JSX.Element {
  const [raw, setRaw] = useState(false);
  const failed = got.error !== undefined || got.result?.['isError'] === true;
  return (
    <section class="stack" aria-label="Answer" aria-live="polite">
      <div class="row between wrap">
        <h3 class={failed ? 'tone-bad' : 'tone-good'}>{failed ? 'Failed' : 'Answered'}</h3>
        <span class="row">
          <span class="muted tabular">
            {duration(got.durationMs)} · {bytes(got.bytes)}
          </span>
          <button type="button" class="button quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            Raw
          </button>
        </span>
      </div>
      {raw ? (
        <>
          <Json text={JSON.stringify({ name, arguments: sent }, null, 2)} label="Request" />
          <Json text={JSON.stringify(got.result ?? got.error ?? null, null, 2)} label="Response" />
        </>
      ) : got.error === undefined ? (
        <ResultView result={got.result ?? {}} />
      ) : (
        <pre class="code bad" tabIndex={0} role="region" aria-label="Error">
          {got.error.message}
        </pre>
      )}
    </section>
  );
}
