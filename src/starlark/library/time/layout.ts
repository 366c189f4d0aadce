/**
 * Layouts, as the Go implementation has them: how the instant Monday, 2 January 2006, 15:04:05 (MST, -07:00) would be
 * written. `2006-01-02` is a date, `3:04PM` a time of day.
 */
import { StarlarkError } from '../../errors.ts';
import { fromCivil, type Civil } from './zone.ts';

/** No layout that says anything is longer, and longer ones would make large patterns. */
const maxLayoutLength = 200;
/** No time that such a layout writes is. */
const maxTimeLength = 1000;

/** RFC 3339, with a fraction of a second where there is one. */
export const defaultLayout = '2006-01-02T15:04:05.999999999Z07:00';

const months: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

const tokens =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|[Z-]07(?::00:00|0000|:00|00|)|[.,]0+(?!\d)|[.,]9+(?!\d)|002|__2|_2(?!006)|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

/** Writes what a clock shows by a layout; `zone` is the zone's name. */
export function formatLayout(civil: Civil, zone: string, layout: string): string {
  assertLayout(layout);
  return layout.replace(tokens, (token) => formatToken(civil, zone, token));
}

function formatToken(civil: Civil, zone: string, token: string): string {
  const month = months[civil.month - 1] as string;
  const weekday = weekdays[civil.weekday] as string;
  const hour12 = civil.hour % 12 === 0 ? 12 : civil.hour % 12;
  switch (token) {
    case '2006':
      return pad(civil.year, 4);
    case '06':
      return pad(civil.year % 100, 2);
    case 'January':
      return month;
    case 'Jan':
      return month.slice(0, 3);
    case '01':
      return pad(civil.month, 2);
    case '1':
      return String(civil.month);
    case 'Monday':
      return weekday;
    case 'Mon':
      return weekday.slice(0, 3);
    case '02':
      return pad(civil.day, 2);
    case '_2':
      return String(civil.day).padStart(2, ' ');
    case '2':
      return String(civil.day);
    case '002':
      return pad(dayOfYear(civil), 3);
    case '__2':
      return String(dayOfYear(civil)).padStart(3, ' ');
    case '15':
      return pad(civil.hour, 2);
    case '03':
      return pad(hour12, 2);
    case '3':
      return String(hour12);
    case '04':
      return pad(civil.minute, 2);
    case '4':
      return String(civil.minute);
    case '05':
      return pad(civil.second, 2);
    case '5':
      return String(civil.second);
    case 'PM':
      return civil.hour < 12 ? 'AM' : 'PM';
    case 'pm':
      return civil.hour < 12 ? 'am' : 'pm';
    case 'MST':
      return /^[A-Z]+$/.test(zone) ? zone : formatOffset(civil.offsetSeconds, '-0700');
    default:
      return /^[.,]/.test(token) ? formatFraction(civil, token) : formatOffset(civil.offsetSeconds, token);
  }
}

