/** The report for other programs and for documents: one line a server as CSV, and a page of Markdown. */
import { printable } from './printable.ts';
import type { AdoptionReport, ServerReport } from './report.ts';
import { totalOf } from './traffic.ts';
import { bytes, decimal, percent, time, withCommas } from './words.ts';

type Cell = string | number | boolean | null;

const csvColumns: readonly (readonly [heading: string, of: (server: ServerReport) => Cell])[] = [
  ['namespace', (server) => server.namespace],
  ['server', (server) => server.name],
  ['code_mode', (server) => (server.enabled === null ? 'gone' : server.enabled ? 'on' : 'off')],
  ['replicas', (server) => server.replicas],
  ['replicas_disagree', (server) => server.disagreeing],
  ['script_calls', (server) => totalOf(server.scriptCalls)],
  ['script_errors', (server) => server.scriptCalls.error],
  ['regular_calls', (server) => totalOf(server.regularCalls)],
  ['regular_errors', (server) => server.regularCalls.error],
  ['refused_calls', (server) => server.refusedCalls],
  ['inner_calls', (server) => server.innerCalls],
  ['script_share', (server) => server.scriptShare],
  ['work_share', (server) => server.workShare],
  ['script_success', (server) => server.scriptSuccess],
  ['calls_saved', (server) => server.callsSaved],
  ['bytes_received', (server) => server.resultBytes?.received ?? null],
  ['bytes_answered', (server) => server.resultBytes?.answered ?? null],
  ['bytes_kept_out', (server) => server.bytesKeptOut],
  ['tokens_kept_out_estimate', (server) => server.tokensKeptOutEstimate],
  ['seconds_saved_estimate', (server) => server.secondsSavedEstimate],
];

/** One line for each server that reports or did anything in the window, by RFC 4180; no share is an empty field. */
export function toCsv({ servers }: AdoptionReport): string {
  const rows = servers.map((server) => csvColumns.map(([, of]) => of(server)));
  return [csvColumns.map(([heading]) => heading), ...rows]
    .map((cells) => `${cells.map(toField).join(',')}\r\n`)
    .join('');
}

/** A text that a spreadsheet would take for a formula stands behind an apostrophe. */
function toField(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const text = printable(cell).replace(/^(?=[=+\-@])/u, "'");
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The report as Markdown, for an issue or a wiki. */
export function toMarkdown(report: AdoptionReport): string {
  const { funnel, total, window } = report;
  const figures: readonly (readonly [string, string])[] = [
    ['servers reporting', withCommas(funnel.reporting)],
    ['opted in', withCommas(funnel.optedIn)],
    ['used', withCommas(funnel.used)],
    ['succeeding', withCommas(funnel.succeeding)],
    ['scripts of all calls', percent(total.scriptShare)],
    ['share of the work', percent(total.workShare)],
    ['scripts that succeed', percent(total.scriptSuccess)],
    ['calls saved', withCommas(total.callsSaved)],
    ["kept out of the model's context", total.bytesKeptOut === null ? '–' : bytes(total.bytesKeptOut)],
    ['direct calls refused', withCommas(total.refusedCalls)],
  ];
  const heads = [
    'server',
    'code mode',
    'scripts',
    'share of calls',
    'success',
    'saved per script',
    'regular calls',
  ];
  const rows = report.servers.map((server) => [
    `${server.namespace}/${server.name}`,
    server.enabled === null ? 'gone' : server.enabled ? 'on' : 'off',
    withCommas(totalOf(server.scriptCalls)),
    percent(server.scriptShare),
    percent(server.scriptSuccess),
    decimal(server.callsSavedPerScript),
    withCommas(totalOf(server.regularCalls)),
  ]);
  return [
    '# Code mode adoption',
    '',
    `The last ${escaped(window.asked)} to ${time(window.to)}.`,
    '',
    ...report.sentences.map((sentence) => `- ${escaped(sentence)}`),
    '',
    ...toTable(['figure', 'value'], figures),
    '',
    '## Servers',
    '',
    ...toTable(heads, rows),
    '',
  ].join('\n');
}

function toTable(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    line(heads),
    `|${heads.map((_, i) => (i === 0 ? ' --- |' : ' ---: |')).join('')}`,
    ...rows.map(line),
  ];
}

/** Names come from metrics: none may begin a table's cell, a link or a tag. */
function escaped(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/gu, '\\$&');
}
