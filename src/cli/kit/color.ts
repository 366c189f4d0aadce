import type { Terminal } from './terminal.ts';

/** Whether a stream of the terminal takes colours: https://no-color.org and https://force-color.org, of which the second wins, as in Node. */
export function wantsColor(
  { stdoutIsTerminal, stderrIsTerminal, environment }: Terminal,
  stream: 'stdout' | 'stderr' = 'stdout',
): boolean {
  const forced = environment['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  const isTerminal = stream === 'stdout' ? stdoutIsTerminal : stderrIsTerminal;
  return isTerminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** Colours by what they are for. Each gives its text back where there is to be none. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/** Codes of the terminal's own palette, so that they suit light and dark alike. */
export function createPaint(isColored: boolean): Paint {
  const painter =
    (code: number, end: number) =>
    (text: string): string =>
      isColored && text !== '' ? `\u001b[${code}m${text}\u001b[${end}m` : text;
  return {
    good: painter(32, 39),
    bad: painter(31, 39),
    doubtful: painter(33, 39),
    strong: painter(1, 22),
    faint: painter(2, 22),
  };
}
