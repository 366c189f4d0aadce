import { type FSWatcher, watch } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeText } from '../lib/decode-text.ts';
import { report, type OnDefect } from '../lib/guarded.ts';
import { toError } from '../lib/thrown.ts';

export interface WatchOptions {
  /** The file as it was when it was last read: only another text is news. */
  readonly text: string;
  /** Called with each new text, one call at a time, never after `close`. */
  readonly onChange: (text: string) => Promise<void> | void;
  /** Called when the file cannot be read any more, once until it can be. */
  readonly onLost?: (error: Error) => void;
  /** Told what these callbacks throw; the file is watched on. */
  readonly onDefect?: OnDefect;
  /** How long the text must have stayed the same to be taken as whole: editors write in several steps. */
  readonly settleMs?: number;
  /** How often to look without being told; some file systems (network, overlay) tell nothing. */
  readonly pollMs?: number;
}

/** A watch on one file. */
export interface ConfigWatch {
  /** Reads the file now and reports it even if it is the same as before. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Watches a file by what it says, not by what happens to it: written in place, replaced by a rename, or reached
 * through symbolic links of which one is swapped (as Kubernetes does with a ConfigMap), a new text is reported once.
 */
export function watchFile(file: string, options: WatchOptions): ConfigWatch {
  return new FileWatch(file, options);
}

class FileWatch implements ConfigWatch {
  readonly #file: string;
  readonly #options: WatchOptions;
  readonly #poll: NodeJS.Timeout;
  #watchers: FSWatcher[] = [];
  #watched = '';
  #text: string;
  #lost = false;
  #closed = false;
  /** True while a check waits its turn: further events add nothing to it. */
  #due = false;
  /** Checks run one after another. */
  #queue: Promise<void> = Promise.resolve();

  constructor(file: string, options: WatchOptions) {
    this.#file = file;
    this.#options = options;
    this.#text = options.text;
    this.#poll = setInterval(() => this.#look(), options.pollMs ?? 1000).unref();
    this.#look();
  }

  refresh(): Promise<void> {
    return this.#enqueue(true);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
  }

  #look(): void {
    if (this.#due) return;
    this.#due = true;
    void this.#enqueue(false);
  }

  #enqueue(always: boolean): Promise<void> {
    this.#queue = this.#queue
      .then(() => this.#check(always))
      .catch((thrown: unknown) => report('the watch over the configuration', this.#options.onDefect, thrown));
    return this.#queue;
  }

  async #check(always: boolean): Promise<void> {
    if (!always) this.#due = false;
    if (this.#closed) return;
    await this.#followLinks();
    const text = await this.#settledText();
    if (text === undefined || this.#closed || (!always && text === this.#text)) return;
    this.#text = text;
    await this.#options.onChange(text);
  }

  /** The text once two readings in a row agree; undefined when there is none. */
  async #settledText(): Promise<string | undefined> {
    let text = await this.#read();
    if (text === this.#text) return text;
    for (;;) {
      await sleep(this.#options.settleMs ?? 100, undefined, { ref: false });
      const again = await this.#read();
      if (again === text || this.#closed) return again;
      text = again;
    }
  }

  async #read(): Promise<string | undefined> {
    try {
      const text = decodeText(await readFile(this.#file));
      this.#lost = false;
      return text;
    } catch (error) {
      const isNews = !this.#lost && !this.#closed;
      this.#lost = true;
      if (isNews) this.#options.onLost?.(toError(error));
      return undefined;
    }
  }

  /** Watches the folder that the file is named in and the one that it really lies in, which a swapped link changes. */
  async #followLinks(): Promise<void> {
    const real = await realpath(this.#file).catch(() => this.#file);
    const folders = [...new Set([dirname(this.#file), dirname(real)])];
    const key = folders.join('\n');
    if (key === this.#watched || this.#closed) return;
    for (const watcher of this.#watchers) watcher.close();
    this.#watched = key;
    this.#watchers = folders.flatMap((folder) => this.#watchFolder(folder));
  }

  #watchFolder(folder: string): FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#look());
      // A folder that is deleted, or a system out of watches: polling goes on.
      watcher.on('error', () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  }
}
