import { guarded, type OnDefect } from './guarded.ts';

export interface FileWatchOptions {
  /** Told once for each change, when the files have been the same for one look. */
  readonly onChange: () => void;
  readonly onDefect: OnDefect;
  /** How often to look. */
  readonly everyMs?: number;
}

/** Looks at files once a second: some file systems tell nothing of a change, and a set of files is not one file. */
export class FileWatch {
  readonly #stamp: () => Promise<string>;
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  /** As told of. */
  #known: string;
  /** As last seen. */
  #seen: string;
  #closed = false;

  private constructor(stamp: () => Promise<string>, now: string, options: FileWatchOptions) {
    const { onChange, onDefect, everyMs = 1000 } = options;
    this.#stamp = stamp;
    this.#known = now;
    this.#seen = now;
    this.#onChange = onChange;
    const look = guarded('the watch over files', onDefect, () => this.look());
    this.#timer = setInterval(look, everyMs).unref();
  }

  /** @param stamp the state of the files, as a text to be compared */
  static async over(stamp: () => Promise<string>, options: FileWatchOptions): Promise<FileWatch> {
    return new FileWatch(stamp, await stamp(), options);
  }

  /** Looks now. */
  async look(): Promise<void> {
    const now = await this.#stamp();
    const isSettled = now === this.#seen;
    this.#seen = now;
    if (this.#closed || !isSettled || now === this.#known) return;
    this.#known = now;
    this.#onChange();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }
}
