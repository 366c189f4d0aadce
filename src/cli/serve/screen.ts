/** What `vmcp serve` shows on a terminal: its backends until they have settled, one line when it is ready, then its log. */
import type { App, BackendStatus, LogEntry } from '../../server/index.ts';
import { createPaint, wantsColor, type Paint } from '../kit/color.ts';
import type { Terminal } from '../kit/terminal.ts';
import { EntryLines } from './entry-lines.ts';
import { toRows, toSummary, type TableOptions } from './table.ts';

export interface ScreenOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Said before anything else. */
  readonly title: string;
  /** Milliseconds on a clock that never goes back; `performance.now` when not given. */
  now?(): number;
  /** How a moment is written, given as ISO 8601; the local time of day when not given. */
  clock?(time: string): string;
}

/** What of an app the screen reads. */
export type ShownApp = Pick<App, 'backends' | 'status' | 'url'>;

const redrawMs = 100;
/** Backends that take longer are left as they are in the table; the log tells of them later. */
const settleMs = 15_000;
/** Of each backend, and shown where it fails. */
const lastWordsKept = 3;

export class Screen {
  readonly #terminal: Terminal;
  readonly #options: ScreenOptions;
  readonly #paint: Paint;
  readonly #lines: EntryLines;
  readonly #now: () => number;
  readonly #tookMs = new Map<string, number>();
  readonly #lastWords = new Map<string, string[]>();
  /** What came while the table was being drawn; undefined once it stands. */
  #waiting: LogEntry[] | undefined = [];
  /** Rows of the table that stand on the screen. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(terminal: Terminal, options: ScreenOptions) {
    const { verbose, quiet, clock = localTime, now = () => performance.now() } = options;
    this.#terminal = terminal;
    this.#options = options;
    this.#paint = createPaint(wantsColor(terminal, 'stderr'));
    this.#lines = new EntryLines({ paint: this.#paint, verbose, quiet, clock });
    this.#now = now;
  }

  /** Takes an entry of the log. */
  onEntry(entry: LogEntry): void {
    this.#remember(entry);
    if (this.#waiting !== undefined) this.#waiting.push(entry);
    else this.#write(entry);
  }

  /** Shows the backends until each has been connected or has failed, then the line that says that it is ready. */
  async settle(app: ShownApp): Promise<void> {
    const { quiet, title } = this.#options;
    if (!quiet) this.#terminal.err(`${title}\n\n`);
    const startedAt = this.#now();
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const waitedMs = this.#now() - startedAt;
        for (const { name, health } of app.backends())
          if (health === 'healthy' && !this.#tookMs.has(name)) this.#tookMs.set(name, waitedMs);
        if (this.#isLive(app)) this.#draw(app.backends());
        const isSettled = app.backends().every(({ health }) => health !== 'unknown');
        if (!isSettled && waitedMs < settleMs) return;
        clearInterval(this.#timer);
        resolve();
      };
      this.#timer = setInterval(look, redrawMs);
      look();
    });
    if (!quiet) this.#draw(app.backends(), this.#lastWords);
    const ready = await this.#readyLine(app);
    if (this.#isClosed) return;
    this.#terminal.err(`${quiet ? '' : '\n'}${ready}\n`);
    this.#tellWhatWaited();
  }

  /** Draws no more: the server ends. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#tellWhatWaited();
  }

  /** Where the table can be written over: all of it is on the screen. */
  #isLive(app: ShownApp): boolean {
    const { environment, stderrRows = 24 } = this.#terminal;
    return !this.#options.quiet && environment['TERM'] !== 'dumb' && app.backends().length < stderrRows - 4;
  }

  #draw(statuses: readonly BackendStatus[], lastWords?: TableOptions['lastWords']): void {
    const rows = toRows(statuses, {
      paint: this.#paint,
      columns: this.#terminal.stderrColumns ?? 80,
      tookMs: this.#tookMs,
      ...(lastWords !== undefined && { lastWords }),
    });
    const isOver = this.#drawn > 0;
    const up = isOver ? `\u001b[${this.#drawn}A` : '';
    this.#terminal.err(up + rows.map((row) => `${row}${isOver ? '\u001b[K' : ''}\n`).join(''));
    this.#drawn = rows.length;
  }

  async #readyLine(app: ShownApp): Promise<string> {
    const status = await app.status();
    const summary = toSummary(status.backends, status);
    const serving = status.backends.filter(
      ({ health }) => health === 'healthy' || health === 'asleep',
    ).length;
    const { good, bad, doubtful, strong } = this.#paint;
    const paint = serving === status.backends.length ? good : serving === 0 ? bad : doubtful;
    return `${paint(summary)}, ${strong(`${app.url}/mcp`)}`;
  }

  /** What the table says already is not said again, and counts as said. */
  #tellWhatWaited(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const entry of waiting) {
      if (!this.#options.quiet && isInTable(entry)) this.#lines.lineOf(entry);
      else this.#write(entry);
    }
  }

  #write(entry: LogEntry): void {
    const line = this.#lines.lineOf(entry);
    if (line !== undefined) this.#terminal.err(line);
  }

  #remember({ message, fields }: LogEntry): void {
    const { backend, source } = fields;
    if (source !== 'stderr' || typeof backend !== 'string') return;
    // Each attempt writes the same.
    const others = (this.#lastWords.get(backend) ?? []).filter((each) => each !== message);
    this.#lastWords.set(backend, [...others, message].slice(-lastWordsKept));
  }
}

function isInTable({ message }: LogEntry): boolean {
  return message.startsWith('is connected') || message.startsWith('connect failed');
}

function localTime(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}
