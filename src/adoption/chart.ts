/** Charts as SVG text: lines and stacked bars over time. Colours are CSS variables of the page, so they follow its theme. */
import { escapeHtml } from './escape.ts';

export interface ChartSeries {
  readonly name: string;
  /** A CSS variable without the dashes. */
  readonly color: string;
  /** One for each moment; null leaves a gap. */
  readonly values: readonly (number | null)[];
}

export interface ChartOptions {
  /** Said to who cannot see it. */
  readonly title: string;
  readonly kind: 'lines' | 'bars';
  /** Below the first, middle and last moment. */
  readonly moments: readonly string[];
  /** Which of the moments stand for a piece of time that is not whole; these are drawn pale. */
  readonly partial: readonly boolean[];
  /** The scale reaches this value at least. */
  readonly leastTop: number;
  format(value: number): string;
}

const height = 220;
const margin = { top: 12, right: 12, bottom: 26, left: 52 };

/** The chart twice, for wide screens and for narrow ones, where it keeps its letters readable; CSS shows one of them. */
export function toChart(series: readonly ChartSeries[], options: ChartOptions): string {
  return (
    toSvg(series, options, { width: 720, name: 'wide' }) +
    toSvg(series, options, { width: 360, name: 'narrow' })
  );
}

interface Size {
  readonly width: number;
  readonly name: string;
}

function toSvg(series: readonly ChartSeries[], options: ChartOptions, { width, name }: Size): string {
  const count = options.moments.length;
  const top = niceCeiling(Math.max(options.leastTop, greatest(series, options.kind)));
  const x = (i: number): number => {
    const inner = width - margin.left - margin.right;
    const cell = options.kind === 'bars' ? inner / count : inner / Math.max(1, count - 1);
    return margin.left + (options.kind === 'bars' ? cell * (i + 0.5) : cell * i);
  };
  const y = (value: number): number => margin.top + (1 - value / top) * (height - margin.top - margin.bottom);
  const marks =
    options.kind === 'bars'
      ? toBars(series, options, { x, y, count, width })
      : series.map((one) => toLine(one, options, { x, y }));
  return (
    `<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(options.title)}">` +
    toGrid(top, options, { width, y }) +
    toMoments(options.moments, x) +
    marks.join('') +
    '</svg>'
  );
}

function toGrid(
  top: number,
  { format }: ChartOptions,
  { width, y }: { width: number; y(value: number): number },
): string {
  return [0, 0.5, 1]
    .map((part) => {
      const at = y(top * part).toFixed(1);
      return (
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/>` +
        `<text class="tick" x="${margin.left - 6}" y="${at}" dy="4" text-anchor="end">${escapeHtml(format(top * part))}</text>`
      );
    })
    .join('');
}

function toMoments(moments: readonly string[], x: (i: number) => number): string {
  const last = moments.length - 1;
  const at = last < 2 ? moments.map((_, i) => i) : [0, Math.round(last / 2), last];
  return at
    .map((i) => {
      const anchor = i === 0 ? 'start' : i === last ? 'end' : 'middle';
      return `<text class="tick" x="${x(i).toFixed(1)}" y="${height - 8}" text-anchor="${anchor}">${escapeHtml(moments[i]!)}</text>`;
    })
    .join('');
}

interface Scale {
  x(i: number): number;
  y(value: number): number;
}

function toLine(
  { name, color, values }: ChartSeries,
  { moments, partial, format }: ChartOptions,
  { x, y }: Scale,
): string {
  let path = '';
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const previous = i === 0 ? null : values[i - 1]!;
    path += `${previous === null ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  const dots = values.map((value, i) =>
    value === null
      ? ''
      : `<circle cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="var(--${color})"${pale(partial[i])}>` +
        `<title>${escapeHtml(`${name}, ${moments[i]}: ${format(value)}${soFar(partial[i])}`)}</title></circle>`,
  );
  return `<path d="${path}" fill="none" stroke="var(--${color})" stroke-width="2" stroke-linejoin="round"/>${dots.join('')}`;
}

function toBars(
  series: readonly ChartSeries[],
  { moments, partial, format }: ChartOptions,
  { x, y, count, width }: Scale & { count: number; width: number },
): string[] {
  const barWidth = Math.max(2, ((width - margin.left - margin.right) / count) * 0.7);
  return moments.flatMap((moment, i) => {
    let below = 0;
    return series.map(({ name, color, values }) => {
      const value = values[i] ?? 0;
      const [from, to] = [y(below), y(below + value)];
      below += value;
      if (value === 0) return '';
      return (
        `<rect x="${(x(i) - barWidth / 2).toFixed(1)}" y="${to.toFixed(1)}" width="${barWidth.toFixed(1)}" ` +
        `height="${(from - to).toFixed(1)}" fill="var(--${color})"${pale(partial[i])}>` +
        `<title>${escapeHtml(`${name}, ${moment}: ${format(value)}${soFar(partial[i])}`)}</title></rect>`
      );
    });
  });
}

function pale(isPartial: boolean | undefined): string {
  return isPartial === true ? ' opacity="0.4"' : '';
}

function soFar(isPartial: boolean | undefined): string {
  return isPartial === true ? ', not a whole piece' : '';
}

function greatest(series: readonly ChartSeries[], kind: ChartOptions['kind']): number {
  const moments = series[0]?.values.length ?? 0;
  const at = (i: number): number[] => series.map(({ values }) => values[i] ?? 0);
  const heights = Array.from({ length: moments }, (_, i) =>
    kind === 'bars' ? at(i).reduce((sum, value) => sum + value, 0) : Math.max(...at(i)),
  );
  return Math.max(0, ...heights);
}

/** The next value up with one digit, even where there is more than one, so that half of it is round too. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8].find((step) => step * power >= value) ?? 10) * power;
}
