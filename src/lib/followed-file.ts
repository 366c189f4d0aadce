import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { codeOf, messageOf } from './thrown.ts';

export interface FollowedFileOptions {
  /** A larger file is refused. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What a file held when it was last looked at. */
export interface FileReading {
  readonly text: string;
  /** Counts up each time that the text is another. */
  readonly version: number;
}

/** Within so long of its last change a file may change again without its time or size telling. */
const clockTickMs = 1_000;

/**
 * A small file that others may replace at any time. It is looked at (`stat`) each time it is asked for, and read only when
 * it has changed, so that what was put there a moment ago holds, without anything that watches.
 */
export class FollowedFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #reading: FileReading | undefined;
  /** Tells the state of the file that was read; undefined when it could change without telling. */
  #mark: string | undefined;

  constructor(path: string, { maxBytes, now = Date.now }: FollowedFileOptions) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /**
   * What the file holds now.
   * @throws Error that says why it cannot be read, without the path: "no such file"
   */
  read(): FileReading {
    const stat = this.#stat();
    const mark = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    if (this.#reading !== undefined && mark === this.#mark) return this.#reading;
    const text = this.#text();
    const isSettled = this.#now() - Number(stat.ctimeMs) > clockTickMs;
    this.#mark = isSettled ? mark : undefined;
    if (this.#reading?.text !== text) this.#reading = { text, version: (this.#reading?.version ?? 0) + 1 };
    return this.#reading;
  }

  /** Nothing but a regular file: reading a pipe would wait for its writer. */
  #stat(): BigIntStats {
    const stat = this.#try(() => statSync(this.#path, { bigint: true }));
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (stat.size > this.#maxBytes) throw new Error(`it is larger than ${this.#maxBytes} bytes`);
    return stat;
  }

  #text(): string {
    return this.#try(() => readFileSync(this.#path, 'utf8'));
  }

  #try<Result>(what: () => Result): Result {
    try {
      return what();
    } catch (error) {
      this.#mark = undefined;
      throw new Error(whyUnreadable(error), { cause: error });
    }
  }
}

function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  return code === 'EACCES' || code === 'EPERM' ? 'permission denied' : (code ?? messageOf(error));
}
