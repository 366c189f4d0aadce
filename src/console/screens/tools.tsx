/** Every tool: found by a few letters, described, called by a form. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count } from '../base/format.ts';
import { Empty, Fault, Loading } from '../parts/states.tsx';
import { goTo } from '../base/route.ts';
import { useData } from '../base/use-data.ts';
import type { Overview, ToolsView, ToolView } from '../wire/index.ts';
import { ToolDetail } from './tool-detail.tsx';

export function Tools({
  overview,
  parameters,
}: {
  readonly overview: Overview;
  readonly parameters: URLSearchParams;
}): JSX.Element {
  const { data, error, reload } = useData('tools', {});
  const [query, setQuery] = useState('');
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (
        event.key !== '/' ||
        event.target instanceof HTMLInputElement ||
        event.target instanceof HTMLTextAreaElement
      )
        return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const backend = parameters.get('backend') ?? '';
  const chosen = parameters.get('tool') ?? '';
  const shown = useMemo(() => found(data?.tools ?? [], query, backend), [data, query, backend]);
  if (error !== undefined && data === undefined) return <Fault error={error} retry={reload} />;
  const open = (name: string): void => goTo('tools', { ...(backend !== '' && { backend }), tool: name });
  const tool = data?.tools.find(({ name }) => name === chosen);
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>Tools</h1>
          <p class="lead">
            {data === undefined ? 'Loading' : `${count(data.tools.length, 'tool')} as clients see them.`}
          </p>
        </div>
      </div>
      <div class={tool === undefined ? 'browse' : 'browse open'}>
        <div class="browse-list">
          <div class="row">
            <input
              ref={search}
              class="input grow"
              type="search"
              placeholder="Search names and descriptions"
              aria-label="Search tools"
              value={query}
              onInput={(event) => setQuery(event.currentTarget.value)}
              onKeyDown={(event) => {
                const [first] = shown;
                if (event.key === 'Enter' && first !== undefined) open(first.name);
              }}
            />
            <select
              class="input"
              aria-label="Backend"
              value={backend}
              onChange={(event) => {
                const { value } = event.currentTarget;
                goTo('tools', value === '' ? {} : { backend: value });
              }}
            >
              <option value="">All backends</option>
              {overview.backends.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          {data === undefined ? (
            <Loading rows={6} />
          ) : (
            <List tools={shown} chosen={chosen} onOpen={open} hidden={hiddenOf(data, query, backend)} />
          )}
        </div>
        <div class="browse-detail">
          {tool === undefined ? (
            <Empty title="Choose a tool">
              <p>
                <kbd>/</kbd> searches, <kbd>Enter</kbd> opens the first.
              </p>
            </Empty>
          ) : (
            <>
              <a
                class="back"
                href={backend === '' ? '#/tools' : `#/tools?backend=${encodeURIComponent(backend)}`}
              >
                All tools
              </a>
              <ToolDetail key={tool.name} tool={tool} url={overview.mcpUrl} />
            </>
          )}
        </div>
      </div>
    </>
  );
}

function List({
  tools,
  chosen,
  onOpen,
  hidden,
}: {
  readonly tools: readonly ToolView[];
  readonly chosen: string;
  readonly onOpen: (name: string) => void;
  readonly hidden: ToolsView['hidden'];
}): JSX.Element {
  return (
    <>
      {tools.length === 0 && <Empty title="No tool fits" />}
      <ul class="tool-list" aria-label="Tools">
        {tools.map(({ name, description, backend, readOnly, annotations }) => (
          <li key={name}>
            <button
              type="button"
              class="tool-row"
              aria-current={name === chosen ? 'true' : undefined}
              onClick={() => onOpen(name)}
            >
              <span class="row between">
                <span class="tool-name mono">{name}</span>
                <span class="row tight">
                  {readOnly && <span class="badge tone-good">reads</span>}
                  {annotations['destructiveHint'] === true && !readOnly && (
                    <span class="badge tone-bad">destroys</span>
                  )}
                  <span class="badge">{backend ?? 'gateway'}</span>
                </span>
              </span>
              <span class="tool-about">{description.split('\n')[0]}</span>
            </button>
          </li>
        ))}
      </ul>
      {hidden.length > 0 && (
        <details class="hidden-tools">
          <summary>{count(hidden.length, 'tool')} that clients do not see</summary>
          <ul class="plain">
            {hidden.map(({ backend, name, why }) => (
              <li key={`${backend} ${name}`}>
                <span class="mono">{name}</span> of {backend}:{' '}
                {why === 'filtered'
                  ? 'left out by “aggregation” in the configuration'
                  : 'another tool has its name; “aggregation.tools[].overrides” gives it another'}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** The tools that have every word, those first that have them all in their names. */
function found(tools: readonly ToolView[], query: string, backend: string): ToolView[] {
  const words = query.toLowerCase().split(/\s+/);
  const hasAll = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  return tools
    .filter((tool) => backend === '' || tool.backend === backend)
    .filter(({ name, title, description }) => hasAll(`${name} ${title ?? ''} ${description}`))
    .toSorted((left, right) => Number(hasAll(right.name)) - Number(hasAll(left.name)));
}

function hiddenOf({ hidden }: ToolsView, query: string, backend: string): ToolsView['hidden'] {
  return hidden.filter(
    ({ name, backend: from }) =>
      (backend === '' || from === backend) && name.toLowerCase().includes(query.toLowerCase()),
  );
}
