import type { BackendError, BackendHealth } from './backend.ts';

/** What attempts and checks have shown of one backend. */
export class HealthRecord {
  #unhealthyThreshold: number;
  #hasServed = false;
  /** In a row. */
  #failures = 0;
  #error: BackendError | undefined;

  constructor(unhealthyThreshold: number) {
    this.#unhealthyThreshold = unhealthyThreshold;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The last failure, when nothing has succeeded since. */
  get error(): BackendError | undefined {
    return this.#error;
  }

  /** True while a backend that has served before may be expected to serve again. */
  get available(): boolean {
    return this.#hasServed && !this.isUnhealthy;
  }

  /** True after too many failures in a row. */
  get isUnhealthy(): boolean {
    return this.#failures >= this.#unhealthyThreshold;
  }

  get health(): BackendHealth {
    if (this.#error?.code === 'unauthorized' || this.#error?.code === 'no-credential')
      return 'unauthenticated';
    if (this.isUnhealthy) return 'unhealthy';
    if (this.#failures > 0) return this.#hasServed ? 'degraded' : 'unhealthy';
    return this.#hasServed ? 'healthy' : 'unknown';
  }

  /** Failures in a row from which on the backend is unhealthy; those that have been count. */
  setUnhealthyThreshold(failures: number): void {
    this.#unhealthyThreshold = failures;
  }

  /** Returns true when this is news: the first success, or the first after failures. */
  succeeded(): boolean {
    const isNews = !this.#hasServed || this.#failures > 0;
    this.#hasServed = true;
    this.#failures = 0;
    this.#error = undefined;
    return isNews;
  }

  failed(error: BackendError): void {
    this.#failures += 1;
    this.#error = error;
  }
}
