/** Callers by tools. */
import type { Access, JsonObject, Places, Policies, Principal } from '../../server/index.ts';

export interface AccessTable {
  /** Names of the columns. */
  readonly callers: readonly string[];
  readonly rows: readonly { readonly tool: string; readonly access: readonly Access[] }[];
}

interface TableOf {
  readonly policies: Policies;
  readonly places: Places;
  readonly tools: readonly string[];
  /** Callers as they were written; empty for the groups and API keys that there are. */
  readonly written: readonly JsonObject[];
}

export function accessTable({ policies, places, tools, written }: TableOf): AccessTable {
  const columns =
    written.length > 0 ? written.map((each) => columnOf(each, policies)) : usualColumns(policies);
  return {
    callers: columns.map(({ name }) => name),
    rows: tools.map((tool) => ({
      tool,
      access: columns.map(({ principal }) => policies.accessOf({ principal, tool, places })),
    })),
  };
}

interface Column {
  readonly name: string;
  readonly principal: Principal;
}

function columnOf(written: JsonObject, policies: Policies): Column {
  const { apiKey, sub } = written;
  const name =
    typeof apiKey === 'string' ? `key ${apiKey}` : typeof sub === 'string' ? sub : JSON.stringify(written);
  return { name, principal: policies.principalOf(written) };
}

/** Anyone, a member of each group, the holder of each key. */
function usualColumns(policies: Policies): Column[] {
  return [
    { name: 'anyone', principal: policies.principalOf({ sub: '' }) },
    ...policies.groups.map((group) => {
      const principal = policies.principalOf({ sub: '' });
      return { name: group, principal: { ...principal, groups: [group] } };
    }),
    ...policies.apiKeys.map((apiKey) => columnOf({ apiKey }, policies)),
  ];
}

export function tableText({ callers, rows }: AccessTable): string {
  const lines = [['', ...callers], ...rows.map(({ tool, access }) => [tool, ...access])];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2))
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

export function toCsv({ callers, rows }: AccessTable): string {
  return [['tool', ...callers], ...rows.map(({ tool, access }) => [tool, ...access])]
    .map((line) => `${line.map(cell).join(',')}\n`)
    .join('');
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is a text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
