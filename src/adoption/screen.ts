/** The report on one screen of a terminal. */
import { printable } from './printable.ts';
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
const shownOff = 3;
/** Of the widest bar. */
const maxBarWidth = 30;
/** As many values as a trend has at the most. */
const sparkWidth = 31;
/** Two columns at the left, and the longest name of a figure. */
const indent = '  ';
const labelWidth = 24;
const figureWidth = 7;
const leastNameWidth = 16;
const maxNameWidth = 44;

export function toScreen(report: AdoptionReport, options: ScreenOptions): string {
  const style = createStyle(options.color);
  const width = Math.max(40, options.width);
  const lines = [
    `${style.bold('Code mode adoption')}  ${printable(report.prometheus)}`,
    ...describeWindow(report).map(style.dim),
    '',
    ...toFunnel(report, style, width),
    '',
    ...toTrends(report, style, width),
    ...toTop(report, style, width),
    ...toDormant(report, style, width),
    ...toNotOptedIn(report, style, width),
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

function toFunnel({ funnel }: AdoptionReport, style: Style, width: number): string[] {
  const shareWidth = '  100 % of these'.length;
  const barWidth = Math.min(maxBarWidth, width - indent.length - labelWidth - figureWidth - shareWidth);
  // Where there is no room for bars, the names need not stand before those of the trends.
  const nameWidth = barWidth < 0 ? 'succeeding'.length : labelWidth;
  const steps = [
    ['reporting', funnel.reporting, undefined],
    ['opted in', funnel.optedIn, funnel.reporting],
    ['used', funnel.used, funnel.optedIn],
    ['succeeding', funnel.succeeding, funnel.used],
  ] as const;
  return steps.map(([name, count, of]) => {
    const cells = funnel.reporting === 0 ? 0 : Math.ceil((count / funnel.reporting) * Math.max(0, barWidth));
    const bar = style.accent('█'.repeat(cells)) + style.dim('░'.repeat(Math.max(0, barWidth) - cells));
    const share = of === undefined || of === 0 ? '' : style.dim(`  ${percent(count / of)} of these`);
    return `${indent}${name.padEnd(nameWidth)}${bar}${withCommas(count).padStart(figureWidth)}${share}`;
  });
}

function toTrends({ total, trend, funnel }: AdoptionReport, style: Style, width: number): string[] {
  const hasRoom = width >= indent.length + labelWidth + sparkWidth + figureWidth;
  const rows: [name: string, value: string, of: (point: TrendPoint) => number | null][] = [
    ['scripts of all calls', percent(total.scriptShare), (point) => point.scriptShare],
    ['share of the work', percent(total.workShare), (point) => point.workShare],
    ['scripts that succeed', percent(total.scriptSuccess), (point) => point.scriptSuccess],
    ['calls saved per script', decimal(total.callsSavedPerScript), (point) => point.callsSavedPerScript],
    ['servers opted in', withCommas(funnel.optedIn), (point) => point.optedIn],
  ];
  const isPartial = trend.at(-1)?.partial === true;
  const mark =
    isPartial && hasRoom
      ? [style.dim(`${indent}${' '.repeat(labelWidth)}the last mark is not a whole piece`)]
      : [];
  const lines = rows.map(([name, value, of]) => {
    const marks = sparkline(trend.map(of));
    const whole = isPartial ? marks.slice(0, -1) : marks;
    const padding = ' '.repeat(Math.max(0, sparkWidth - marks.length));
    const line = hasRoom ? style.accent(whole) + style.dim(marks.slice(whole.length)) + padding : '';
    return `${indent}${name.padEnd(labelWidth)}${line}${value.padStart(figureWidth)}`;
  });
  return [...lines, ...mark];
}

/** What is told of each of the top servers, the most important first: as many columns as the terminal has room for. */
const topColumns: readonly { heading: string; of(server: ServerReport): string }[] = [
  { heading: ' scripts', of: (server) => withCommas(totalOf(server.scriptCalls)) },
  { heading: '   share', of: (server) => percent(server.scriptShare) },
  { heading: '  success', of: (server) => percent(server.scriptSuccess) },
  { heading: '  saved/script', of: (server) => decimal(server.callsSavedPerScript) },
];
const noteWidth = '  replicas disagree'.length;

function toTop({ top }: AdoptionReport, style: Style, width: number): string[] {
  if (top.length === 0) return [];
  const room = width - indent.length - leastNameWidth;
  const servers = top.slice(0, shown);
  const wanted = topColumns.map((column) => toColumn(column, servers));
  const columns = wanted.filter((_, i) => widthOf(wanted.slice(0, i + 1)) <= room);
  const hasNotes = widthOf(columns) + noteWidth <= room;
  const left = width - indent.length - widthOf(columns) - (hasNotes ? noteWidth : 0);
  const nameWidth = Math.min(maxNameWidth, left);
  const heading = `${indent}${'Most scripts'.padEnd(nameWidth)}${columns.map((column) => column.heading).join('')}`;
  const rows = servers.map((server, i) => {
    const figures = columns.map((column) => column.figures[i]).join('');
    return `${indent}${fit(nameOf(server), nameWidth)}${figures}${hasNotes ? style.dim(noteOf(server)) : ''}`;
  });
  return ['', style.bold(heading), ...rows, ...more(top.length, style)];
}

/** A heading and the figures below it, each as wide as the widest and with what parts it from the column before. */
interface Column {
  readonly heading: string;
  readonly figures: readonly string[];
}

function toColumn({ heading, of }: (typeof topColumns)[number], servers: readonly ServerReport[]): Column {
  const figures = servers.map((server) => `  ${of(server)}`);
  const width = Math.max(heading.length, ...figures.map(({ length }) => length));
  return { heading: heading.padStart(width), figures: figures.map((figure) => figure.padStart(width)) };
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { heading }) => sum + heading.length, 0);
}

function noteOf({ enabled, disagreeing }: ServerReport): string {
  if (enabled === null) return '  gone';
  if (!enabled) return '  off now';
  return disagreeing ? '  replicas disagree' : '';
}

function toDormant({ dormant }: AdoptionReport, style: Style, width: number): string[] {
  return toIdle(`Dormant: code mode on, no script (${dormant.length})`, dormant, { style, width, shown });
}

function toNotOptedIn({ notOptedIn }: AdoptionReport, style: Style, width: number): string[] {
  const heading = `Code mode off (${notOptedIn.length})`;
  return toIdle(heading, notOptedIn, { style, width, shown: shownOff });
}

/** Servers with their regular calls. */
function toIdle(
  heading: string,
  servers: readonly ServerReport[],
  { style, width, shown: most }: { style: Style; width: number; shown: number },
): string[] {
  if (servers.length === 0) return [];
  const nameWidth = Math.min(maxNameWidth, width - indent.length - '  1,234,567 regular calls'.length);
  const rows = servers
    .slice(0, most)
    .map(
      (server) =>
        `  ${fit(nameOf(server), nameWidth)}  ${style.dim(plural(totalOf(server.regularCalls), 'regular call'))}`,
    );
  return ['', style.bold(`  ${heading}`), ...rows, ...more(servers.length, style, most)];
}

function more(count: number, style: Style, most = shown): string[] {
  return count > most ? [style.dim(`  and ${withCommas(count - most)} more (--json lists all)`)] : [];
}

/** `namespace/name`, as the terminal may show it. */
function nameOf({ namespace, name }: ServerReport): string {
  return printable(`${namespace}/${name}`);
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
  // A number and its per cent sign stay together.
  for (const word of printable(sentence).split(/ (?!%)/)) {
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
