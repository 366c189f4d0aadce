import { constants } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNotWritten } from '../../../lib/file-fault.ts';
import { codeOf } from '../../../lib/thrown.ts';
import { WriteError, type Destination } from './destination.ts';

export interface FileOptions {
  readonly path: string;
  /** A file that would grow beyond it is rotated first. */
  readonly maxBytes: number;
  /** Rotated files to keep: `path.1` is the newest. */
  readonly maxFiles: number;
  /** Told of what could not be done and loses no line: a rotation, an opening again. */
  readonly onTrouble: (message: string) => void;
}

/** Readable and writable by its owner alone. */
const mode = 0o600;

/** Without a wait for a reader where it is a pipe; one that has no reader cannot be opened. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** How long a full pipe is left alone. */
const fullPipeMs = 20;

/** Lines at the end of a file. */
export class FileDestination implements Destination {
  readonly #options: FileOptions;
  #file: FileHandle;
  #isRegular: boolean;
  #bytes: number;
  /** The last line was cut: the next one must not be written onto it. */
  #isMidLine = false;

  /** @throws what the file system says when it cannot be opened, or not be kept to its owner */
  static async open(options: FileOptions): Promise<FileDestination> {
    const opened = await openFile(options.path);
    return new FileDestination(options, opened);
  }

  private constructor(options: FileOptions, { file, isRegular, bytes }: Opened) {
    this.#options = options;
    this.#file = file;
    this.#isRegular = isRegular;
    this.#bytes = bytes;
  }

  async write(lines: readonly string[]): Promise<void> {
    const ends: number[] = [];
    const lineBreak = this.#isMidLine ? '\n' : '';
    let length = lineBreak.length;
    for (const line of lines) ends.push((length += Buffer.byteLength(line)));
    const bytes = Buffer.from(lineBreak + lines.join(''));
    if (this.#isRegular && this.#bytes > 0 && this.#bytes + bytes.length > this.#options.maxBytes)
      await this.#rotate();
    let written = 0;
    try {
      while (written < bytes.length) written += await this.#writeSome(bytes, written);
      this.#isMidLine = false;
    } catch (error) {
      const whole = ends.filter((end) => end <= written).length;
      if (written > 0) this.#isMidLine = written !== (ends[whole - 1] ?? lineBreak.length);
      throw new WriteError(whole, `${this.#options.path}: ${whyNotWritten(error)}`, { cause: error });
    } finally {
      this.#bytes += written;
    }
  }

  async reopen(): Promise<void> {
    try {
      const opened = await openFile(this.#options.path);
      await this.#file.close().catch((error: unknown) => this.#trouble('cannot be closed', error));
      this.#take(opened);
    } catch (error) {
      this.#trouble('cannot be opened again', error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #writeSome(bytes: Buffer, from: number): Promise<number> {
    try {
      return (await this.#file.write(bytes, from)).bytesWritten;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      await sleep(fullPipeMs);
      return 0;
    }
  }

  /** `path` becomes `path.1`, that `path.2`, and so on. What cannot be renamed is written on. */
  async #rotate(): Promise<void> {
    const { path, maxFiles } = this.#options;
    try {
      for (const age of await agesOf(path)) {
        if (age >= maxFiles) await rm(`${path}.${age}`, { force: true });
        else await rename(`${path}.${age}`, `${path}.${age + 1}`);
      }
      await rename(path, `${path}.1`);
    } catch (error) {
      this.#trouble('cannot be rotated', error);
      return;
    }
    await this.reopen();
  }

  #take({ file, isRegular, bytes }: Opened): void {
    this.#file = file;
    this.#isRegular = isRegular;
    this.#bytes = bytes;
    this.#isMidLine = false;
  }

  #trouble(what: string, error: unknown): void {
    this.#options.onTrouble(`the audit log ${what}: ${this.#options.path}: ${whyNotWritten(error)}`);
  }
}

interface Opened {
  readonly file: FileHandle;
  readonly isRegular: boolean;
  readonly bytes: number;
}

async function openFile(path: string): Promise<Opened> {
  const file = await open(path, flags, mode);
  try {
    const stats = await file.stat();
    const isRegular = stats.isFile();
    if (isRegular && (stats.mode & 0o777) !== mode) await file.chmod(mode);
    return { file, isRegular, bytes: stats.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Of the rotated files that there are, the oldest first. */
async function agesOf(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((age) => /^[1-9]\d{0,5}$/.test(age))
    .map(Number)
    .toSorted((one, other) => other - one);
}
