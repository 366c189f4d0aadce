/** Severities of RFC 5424 as the protocol names them, from chatty to grave. */
const levels: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** What a client that never said how much it wants to hear is taken to want. */
const defaultLevel = 'info';

/** How much each client session wants to hear. */
export class LogLevels {
  readonly #bySession = new Map<string, string>();

  set(sessionId: string, level: string): void {
    this.#bySession.set(sessionId, level);
  }

  forget(sessionId: string): void {
    this.#bySession.delete(sessionId);
  }

  get(sessionId: string): string | undefined {
    return this.#bySession.get(sessionId);
  }

  /** For a request to a backend that is told with each. */
  orDefault(sessionId: string): string {
    return this.#bySession.get(sessionId) ?? defaultLevel;
  }

  /** For a connection that many sessions share: the most that any of them wants; undefined when none has said. */
  chattiest(): string | undefined {
    const wanted = [...this.#bySession.values()];
    return levels.find((level) => wanted.includes(level));
  }
}
