/** Numbers and times as people read them. */

/** `1 server`, `3 servers`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${withCommas(count)} ${count === 1 ? one : many}`;
}

/** `12,345`. */
export function withCommas(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `12 %`, `0.4 %`, and a dash where there is no share. Never rounds a part to nothing or to the whole. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  const exact = share * 100;
  if (exact > 0 && exact < 0.1) return '<0.1 %';
  if (exact < 100 && exact > 99.9) return '>99.9 %';
  const value = Math.round(exact * 10) / 10;
  const showsTenths = (value < 10 || value > 99) && !Number.isInteger(value);
  return `${showsTenths ? value.toFixed(1) : exact.toFixed(0)} %`;
}

/** `4.2`, and a dash where there is none. */
export function decimal(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) >= 100 ? withCommas(value) : value.toFixed(1);
}

/** `3 days`, `5 hours`, `12 minutes`. */
export function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return plural(Math.round(seconds / 86_400), 'day');
  if (seconds >= 2 * 3600) return plural(Math.round(seconds / 3600), 'hour');
  return plural(Math.max(1, Math.round(seconds / 60)), 'minute');
}

/** `2.4 s`, `12 minutes`: how long something took. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 120 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : duration(seconds);
}

const sizes = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `812 bytes`, `1.4 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return count === 1 ? '1 byte' : `${withCommas(count)} bytes`;
  const power = Math.min(sizes.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value < 100 ? value.toFixed(1) : withCommas(value)} ${sizes[power]}`;
}

/** `2026-11-22 16:05 UTC`. */
export function time(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
