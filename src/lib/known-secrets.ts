import { createRedact, shortestSecret, type Redact } from './redact.ts';

/** Of secrets that a configuration held before; the oldest are forgotten. */
const maxFormer = 100;

/**
 * Everything that is known to be secret at the moment: what the configuration holds, and what was read from files since.
 * What was replaced stays known for a while, since a server that was sent it may still quote it.
 */
export class KnownSecrets {
  /** Hides what is known when it is called. */
  readonly redact: Redact = (text) => (this.#redact ??= createRedact(this.#all()))(text);
  #configured: readonly string[] = [];
  #formerly: readonly string[] = [];
  readonly #learned = new Map<
    string,
    { readonly now: readonly string[]; readonly formerly: readonly string[] }
  >();
  #redact: Redact | undefined;

  /** Takes the secrets of a configuration. Those of the ones before stay known, the last of them longest. */
  configure(secrets: readonly string[]): void {
    this.#formerly = [...new Set([...this.#configured, ...this.#formerly])].slice(0, maxFormer);
    this.#configured = secrets;
    this.#redact = undefined;
  }

  /** Takes what one source holds now; what it held before stays known until the next. */
  learn(source: string, secrets: readonly string[]): void {
    const known = this.#learned.get(source);
    const worthHiding = secrets.filter(({ length }) => length >= shortestSecret);
    if (known !== undefined && worthHiding.join('\0') === known.now.join('\0')) return;
    this.#learned.set(source, { now: worthHiding, formerly: known?.now ?? [] });
    this.#redact = undefined;
  }

  #all(): string[] {
    const learned = [...this.#learned.values()].flatMap(({ now, formerly }) => [...now, ...formerly]);
    return [...this.#configured, ...this.#formerly, ...learned];
  }
}
