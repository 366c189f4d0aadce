/**
 * Names, labels and numbers as the Prometheus text formats write them, the way OpenTelemetry's Go exporter (which
 * ToolHive uses) does: unit and `_total` suffixes, dots to underscores, three scope labels on every series.
 */
import type { Declaration } from './kit/declaration.ts';

/** `text` is the Prometheus text format 0.0.4, `openmetrics` is OpenMetrics 1.0.0. */
export type Format = 'text' | 'openmetrics';

/** A family's name without counter suffix: `mcp_server_operation_duration_seconds`. */
export function toFamilyName(declaration: Pick<Declaration, 'name' | 'unit'>): string {
  const name = declaration.name.replaceAll(/[^a-zA-Z0-9_:]/g, '_');
  return declaration.unit === 's' && !name.endsWith('_seconds') ? `${name}_seconds` : name;
}

/** The name under which samples stand: the family's, with `_total` on a counter. */
export function toSampleName(declaration: Pick<Declaration, 'name' | 'unit' | 'kind'>): string {
  const family = toFamilyName(declaration);
  return declaration.kind === 'counter' ? `${family}_total` : family;
}

/** An attribute key as a label name. */
export function toLabelName(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

/** Label pairs sorted by name, escaped, without braces; the scope's own labels are among them. */
export function toLabels(attributes: Readonly<Record<string, unknown>>, scopeName: string): string {
  const pairs: [name: string, value: string][] = Object.entries(attributes).map(([key, value]) => [
    toLabelName(key),
    String(value),
  ]);
  // Go registers its meter without version and schema URL; the exporter writes those labels all the same.
  pairs.push(['otel_scope_name', scopeName], ['otel_scope_schema_url', ''], ['otel_scope_version', '']);
  return joinLabels(pairs);
}

/** Sorts by name, escapes, joins. */
export function joinLabels(pairs: [name: string, value: string][]): string {
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');
}

/** A tool may have them in its name; a terminal obeys them. */
const controls = /\p{Cc}/gu;

function escapeLabel(value: string): string {
  return value
    .replaceAll(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
    .replaceAll(controls, (c) => `\\\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `# HELP`, `# TYPE` and, in OpenMetrics, `# UNIT`, each with its newline. */
export function toFamilyHeader(declaration: Declaration, format: Format): string {
  const family = toFamilyName(declaration);
  const help = declaration.description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  if (format === 'text') {
    const name = toSampleName(declaration);
    return `# HELP ${name} ${help}\n# TYPE ${name} ${declaration.kind}\n`;
  }
  const unit = declaration.unit === 's' ? `# UNIT ${family} seconds\n` : '';
  return `# HELP ${family} ${help.replaceAll('"', '\\"')}\n# TYPE ${family} ${declaration.kind}\n${unit}`;
}

/**
 * A float as Go's `strconv.FormatFloat(n, 'g', -1, 64)` writes it: the shortest digits that read back the same, with an
 * exponent from 1e+06 on. OpenMetrics wants floats to look like floats, so there a `.0` is added where needed.
 */
export function toFloat(n: number, format: Format): string {
  const text = toGoFloat(n);
  return format === 'openmetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function toGoFloat(n: number): string {
  if (Number.isNaN(n)) return 'NaN';
  if (!Number.isFinite(n)) return n > 0 ? '+Inf' : '-Inf';
  const magnitude = Math.abs(n);
  if (n === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) return String(n);
  const [digits, exponent] = n.toExponential().split('e') as [string, string];
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}
