/** How much of this server's work comes as scripts, counted since its start. */
import type { JSX } from 'preact';
import { clock, count, percent } from '../base/format.ts';
import { Empty, Fault, Loading } from '../parts/states.tsx';
import { useData } from '../base/use-data.ts';
import type { AdoptionView } from '../wire/index.ts';

export function Adoption(): JSX.Element {
  const { data, error, reload } = useData('adoption', {}, 3000);
  if (data === undefined)
    return error === undefined ? <Loading rows={4} /> : <Fault error={error} retry={reload} />;
  return <Shown data={data} />;
}

function Shown({ data }: { readonly data: AdoptionView }): JSX.Element {
  const { directCalls, scripts, innerCalls, clients } = data;
  const direct = directCalls.ok + directCalls.failed;
  const runs = scripts.ok + scripts.failed;
  const work = direct + innerCalls;
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>Adoption</h1>
          <p class="lead">
            This server since {new Date(data.since).toLocaleDateString()} {clock(data.since)}. Calls of this
            console are among them.
          </p>
        </div>
      </div>
      {!data.codeMode && (
        <p class="notice warn">Code mode is off: clients have no tool to run scripts with.</p>
      )}
      <dl class="facts">
        <Figure
          name="Scripts"
          value={String(runs)}
          hint={runs === 0 ? 'none yet' : `${percent(scripts.failed / runs)} failed`}
        />
        <Figure
          name="Direct calls"
          value={String(direct)}
          hint={direct === 0 ? 'none yet' : `${percent(directCalls.failed / direct)} failed`}
        />
        <Figure
          name="Calls made by scripts"
          value={String(innerCalls)}
          hint={runs === 0 ? 'none yet' : `${(innerCalls / runs).toFixed(1)} a script`}
        />
        <Figure
          name="Work done in scripts"
          value={work === 0 ? '–' : percent(innerCalls / work)}
          hint="of all tool calls"
        />
      </dl>
      <section class="card" aria-labelledby="clients">
        <h2 id="clients">Clients</h2>
        {clients.length === 0 ? (
          <Empty title="No client has called yet" />
        ) : (
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Clients">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">Client</th>
                  <th scope="col">Uses scripts</th>
                  <th scope="col" class="number">
                    Scripts
                  </th>
                  <th scope="col" class="number">
                    Direct calls
                  </th>
                </tr>
              </thead>
              <tbody>
                {clients.map(({ name, direct: calls, scripts: own }) => (
                  <tr key={name}>
                    <td>{name}</td>
                    <td>
                      {own > 0 ? (
                        <span class="badge tone-good">yes</span>
                      ) : (
                        <span class="badge">{`not in ${count(calls, 'call')}`}</span>
                      )}
                    </td>
                    <td class="number tabular">{own}</td>
                    <td class="number tabular">{calls}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <p class="muted">
        The same figures of a whole fleet: <code>vmcp adoption --prometheus URL</code>.
      </p>
    </>
  );
}

function Figure({
  name,
  value,
  hint,
}: {
  readonly name: string;
  readonly value: string;
  readonly hint: string;
}): JSX.Element {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <span class="fact-value">{value}</span>
        <span class="fact-hint">{hint}</span>
      </dd>
    </div>
  );
}
