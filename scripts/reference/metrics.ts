/** The page of every metric, from their declarations. */
import { allDeclarations } from '../../src/server/features.ts';
import type { Declaration } from '../../src/telemetry/index.ts';
import { code, table } from './table.ts';

/** The whole page. */
export function metricsReference(): string {
  const rows = allDeclarations()
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
    .map((each) => [code(shownName(each)), each.kind, labelsOf(each), each.description]);
  return `# Every metric

<!-- Written by \`npm run reference\` from the declarations of metrics. -->

Names are those at \`/metrics\`. OTLP has them without \`_total\` and \`_seconds\`, and labels with dots.
[observability.md](../observability.md) says what may be concluded from them.

${table(['metric', 'kind', 'labels', ''], rows)}
`;
}

function shownName({ name, kind, unit }: Declaration): string {
  return `${name}${unit === 's' ? '_seconds' : ''}${kind === 'counter' ? '_total' : ''}`;
}

function labelsOf({ attributes }: Declaration): string {
  return Object.entries(attributes)
    .map(([key, values]) => {
      const label = code(key.replaceAll('.', '_'));
      return values === 'configured' ? label : `${label} (${values.map(code).join(', ')})`;
    })
    .join(', ');
}
