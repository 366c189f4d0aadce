/** The report as one self-contained HTML page: styles and charts are in it, and its policy forbids the rest. */
import { toChart, type ChartSeries } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { pageStyle } from './html-style.ts';
import type { AdoptionReport, ServerReport, TrendPoint } from './report.ts';
import { totalOf } from './traffic.ts';
import { bytes, decimal, duration, percent, plural, span, time, withCommas } from './words.ts';

export function toHtml(report: AdoptionReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Code mode adoption</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>Code mode adoption</h1>
<p class="dim">${escapeHtml(describeWindow(report))}</p>
</header>
${toFunnel(report)}
${toTiles(report)}
<section class="words"><h2>In plain words</h2><ul>${report.sentences.map((s) => `<li>${escapeHtml(s)}</li>`).join('')}</ul></section>
${toCharts(report)}
${toTop(report.top)}
${toDormant(report.dormant)}
${toNotOptedIn(report.notOptedIn)}
<footer class="dim">Made by vmcp adoption from ${escapeHtml(report.prometheus)} at ${time(report.at)}.</footer>
</main>
</body>
</html>
`;
}

function describeWindow({ window }: AdoptionReport): string {
  const span = `${time(window.from)} to ${time(window.to)}`;
  if (window.complete) return span;
  return `${span}; data for ${duration(window.to - window.dataFrom)} of it, since ${time(window.dataFrom)}`;
}

function toFunnel({ funnel }: AdoptionReport): string {
  const steps = [
    [
      'Reporting',
      funnel.reporting,
      funnel.reporting === 1 ? 'server that reports now' : 'servers that report now',
    ],
    ['Opted in', funnel.optedIn, `${funnel.optedIn === 1 ? 'has' : 'have'} code mode on`],
    ['Used', funnel.used, 'ran scripts'],
    ['Succeeding', funnel.succeeding, 'with at least half of the scripts successful'],
  ] as const;
  const rows = steps.map(([name, count, meaning]) => {
    const width = funnel.reporting === 0 ? 0 : (count / funnel.reporting) * 100;
    return (
      `<div class="step"><span class="name">${name}</span>` +
      `<span class="track"><span class="fill" style="width:${width.toFixed(1)}%"></span></span>` +
      `<span class="count">${withCommas(count)}</span><span class="dim meaning">${meaning}</span></div>`
    );
  });
  return `<section class="funnel" aria-label="From reporting to succeeding">${rows.join('')}</section>`;
}

function toTiles({ total }: AdoptionReport): string {
  const tiles = [
    [percent(total.scriptShare), 'of all tool calls are scripts'],
    [percent(total.workShare), 'of the work is done by scripts'],
    [percent(total.scriptSuccess), 'of scripts succeed'],
    [decimal(total.callsSavedPerScript), 'calls saved by each script'],
    [withCommas(total.callsSaved), 'calls saved in all'],
    ...(total.bytesKeptOut === null ? [] : [[bytes(total.bytesKeptOut), "kept out of the model's context"]]),
    ...(total.secondsSavedEstimate === null
      ? []
      : [[span(total.secondsSavedEstimate), 'saved against one call after another, an estimate']]),
    ...(total.refusedCalls === 0
      ? []
      : [[withCommas(total.refusedCalls), 'direct calls refused, in no share']]),
  ];
  return `<section class="tiles">${tiles
    .map(([value, meaning]) => `<div class="tile"><b>${escapeHtml(value!)}</b><span>${meaning}</span></div>`)
    .join('')}</section>`;
}

function toCharts({ trend, at }: AdoptionReport): string {
  const moments = toMoments(trend, at);
  const partial = trend.map((point) => point.partial);
  const of = (name: string, color: string, value: (point: TrendPoint) => number | null): ChartSeries => ({
    name,
    color,
    values: trend.map(value),
  });
  const charts = [
    toFigure('Scripts as a share of calls and of the work', 'lines', { moments, partial }, percent, [
      of('share of calls', 'a', (point) => point.scriptShare),
      of('share of the work', 'b', (point) => point.workShare),
    ]),
    toFigure('Servers', 'lines', { moments, partial }, withCommas, [
      of('reporting', 'c', (point) => point.reporting),
      of('opted in', 'a', (point) => point.optedIn),
    ]),
    toFigure('Calls of clients', 'bars', { moments, partial }, withCommas, [
      of('scripts', 'a', (point) => point.scriptCalls),
      of('regular calls', 'c', (point) => point.regularCalls),
    ]),
    toFigure('Scripts that succeed', 'lines', { moments, partial }, percent, [
      of('succeeded', 'd', (point) => point.scriptSuccess),
    ]),
  ];
  return `<section class="charts">${charts.join('')}</section>`;
}

const day = 86_400;

/** The end of each piece of time: its day, its time of the day, or both where neither alone tells it from the others. */
function toMoments(trend: readonly TrendPoint[], at: number): string[] {
  const [first, last] = [trend[0], trend.at(-1)];
  if (first === undefined || last === undefined) return [];
  const from = last.to - first.from > day ? 'MM-DD' : 'HH:MM';
  const to = first.to - first.from < day ? 'HH:MM' : 'MM-DD';
  const pattern = 'YYYY-MM-DD HH:MM';
  const [begin, end] = [pattern.indexOf(from), pattern.indexOf(to) + to.length];
  // A piece that ends at midnight is of the day before.
  const early = to === 'MM-DD' ? 1 : 0;
  return trend.map((piece) => time(Math.min(piece.to - early, at)).slice(begin, end));
}

function toFigure(
  title: string,
  kind: 'lines' | 'bars',
  { moments, partial }: { readonly moments: readonly string[]; readonly partial: readonly boolean[] },
  format: (value: number) => string,
  series: readonly ChartSeries[],
): string {
  const legend = series.map(
    ({ name, color }) => `<span><i style="background:var(--${color})"></i>${escapeHtml(name)}</span>`,
  );
  if (partial.some(Boolean)) legend.push('<span>pale: not a whole piece of time</span>');
  return (
    `<figure><figcaption><b>${escapeHtml(title)}</b><span class="legend">${legend.join('')}</span></figcaption>` +
    `${toChart(series, { title, kind, moments, partial, format, leastTop: format === withCommas ? 2 : 0 })}</figure>`
  );
}

function toTop(servers: readonly ServerReport[]): string {
  if (servers.length === 0) return '';
  const heads = ['scripts', 'share of calls', 'share of work', 'success', 'saved per script'];
  const rows = servers.map(
    (server) =>
      `<tr><th scope="row">${nameOf(server)}${noteOf(server)}</th>` +
      [
        withCommas(totalOf(server.scriptCalls)),
        percent(server.scriptShare),
        percent(server.workShare),
        percent(server.scriptSuccess),
        decimal(server.callsSavedPerScript),
      ]
        .map((figure, i) => `<td data-label="${heads[i]}">${escapeHtml(figure)}</td>`)
        .join('') +
      '</tr>',
  );
  return (
    `<section><h2>Servers that run scripts (${withCommas(servers.length)})</h2><div class="scroll"><table>` +
    `<thead><tr><th scope="col">server</th>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></div></section>`
  );
}

function toDormant(servers: readonly ServerReport[]): string {
  if (servers.length === 0) return '';
  const rows = servers.map(
    (server) =>
      `<li>${nameOf(server)} <span class="dim">${plural(totalOf(server.regularCalls), 'regular call')}, no script</span></li>`,
  );
  return `<section><h2>Dormant: code mode on, no script (${withCommas(servers.length)})</h2><ul>${rows.join('')}</ul></section>`;
}

function toNotOptedIn(servers: readonly ServerReport[]): string {
  if (servers.length === 0) return '';
  const rows = servers.map(
    (server) =>
      `<li>${nameOf(server)} <span class="dim">${plural(totalOf(server.regularCalls), 'regular call')}</span></li>`,
  );
  return `<section><h2>Code mode off (${withCommas(servers.length)})</h2><ul>${rows.join('')}</ul></section>`;
}

/** A name may be broken between its words, never within one. */
function nameOf({ namespace, name }: ServerReport): string {
  const breakable = (text: string): string => escapeHtml(text).replace(/[-_./]/gu, '$&<wbr>');
  return `<span class="dim">${breakable(namespace)}/<wbr></span>${breakable(name)}`;
}

function noteOf({ enabled, disagreeing }: ServerReport): string {
  const note = enabled === null ? 'gone' : enabled ? (disagreeing ? 'replicas disagree' : '') : 'off now';
  return note === '' ? '' : ` <span class="note">${note}</span>`;
}
