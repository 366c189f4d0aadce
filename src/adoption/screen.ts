/** The report on one screen of a terminal. */
import type { AdoptionReport, ServerReport, TrendPoint } from './report.ts';
import { totalOf } from './traffic.ts';
import { decimal, duration, percent, plural, time, withCommas } from './words.ts';

export interface ScreenOptions {
  readonly color: boolean;
  /** Columns that may be used; 40 at least. */
  readonly width: number;
}

/** Servers that are shown of each kind; the rest is a number, so that the report stays on one screen. */
const shown = 5;
const barWidth = 30;

export function toScreen(report: AdoptionReport, options: ScreenOptions): string {
  const style = createStyle(options.color);
  const width = Math.max(40, options.width);
  const lines = [
    `${style.bold('Code mode adoption')}  ${printable(report.prometheus)}`,
    ...describeWindow(report).map(style.dim),
    '',
    ...toFunnel(report, style),
    '',
    ...toTrends(report, style),
    ...toTop(report, style, width),
    ...toDormant(report, style),
    '',
    ...report.sentences.flatMap((sentence) => wrap(sentence, width)),
    '',
  ];
  return lines.join('\n');
}

function describeWindow({ window, source }: AdoptionReport): string[] {
  const from = { rules: 'recording rules', raw: 'raw series', both: 'recording rules and raw series' }[
    source
  ];
  const covered = `data for ${duration(window.to - window.dataFrom)} of it, since ${time(window.dataFrom)}`;
  return [
    `the last ${window.asked} to ${time(window.to)}, from ${from}`,
    ...(window.complete ? [] : [covered]),
  ];
}

function toFunnel({ funnel }: AdoptionReport, style: Style): string[] {
  const steps = [
    ['reporting', funnel.reporting, undefined],
    ['opted in', funnel.optedIn, funnel.reporting],
    ['used', funnel.used, funnel.optedIn],
    ['succeeding', funnel.succeeding, funnel.used],
  ] as const;
  return steps.map(([name, count, of]) => {
    const cells = funnel.reporting === 0 ? 0 : Math.ceil((count / funnel.reporting) * barWidth);
    const bar = style.accent('█'.repeat(cells)) + style.dim('░'.repeat(barWidth - cells));
    const share = of === undefined || of === 0 ? '' : style.dim(`  ${percent(count / of)} of these`);
    return `  ${name.padEnd(24)}${bar} ${withCommas(count).padStart(6)}${share}`;
  });
}

function toTrends({ total, trend, funnel }: AdoptionReport, style: Style): string[] {
  const rows: [name: string, value: string, of: (point: TrendPoint) => number | null][] = [
    ['scripts of all calls', percent(total.scriptShare), (point) => point.scriptShare],
    ['share of the work', percent(total.workShare), (point) => point.workShare],
    ['scripts that succeed', percent(total.scriptSuccess), (point) => point.scriptSuccess],
    ['calls saved per script', decimal(total.callsSavedPerScript), (point) => point.callsSavedPerScript],
    ['servers opted in', withCommas(funnel.optedIn), (point) => point.optedIn],
  ];
  return rows.map(
    ([name, value, of]) =>
      `  ${name.padEnd(24)}${style.accent(sparkline(trend.map(of)).padEnd(31))} ${value.padStart(6)}`,
  );
}

function toTop({ top }: AdoptionReport, style: Style, width: number): string[] {
  if (top.length === 0) return [];
  const nameWidth = Math.max(16, Math.min(44, width - 61));
  const heading = `  ${'Most scripts'.padEnd(nameWidth)} scripts   share  success  saved/script`;
  const rows = top.slice(0, shown).map((server) => {
    const figures = [
      withCommas(totalOf(server.scriptCalls)).padStart(8),
      percent(server.scriptShare).padStart(8),
      percent(server.scriptSuccess).padStart(9),
      decimal(server.callsSavedPerScript).padStart(14),
    ];
    return `  ${fit(nameOf(server), nameWidth)}${figures.join('')}${style.dim(noteOf(server))}`;
  });
  return ['', style.bold(heading), ...rows, ...more(top.length, style)];
}

function noteOf({ enabled, disagreeing }: ServerReport): string {
  if (enabled === null) return '  gone';
  if (!enabled) return '  off now';
  return disagreeing ? '  replicas disagree' : '';
}

function toDormant({ dormant }: AdoptionReport, style: Style): string[] {
  if (dormant.length === 0) return [];
  const rows = dormant
    .slice(0, shown)
    .map(
      (server) =>
        `  ${fit(nameOf(server), 44)} ${style.dim(plural(totalOf(server.regularCalls), 'regular call'))}`,
    );
  return [
    '',
    style.bold(`  Dormant: code mode on, no script (${dormant.length})`),
    ...rows,
    ...more(dormant.length, style),
  ];
}

function more(count: number, style: Style): string[] {
  return count > shown ? [style.dim(`  and ${withCommas(count - shown)} more (--json lists all)`)] : [];
}

/** `namespace/name`, as the terminal may show it. */
function nameOf({ namespace, name }: ServerReport): string {
  return printable(`${namespace}/${name}`);
}

/** Labels come from strangers: nothing in them may move the cursor or ring the bell. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '�');
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

/** One character for each value, from the least to the greatest, at least from 0; a dot where there is no value. */
function sparkline(values: readonly (number | null)[]): string {
  const levels = '▁▂▃▄▅▆▇█';
  const known = values.filter((value) => value !== null);
  const least = Math.min(0, ...known);
  const span = Math.max(0, ...known) - least;
  return values
    .map((value) => {
      if (value === null) return '·';
      return levels[span === 0 ? 0 : Math.round(((value - least) / span) * (levels.length - 1))];
    })
    .join('');
}

function wrap(sentence: string, width: number): string[] {
  const lines: string[] = [];
  let line = '•';
  for (const word of printable(sentence).split(' ')) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

interface Style {
  bold(text: string): string;
  dim(text: string): string;
  accent(text: string): string;
}

function createStyle(color: boolean): Style {
  const sgr = (code: number, end: number) => (text: string) =>
    color && text !== '' ? `\u001b[${code}m${text}\u001b[${end}m` : text;
  return { bold: sgr(1, 22), dim: sgr(2, 22), accent: sgr(36, 39) };
}
