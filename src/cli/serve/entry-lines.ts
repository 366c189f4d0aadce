/** The server's log as a person reads it on a terminal: a line an entry, and nothing twice. */
import type { LogEntry } from '../../server/index.ts';
import type { Paint } from '../kit/color.ts';
import { plain, shortDuration } from '../kit/words.ts';

export interface EntryLinesOptions {
  readonly paint: Paint;
  /** Whether calls, the beginning of scripts and what backends write to stderr are shown. */
  readonly verbose: boolean;
  /** Whether only what is wrong is shown. */
  readonly quiet: boolean;
  /** How a moment is written, given as ISO 8601. */
  clock(time: string): string;
}

/** A failure that goes on is told again after this long. */
const repeatMs = 60 * 60_000;

export class EntryLines {
  readonly #options: EntryLinesOptions;
  /** What was last said of each backend, without its numbers, and when. */
  readonly #said = new Map<string, { readonly text: string; readonly atMs: number }>();

  constructor(options: EntryLinesOptions) {
    this.#options = options;
  }

  /** The line of an entry, with its line break; undefined for one that is not to be shown. */
  lineOf(entry: LogEntry): string | undefined {
    if (!this.#isShown(entry) || this.#isRepeated(entry)) return undefined;
    const { paint, clock } = this.#options;
    const { level, fields } = entry;
    const mark = level === 'error' ? paint.bad('✗') : level === 'warn' ? paint.doubtful('!') : ' ';
    const backend =
      typeof fields['backend'] === 'string' ? `${paint.strong(plain(fields['backend']))}: ` : '';
    const words = level === 'error' ? paint.bad(this.#wordsOf(entry)) : this.#wordsOf(entry);
    return `${paint.faint(clock(entry.time))} ${mark} ${backend}${words}\n`;
  }

  #isShown({ level, message, fields }: LogEntry): boolean {
    const { verbose, quiet } = this.#options;
    if (quiet) return level === 'warn' || level === 'error';
    return verbose || (fields['source'] !== 'stderr' && message !== 'script started');
  }

  /** Attempts to connect fail again and again: only what is new of a backend is told. */
  #isRepeated({ time, message, fields }: LogEntry): boolean {
    const { backend, source } = fields;
    if (typeof backend !== 'string' || source !== undefined) return false;
    const text = message.replaceAll(/\d+/g, '#');
    const atMs = Date.parse(time);
    const last = this.#said.get(backend);
    if (last?.text === text && atMs - last.atMs < repeatMs) return true;
    this.#said.set(backend, { text, atMs });
    return false;
  }

  #wordsOf(entry: LogEntry): string {
    const { paint } = this.#options;
    const { message, fields } = entry;
    if (fields['source'] === 'stderr') return paint.faint(plain(message));
    switch (message) {
      case 'call ended':
        return ended(String(fields['tool']), fields, fields['client']);
      case 'script started':
        return `script ${hashOf(fields)} started`;
      case 'script ended':
        return scriptEnded(fields);
      case 'config reloaded':
        return reloaded(fields);
      default:
        return plain(message) + paint.faint(otherFields(fields));
    }
  }
}

function ended(what: string, { status, durationMs }: LogEntry['fields'], by: unknown): string {
  const client = typeof by === 'string' ? ` (${plain(by)})` : '';
  return `${plain(what)} ${status === 'success' ? 'ok' : String(status)} in ${shortDuration(Number(durationMs))}${client}`;
}

function scriptEnded(fields: LogEntry['fields']): string {
  const { toolCalls, errorCode, line } = fields;
  const why =
    errorCode === undefined
      ? ''
      : `, ${String(errorCode)}${line === undefined ? '' : ` in line ${String(line)}`}`;
  return `${ended(`script ${hashOf(fields)}`, fields, undefined)}, ${count(Number(toolCalls), 'call')}${why}`;
}

function hashOf({ scriptHash }: LogEntry['fields']): string {
  return String(scriptHash).slice(0, 8);
}

/** `config reloaded: backends +a -b ~c, tools +12 -3, codeMode.enabled` */
function reloaded(fields: LogEntry['fields']): string {
  const named = (key: string, mark: string): string[] =>
    list(fields[key]).map((name) => `${mark}${plain(name)}`);
  const backends = [
    ...named('backendsAdded', '+'),
    ...named('backendsRemoved', '-'),
    ...named('backendsChanged', '~'),
  ];
  const tools = [...named('toolsAdded', '+'), ...named('toolsRemoved', '-')];
  const parts = [
    ...(backends.length > 0 ? [`backends ${backends.join(' ')}`] : []),
    ...(tools.length > 0
      ? [`tools ${tools.length <= mostTools ? tools.join(' ') : toolCounts(fields)}`]
      : []),
    ...list(fields['keys']),
  ];
  return `config reloaded: ${parts.join(', ') || 'nothing that is served has changed'}`;
}

const mostTools = 6;

function toolCounts(fields: LogEntry['fields']): string {
  return [
    ...(list(fields['toolsAdded']).length > 0 ? [`+${list(fields['toolsAdded']).length}`] : []),
    ...(list(fields['toolsRemoved']).length > 0 ? [`-${list(fields['toolsRemoved']).length}`] : []),
  ].join(' ');
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function otherFields({ backend: _, ...fields }: LogEntry['fields']): string {
  const rest = Object.entries(fields).map(([key, value]) => {
    const text = Array.isArray(value)
      ? value.map((each) => plain(String(each))).join('\n    ')
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
    return key === 'problems' ? `\n    ${text}` : `${key}: ${plain(text)}`;
  });
  const [first] = rest;
  if (first === undefined) return '';
  return first.startsWith('\n') ? rest.join('') : `  (${rest.join(', ')})`;
}

/** `1 call`, `2 calls` */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
