/** Does it work? What stands behind this server, what is wrong with it, and how to connect to it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { connections } from './connect.ts';
import { bytes, clock, count, duration, percent, tokens } from '../base/format.ts';
import { CopyButton } from '../parts/copy.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty } from '../parts/states.tsx';
import { hrefTo } from '../base/route.ts';
import type { BackendCard, Overview as Data, TokenMeter } from '../wire/index.ts';

export function Overview({ data }: { readonly data: Data }): JSX.Element {
  const { backends, config } = data;
  const serving = backends.filter(({ health }) => isServing(health)).length;
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>Overview</h1>
          <p class="lead">{headline(backends.length, serving)}</p>
        </div>
        <div class="url">
          <code>{data.mcpUrl}</code>
          <CopyButton text={data.mcpUrl} label="Copy the URL of the MCP endpoint" quiet />
        </div>
      </div>
      {config.refused !== undefined && <RefusedConfig refused={config.refused} />}
      <dl class="facts">
        <Fact
          name="Backends"
          value={`${serving} / ${backends.length}`}
          hint="serve"
          tone={serving === backends.length ? 'good' : 'warn'}
        />
        <Fact name="Tools" value={String(data.toolCount)} hint="listed to clients" />
        <Fact
          name="Code mode"
          value={data.codeMode ? 'on' : 'off'}
          hint={data.codeMode ? 'execute_tool_script is listed' : 'codeMode.enabled: true turns it on'}
          tone={data.codeMode ? 'good' : 'muted'}
        />
        <Fact
          name="Configuration"
          value={config.refused === undefined ? 'in force' : 'change not used'}
          hint={`${config.reloads === 0 ? 'since the start,' : `reloaded ${count(config.reloads, 'time')}, last at`} ${clock(config.inForceSince)}`}
          tone={config.refused === undefined ? 'good' : 'bad'}
        />
      </dl>
      <section aria-labelledby="backends">
        <h2 id="backends">Backends</h2>
        {backends.length === 0 ? (
          <Empty title="No backends">
            <p>
              Add one under <code>backends</code> in the configuration; it joins without a restart.
            </p>
          </Empty>
        ) : (
          <ul class="cards">
            {backends.toSorted(byNeed).map((backend) => (
              <Backend key={backend.name} backend={backend} />
            ))}
          </ul>
        )}
      </section>
      <div class="columns">
        <Connect name={data.name} url={data.mcpUrl} />
        <Tokens meter={data.tokens} codeMode={data.codeMode} />
      </div>
    </>
  );
}

function headline(total: number, serving: number): string {
  if (total === 0) return 'The server runs and has no backends yet.';
  if (serving === total) return 'Everything works.';
  return serving === 0
    ? 'No backend serves.'
    : `${count(total - serving, 'backend')} of ${total} ${total - serving === 1 ? 'does' : 'do'} not serve.`;
}

function RefusedConfig({
  refused,
}: {
  readonly refused: NonNullable<Data['config']['refused']>;
}): JSX.Element {
  return (
    <div class="notice bad" role="status">
      <Icon name="warn" />
      <div class="grow">
        <strong>The change of {clock(refused.at)} is not used.</strong> The configuration before it stays in
        force.
        <ul class="problems">
          {refused.problems.map((problem) => (
            <li key={problem}>
              <code>{problem}</code>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

type Tone = 'good' | 'warn' | 'bad' | 'muted';

function Fact({
  name,
  value,
  hint,
  tone,
}: {
  readonly name: string;
  readonly value: string;
  readonly hint: string;
  readonly tone?: Tone;
}): JSX.Element {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <span class={`fact-value ${tone === undefined ? '' : `tone-${tone}`}`}>{value}</span>
        <span class="fact-hint">{hint}</span>
      </dd>
    </div>
  );
}

const states: Readonly<Record<BackendCard['health'], { word: string; tone: Tone; fix?: string }>> = {
  healthy: { word: 'Serves', tone: 'good' },
  degraded: {
    word: 'Serves, with failures',
    tone: 'warn',
    fix: 'Its latest checks failed. The log has each of them.',
  },
  asleep: { word: 'Asleep', tone: 'muted', fix: 'It starts with the first request that needs it.' },
  unknown: { word: 'Connecting', tone: 'muted' },
  unhealthy: {
    word: 'Down',
    tone: 'bad',
    fix: '“vmcp doctor” goes through its start step by step. It is tried again by itself.',
  },
  unauthenticated: {
    word: 'Login needed',
    tone: 'bad',
    fix: 'It refuses the credential: look at “headers” and “outgoingAuth” of this backend.',
  },
};

function isServing(health: BackendCard['health']): boolean {
  return health === 'healthy' || health === 'degraded' || health === 'asleep';
}

/** What needs somebody comes first. */
function byNeed(left: BackendCard, right: BackendCard): number {
  return (
    Number(isServing(left.health)) - Number(isServing(right.health)) || (left.name < right.name ? -1 : 1)
  );
}

