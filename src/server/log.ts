/** The server's log: one JSON object a line, or entries for whoever shows them in another way. */
import { pino } from 'pino';
import type { Redact } from '../lib/redact.ts';
import { defectIn, type OnDefect } from '../lib/guarded.ts';
import { stackOf } from '../lib/thrown.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured fields of one entry. They never hold what a tool or a script said. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** An error of the gateway's own code, with its stack, at the level `error`. */
  readonly defect: OnDefect;
  setLevel(level: LogLevel): void;
  /** What is known to be secret from now on; taken out of every entry. */
  setRedact(redact: Redact): void;
}

/** One entry, without its secrets. */
export interface LogEntry {
  readonly level: LogLevel;
  /** In UTC, as ISO 8601. */
  readonly time: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Entries below it are never written, whatever level is set; `debug` when not given. */
  readonly leastLevel?: LogLevel | undefined;
  /** Takes whole lines, each with its line break. */
  readonly sink: (line: string) => void;
  /** Takes entries instead of `sink`. */
  readonly onEntry?: ((entry: LogEntry) => void) | undefined;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Makes the one log of a server. */
export function createLog({ level, leastLevel = 'debug', sink, onEntry }: LogOptions): Log {
  let redact: Redact = (text) => text;
  const stream = {
    write: (line: string) => {
      const clean = readable(redact(line));
      if (onEntry === undefined) sink(clean);
      else onEntry(toEntry(clean));
    },
  };
  const atLeast = (wanted: LogLevel): LogLevel =>
    levels.indexOf(wanted) < levels.indexOf(leastLevel) ? leastLevel : wanted;
  const logger = pino(
    {
      level: atLeast(level),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: toLabel },
    },
    stream,
  );
  return {
    write: (at, message, fields = {}) => logger[at](fields, message),
    defect: (thrown, where) => logger.error({ error: stackOf(thrown) }, defectIn(where)),
    setLevel: (next) => void (logger.level = atLeast(next)),
    setRedact: (next) => void (redact = next),
  };
}

/** What JSON lets stand as it is, and terminals obey or hide: controls beyond ASCII, and marks that turn the order round. */
const unreadable = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A line of JSON that a terminal shows as it is. It means the same. */
function readable(line: string): string {
  return line.replace(unreadable, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function toLabel(label: string): object {
  return { level: label };
}

function toEntry(line: string): LogEntry {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return { level: level as LogLevel, time: String(time), message: String(msg), fields };
}
