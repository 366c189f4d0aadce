/** The server's log: one JSON object a line, for machines; on a terminal one short line each, for people. */
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

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes whole lines, each with its line break. */
  readonly sink: (line: string) => void;
  /** Lines for people instead of JSON. */
  readonly forPeople: boolean;
}

/** Makes the one log of a server. */
export function createLog({ level, sink, forPeople }: LogOptions): Log {
  let redact: Redact = (text) => text;
  const stream = {
    write: (line: string) => sink(redact(forPeople ? toPeopleLine(line) : line)),
  };
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: toLabel } },
    stream,
  );
  return {
    write: (at, message, fields = {}) => logger[at](fields, message),
    defect: (thrown, where) => logger.error({ error: stackOf(thrown) }, defectIn(where)),
    setLevel: (next) => void (logger.level = next),
    setRedact: (next) => void (redact = next),
  };
}

function toLabel(label: string): object {
  return { level: label };
}

/** `12:34:56 warn  backend "x" … (key: value)` */
function toPeopleLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${clock} ${String(level).padEnd(5)} ${String(msg)}${rest.length > 0 ? `  (${rest.join(', ')})` : ''}\n`;
}