function Backend({ backend }: { readonly backend: BackendCard }): JSX.Element {
  const { word, tone, fix } = states[backend.health];
  const { latency } = backend;
  return (
    <li class={`card backend edge-${tone}`}>
      <div class="row between">
        <h3>{backend.name}</h3>
        <span class={`badge tone-${tone}`}>
          <span class="dot" aria-hidden="true" />
          {word}
        </span>
      </div>
      <dl class="pairs">
        <Pair name="Transport">{backend.transport}</Pair>
        <Pair name="Revision">{backend.revision ?? '–'}</Pair>
        <Pair name="Tools">
          <a
            href={hrefTo('tools', { backend: backend.name })}
            aria-label={`${backend.tools} tools of ${backend.name}`}
          >
            {backend.tools}
          </a>
        </Pair>
        <Pair name="Latency">
          {latency === undefined ? (
            <span class="muted">no calls yet</span>
          ) : (
            <span title={`of the latest ${count(latency.calls, 'call')}`}>
              {duration(latency.p50)} <span class="muted">p95 {duration(latency.p95)}</span>
            </span>
          )}
        </Pair>
      </dl>
      {backend.error !== undefined && <p class="backend-error mono">{backend.error}</p>}
      {fix !== undefined && <p class="backend-fix">{fix}</p>}
    </li>
  );
}

function Pair({
  name,
  children,
}: {
  readonly name: string;
  readonly children: JSX.Element | string | number;
}): JSX.Element {
  return (
    <div class="pair">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Connect({ name, url }: { readonly name: string; readonly url: string }): JSX.Element {
  const all = connections(name, url);
  const [chosen, setChosen] = useState(all[0]?.id ?? '');
  const client = all.find(({ id }) => id === chosen) ?? all[0];
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const at = all.findIndex(({ id }) => id === chosen);
    const next = all[(at + step + all.length) % all.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    setChosen(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <section class="card" aria-labelledby="connect">
      <h2 id="connect">Connect a client</h2>
      <div class="tabs" role="tablist" aria-label="Clients" onKeyDown={move}>
        {all.map(({ id, name: clientName }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={id === chosen}
            aria-controls="connect-panel"
            tabIndex={id === chosen ? 0 : -1}
            onClick={() => setChosen(id)}
          >
            {clientName}
          </button>
        ))}
      </div>
      {client !== undefined && (
        <div
          id="connect-panel"
          role="tabpanel"
          aria-labelledby={`tab-${client.id}`}
          class="stack"
          tabIndex={0}
        >
          <div class="snippet">
            <code>{client.command}</code>
            <CopyButton text={client.command} label="Copy the command" quiet />
          </div>
          <p class="muted">or in its configuration:</p>
          <div class="snippet">
            <pre>{client.entry}</pre>
            <CopyButton text={client.entry} label="Copy the configuration" quiet />
          </div>
          <p class="row">
            {client.link !== undefined && (
              <a class="button" href={client.link}>
                Open {client.name}
              </a>
            )}
            <span class="muted">Then: {client.next}.</span>
          </p>
        </div>
      )}
    </section>
  );
}

function Tokens({
  meter,
  codeMode,
}: {
  readonly meter: TokenMeter;
  readonly codeMode: boolean;
}): JSX.Element {
  const { all, codeMode: script, perBackend } = meter;
  return (
    <section class="card" aria-labelledby="tokens">
      <h2 id="tokens">What the tool list costs a model</h2>
      <p class="muted">Tokens of each conversation before its first question, at four bytes a token.</p>
      <ul class="bars">
        <Bar name="All tools" size={all} of={Math.max(all, script ?? 0)} strong />
        {script !== undefined && (
          <Bar name="Code mode alone" size={script} of={Math.max(all, script)} strong accent />
        )}
      </ul>
      {script !== undefined && script < all && (
        <p class="saving">
          A client that sees code mode alone reads <strong>{percent(1 - script / all)}</strong> less.
        </p>
      )}
      {!codeMode && <p class="muted">With code mode on, a client needs one tool in place of all.</p>}
      <h3>Per backend</h3>
      <ul class="bars">
        {perBackend.map(({ name, bytes: size }) => (
          <Bar key={name} name={name} size={size} of={all} />
        ))}
      </ul>
    </section>
  );
}

function Bar({
  name,
  size,
  of,
  strong = false,
  accent = false,
}: {
  readonly name: string;
  readonly size: number;
  readonly of: number;
  readonly strong?: boolean;
  readonly accent?: boolean;
}): JSX.Element {
  return (
    <li class={strong ? 'bar strong' : 'bar'}>
      <span class="bar-name">{name}</span>
      <span class="bar-track" aria-hidden="true">
        <span
          class={accent ? 'bar-fill accent' : 'bar-fill'}
          style={{ width: `${of === 0 ? 0 : (100 * size) / of}%` }}
        />
      </span>
      <span class="bar-value" title={bytes(size)}>
        {tokens(size)}
      </span>
    </li>
  );
}
