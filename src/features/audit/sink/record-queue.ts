import { guarded, type OnDefect } from '../../../lib/guarded.ts';
import { messageOf } from '../../../lib/thrown.ts';
import { WriteError, type Destination } from './destination.ts';

export interface QueueOptions {
  /** Told of each line that is lost, with why. */
  readonly onDropped: (why: string) => void;
  readonly onDefect?: OnDefect | undefined;
  /** Most lines, and most characters, that may wait to be written. */
  readonly maxLines?: number;
  readonly maxLength?: number;
}

/** A line on its way to the destination. */
interface Waiting {
  readonly line: string;
  /** Where its writer waits to hear what became of it. */
  readonly settle?: { resolve(): void; reject(error: Error): void };
  /** Its writer no longer waits: it is not to be written any more. */
  isGivenUp: boolean;
}

/** Of one write: what is lost with one that fails is little, and rotated files hold about what they should. */
const maxBatchLength = 256 * 1024;

/** How long the end of the server waits for what is not written yet. */
const closeMs = 5_000;

/**
 * Lines that wait to be written, in order. Bounded: where the destination cannot keep up, new lines are dropped. Each line
 * is either written or told to `onDropped`, but for those whose writer is told itself (`put`).
 */
export class RecordQueue {
  readonly #options: Required<Omit<QueueOptions, 'onDefect'>>;
  readonly #onDefect: OnDefect | undefined;
  #destination: Destination;
  #waiting: Waiting[] = [];
  #length = 0;
  #pumping: Promise<void> | undefined;
  #isReopening = false;
  #isClosed = false;

  constructor(destination: Destination, { onDefect, ...options }: QueueOptions) {
    this.#destination = destination;
    this.#onDefect = onDefect;
    this.#options = { maxLines: 20_000, maxLength: 32 * 2 ** 20, ...options };
  }

  /** Adds a line, or drops it. Never throws, never waits. */
  offer(line: string): void {
    if (!this.#hasRoom(line)) return this.#options.onDropped(this.#whyNoRoom);
    this.#add({ line, isGivenUp: false });
  }

  /**
   * Adds a line and waits until it is written.
   * @throws when it was not written, and will not be
   */
  async put(line: string, timeoutMs: number): Promise<void> {
    if (!this.#hasRoom(line)) throw new Error(this.#whyNoRoom);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const added: Waiting = { line, settle: { resolve, reject }, isGivenUp: false };
    const timer = setTimeout(() => {
      added.isGivenUp = true;
      reject(new Error(`nothing was written for ${timeoutMs / 1000} s`));
    }, timeoutMs);
    this.#add(added);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes to another destination from the next line on; the one before is closed. */
  moveTo(destination: Destination): void {
    const before = this.#destination;
    if (destination === before) return;
    this.#destination = destination;
    const writing = this.#pumping ?? Promise.resolve();
    const close = guarded('the end of an audit log', this.#onDefect, () => before.close());
    void writing.finally(close);
  }

  reopen(): void {
    this.#isReopening = true;
    this.#pump();
  }

  /** Resolves when all that was added before is written or dropped. */
  async flushed(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
  }

  /** Writes what is left, for a while; the rest is dropped. */
  async close(): Promise<void> {
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, closeMs);
    await Promise.race([this.flushed(), timeUp.promise]);
    clearTimeout(timer);
    this.#isClosed = true;
    this.#lose(this.#waiting.splice(0), 'the server ended');
    this.#length = 0;
    if (this.#pumping === undefined) await this.#destination.close();
  }

  #hasRoom(line: string): boolean {
    const { maxLines, maxLength } = this.#options;
    return !this.#isClosed && this.#waiting.length < maxLines && this.#length + line.length <= maxLength;
  }

  get #whyNoRoom(): string {
    return this.#isClosed ? 'the server ended' : 'too many events wait to be written';
  }

  #add(added: Waiting): void {
    this.#waiting.push(added);
    this.#length += added.line.length;
    this.#pump();
  }

  #pump(): void {
    this.#pumping ??= this.#writeAll().finally(() => {
      this.#pumping = undefined;
      // Between the last look and here something may have been added.
      if (this.#waiting.length > 0 || this.#isReopening) this.#pump();
    });
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    // What is added in one turn of the event loop is written at once.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#isReopening) {
      if (this.#isReopening) {
        this.#isReopening = false;
        await this.#destination.reopen();
      }
      await this.#write(this.#takeBatch());
    }
  }

  #takeBatch(): Waiting[] {
    let length = 0;
    let lines = 0;
    for (const { line } of this.#waiting) {
      if (lines > 0 && length + line.length > maxBatchLength) break;
      length += line.length;
      lines++;
    }
    this.#length -= length;
    return this.#waiting.splice(0, lines).filter(({ isGivenUp }) => !isGivenUp);
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    let written = batch.length;
    let why = '';
    try {
      await this.#destination.write(batch.map(({ line }) => line));
    } catch (error) {
      written = error instanceof WriteError ? error.written : 0;
      why = messageOf(error);
    }
    for (const { settle } of batch.slice(0, written)) settle?.resolve();
    this.#lose(batch.slice(written), why);
  }

  #lose(lost: readonly Waiting[], why: string): void {
    for (const { settle, isGivenUp } of lost) {
      if (settle !== undefined) settle.reject(new Error(why));
      else if (!isGivenUp) this.#options.onDropped(why);
    }
  }
}
