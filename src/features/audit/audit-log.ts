import type { FeatureHost, KeptState } from '../feature.ts';
import type { AuditOptions, auditMetrics } from './declaration.ts';
import { openDestination } from './sink/open-destination.ts';
import type { Destination } from './sink/destination.ts';
import { RecordQueue } from './sink/record-queue.ts';

type Host = FeatureHost<typeof auditMetrics>;

/** How often the log tells of lost events, at the most. */
const warnEveryMs = 60_000;

/** Where lines go, and by which options that was opened. */
interface Target {
  readonly key: string;
  readonly destination: Destination;
}

/** What outlives a reload: the queue of lines and where they go. */
export class AuditLog implements KeptState {
  readonly #host: Host;
  readonly #now: () => number;
  readonly #queue: RecordQueue;
  #target: Target;
  #dropped = 0;
  #warnedMs = -Infinity;

  /** @throws FeatureError when the file cannot be opened */
  static async open(
    options: AuditOptions,
    host: Host,
    now = (): number => performance.now(),
  ): Promise<AuditLog> {
    return new AuditLog(host, now, {
      key: keyOf(options),
      destination: await openDestination(options, host),
    });
  }

  private constructor(host: Host, now: () => number, target: Target) {
    this.#host = host;
    this.#now = now;
    this.#target = target;
    this.#queue = new RecordQueue(target.destination, {
      onDefect: host.onDefect,
      onDropped: (why) => this.#onDropped(why),
    });
  }

  /**
   * Opens what other options name, beside what is open.
   * @returns puts it in force, or lets go of it
   * @throws FeatureError when it cannot be opened
   */
  async prepare(options: AuditOptions): Promise<{ commit(): void; drop(): Promise<void> }> {
    const key = keyOf(options);
    if (key === this.#target.key) return { commit: () => undefined, drop: () => Promise.resolve() };
    const destination = await openDestination(options, this.#host);
    return {
      commit: () => {
        this.#target = { key, destination };
        this.#queue.moveTo(destination);
      },
      drop: () => destination.close(),
    };
  }

  /** Records a line, or drops it. */
  offer(line: string): void {
    this.#queue.offer(line);
  }

  /** @throws when the line was not written */
  put(line: string, timeoutMs: number): Promise<void> {
    return this.#queue.put(line, timeoutMs);
  }

  reopen(): void {
    this.#queue.reopen();
  }

  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #onDropped(why: string): void {
    this.#dropped++;
    this.#host.instruments.dropped.add(1);
    const nowMs = this.#now();
    if (nowMs - this.#warnedMs < warnEveryMs) return;
    this.#warnedMs = nowMs;
    this.#host.log('warn', 'audit events were lost', { events: this.#dropped, why });
    this.#dropped = 0;
  }
}

function keyOf({ logFile, maxSizeMB, maxFiles }: AuditOptions): string {
  return JSON.stringify([logFile ?? 'stdout', maxSizeMB, maxFiles]);
}
