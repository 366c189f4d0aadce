import { logLevels } from '../../wire/log-levels.ts';

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
    return logLevels.find((level) => wanted.includes(level));
  }
}