function dayOfYear({ year, month, day }: Civil): number {
  const days = Array.from({ length: month - 1 }, (_, i) => daysIn(year, i + 1));
  return days.reduce((sum, count) => sum + count, day);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** `.000` writes so many digits; `.999` drops trailing zeros, and the point with them. */
function formatFraction(civil: Civil, token: string): string {
  const digits = pad(civil.nanosecond, 9).slice(0, token.length - 1);
  if (token.charAt(1) === '0') return token.charAt(0) + digits;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : token.charAt(0) + kept;
}

function formatOffset(seconds: number, token: string): string {
  if (token.startsWith('Z') && seconds === 0) return 'Z';
  const magnitude = Math.abs(seconds);
  const parts = [Math.floor(magnitude / 3600), Math.floor((magnitude % 3600) / 60), magnitude % 60];
  const count = token.replace(/\D/g, '').length / 2;
  const written = parts.slice(0, count).map((part) => pad(part, 2));
  return (seconds < 0 ? '-' : '+') + written.join(token.includes(':') ? ':' : '');
}

/** What a text says by a layout: an instant, and the zone that it names, if it names one. */
export interface Parsed {
  readonly nanos: bigint;
  readonly zone: string;
}

/** Reads `text` by a layout; `zone` is for texts that name no offset. @throws StarlarkError */
export function parseLayout(text: string, layout: string, zone: string): Parsed {
  assertLayout(layout);
  if (text.length > maxTimeLength)
    throw new StarlarkError('value', `time: a time of more than ${maxTimeLength} characters`);
  const names: string[] = [];
  let from = 0;
  let pattern = '';
  for (const match of layout.matchAll(tokens)) {
    pattern += escapePattern(layout.slice(from, match.index)) + patternOf(match[0]);
    from = match.index + match[0].length;
    names.push(match[0]);
    // A fraction is accepted after the seconds even where the layout has none.
    if (/^0?5$/.test(match[0]) && !/^[.,][09]/.test(layout.slice(from))) {
      pattern += '([.,]\\d+)?';
      names.push('.999');
    }
  }
  pattern += escapePattern(layout.slice(from));
  const found = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (found === null) {
    throw new StarlarkError(
      'value',
      `time: cannot parse ${JSON.stringify(text.slice(0, 100))} as ${JSON.stringify(layout)}${layoutHint(text)}`,
    );
  }
  return readFields(text, names, found.slice(1), zone);
}

/** Texts that lack a part of what the default layout asks for, and the layouts that they have. */
const usualLayouts: readonly [RegExp, string][] = [
  [/^\d{4}-\d\d-\d\d$/u, '2006-01-02'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/u, '2006-01-02T15:04:05'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/u, '2006-01-02 15:04:05'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d$/u, '2006-01-02T15:04'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d$/u, '2006-01-02 15:04'],
  [/^\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \w+$/u, 'Mon, 2 Jan 2006 15:04:05 MST'],
];

function layoutHint(text: string): string {
  const layout = usualLayouts.find(([pattern]) => pattern.test(text))?.[1];
  return layout === undefined ? '' : ` (name its layout: time.parse_time(x, ${JSON.stringify(layout)}))`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function patternOf(token: string): string {
  if (token === 'January') return `(${months.join('|')})`;
  if (token === 'Jan') return `(${months.map((month) => month.slice(0, 3)).join('|')})`;
  if (token === 'Monday') return `(${weekdays.join('|')})`;
  if (token === 'Mon') return `(${weekdays.map((weekday) => weekday.slice(0, 3)).join('|')})`;
  if (token === 'MST') return '([A-Z]{3,4}|[+-]\\d{4})';
  if (token === 'PM' || token === 'pm') return '([AP]M)';
  if (token === '2006') return '(\\d{4})';
  if (token === '_2') return ' ?(\\d{1,2})';
  if (token === '002') return '(\\d{3})';
  if (token === '__2') return ' {0,2}(\\d{1,3})';
  if (/^[Z-]07/.test(token)) {
    const further = [':?\\d{2}', ':?00'].slice(0, token.replace(/\D/g, '').length / 2 - 1);
    return `(${token.startsWith('Z') ? 'Z|' : ''}[+-]\\d{2}${further.join('')})`;
  }
  if (/^[.,]0/.test(token)) return `([.,]\\d{${token.length - 1}})`;
  if (/^[.,]9/.test(token)) return '([.,]\\d+)?';
  return token.length === 2 && token !== '15' ? '(\\d{2})' : '(\\d{1,2})';
}

function readFields(
  text: string,
  names: readonly string[],
  values: readonly (string | undefined)[],
  zone: string,
): Parsed {
  const fields = { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  let ordinal: number | undefined;
  let afternoon: boolean | undefined;
  let offset: string | undefined;
  names.forEach((name, i) => {
    const value = values[i];
    if (value === undefined) return;
    if (name === '2006') fields.year = Number(value);
    else if (name === '06') fields.year = Number(value) + (Number(value) >= 69 ? 1900 : 2000);
    else if (name === 'January' || name === 'Jan') fields.month = monthNamed(value);
    else if (name === '01' || name === '1') fields.month = Number(value);
    else if (name === '02' || name === '2' || name === '_2') fields.day = Number(value);
    else if (name === '002' || name === '__2') ordinal = Number(value);
    else if (name === '15' || name === '03' || name === '3') fields.hour = Number(value);
    else if (name === '04' || name === '4') fields.minute = Number(value);
    else if (name === '05' || name === '5') fields.second = Number(value);
    else if (name === 'PM' || name === 'pm') afternoon = /^p/i.test(value);
    else if (/^[.,]/.test(name)) fields.nanosecond = Number(value.slice(1, 10).padEnd(9, '0'));
    else if (/^(Z07|-07)/.test(name)) offset = offsetNamed(value);
    else if (name === 'MST' && /^(UTC|GMT)$/i.test(value)) offset = 'UTC';
  });
  if (afternoon !== undefined) fields.hour = (fields.hour % 12) + (afternoon ? 12 : 0);
  if (ordinal !== undefined) Object.assign(fields, dateOf(fields.year, ordinal));
  assertInRange(text, fields);
  const where = offset ?? zone;
  return { nanos: fromCivil(fields, where), zone: where };
}

/** The date of a day of the year; out of range when the year has no such day. */
function dateOf(year: number, ordinal: number): { month: number; day: number } {
  let month = 1;
  let day = ordinal;
  for (; month < 12 && day > daysIn(year, month); month++) day -= daysIn(year, month);
  return { month, day };
}

function monthNamed(name: string): number {
  return months.findIndex((month) => month.toLowerCase().startsWith(name.toLowerCase())) + 1;
}

/** `Z`, `+0200`, `+02:00`, `+02` or `+02:00:00` as a zone of its own. */
function offsetNamed(value: string): string {
  if (/^z$/i.test(value)) return 'UTC';
  const digits = value.slice(1).replaceAll(':', '').padEnd(4, '0').slice(0, 4);
  return digits === '0000' ? 'UTC' : `${value.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function assertInRange(
  text: string,
  fields: Readonly<Record<'month' | 'day' | 'hour' | 'minute' | 'second' | 'year', number>>,
): void {
  const { year, month, day, hour, minute, second } = fields;
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    throw new StarlarkError(
      'value',
      `time: a field is out of range in ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Other languages' layouts would be copied out as they are; better to say how they are written here. */
function assertLayout(layout: string): void {
  if (layout.length > maxLayoutLength) {
    throw new StarlarkError('value', `time: a layout of more than ${maxLayoutLength} characters`);
  }
  if (/%[a-zA-Z]/.test(layout)) {
    throw new StarlarkError(
      'value',
      `time: ${JSON.stringify(layout.slice(0, 100))} is no layout here; write the example time, such as "2006-01-02 15:04:05"`,
    );
  }
}
