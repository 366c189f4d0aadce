import type { JsonValue } from '../../gateway/index.ts';

/** Severities of `notifications/message`, least first (RFC 5424). */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type LogLevel = (typeof levels)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return (levels as readonly unknown[]).includes(value);
}

/** True when a message of this level is at least as severe as `least`. A level nobody knows passes. */
export function isAtLeast(level: JsonValue | undefined, least: LogLevel): boolean {
  return !isLogLevel(level) || levels.indexOf(level) >= levels.indexOf(least);
}
