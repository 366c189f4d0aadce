import { revisions } from '../../support/clients.ts';
import { backendKinds, clientTransports, gapOf, gaps } from './backends.ts';
import { features } from './features.ts';
import { refusals } from './refusals.ts';

/** What passes, for each pair of revisions a table over each pair of transports. */
export function passTables(): string {
  const tables = revisions.flatMap((client) =>
    revisions.map((backend) => {
      const kinds = backendKinds.filter(({ revision }) => revision === backend);
      const columns = clientTransports.flatMap((transport) => kinds.map((kind) => ({ transport, kind })));
      const rows = features.map(({ name }) => [
        name,
        ...columns.map(({ transport, kind }) => cellOf(gapOf(client, transport, kind, name))),
      ]);
      const head = columns.map(({ transport, kind }) => `${transport} → ${kind.transport}`);
      return `### Client of ${client}, backend of ${backend}\n\n${table(['', ...head], rows)}`;
    }),
  );
  return tables.join('\n\n');
}

function cellOf(gap: ReturnType<typeof gapOf>): string {
  return gap === undefined ? 'yes' : `no (${gaps.indexOf(gap) + 1})`;
}

/** The reasons that the cells' numbers lead to. */
export function gapList(): string {
  if (gaps.length === 0) return 'Nothing of these: every cell is a yes.';
  return gaps
    .map(({ client, transport, backend, feature, reason }, index) => {
      const where = `client of ${client} over ${transport}, backend of ${backend.revision} over ${backend.transport}`;
      return `${index + 1}. ${feature} (${where}): ${reason}.`;
    })
    .join('\n');
}

/** How what is translated travels. */
export function translationTable(): string {
  const rows = features.flatMap(({ name, how }) => (how === undefined ? [] : [[name, how]]));
  return table(['feature', 'how it travels'], rows);
}

/** What no pair carries, and the answer. */
export function refusalTable(): string {
  const rows = refusals.map(({ what, client, answer }) => [what, client ?? 'both', answer]);
  return table(['asked for', 'clients', 'answer'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
