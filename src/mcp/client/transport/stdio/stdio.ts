import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { BackendError } from '../../../../gateway/index.ts';
import type { ParsedMessage } from '../../../wire/jsonrpc.ts';
import { parseMessage, requestText } from '../../../wire/jsonrpc.ts';
import { LineReader } from '../../../wire/lines.ts';
import { contain, guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { messageOf } from '../../../../lib/thrown.ts';
import type { ChildCommand, RunningChildren } from './child.ts';
import { startChild, stopChild, whyNotStarted } from './child.ts';
import { PendingAnswers } from '../pending-answers.ts';
import { idOfAnswer, StrayAnswers } from '../stray-answers.ts';
import type {
  Exchange,
  OnLog,
  PendingExchange,
  Transport,
  TransportEvents,
  WireLimits,
} from '../transport.ts';

const maxStderrLineBytes = 8 * 1024;

export interface StdioOptions {
  readonly backend: string;
  readonly command: ChildCommand;
  /** The gateway's own environment, of which a child inherits a safe few. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly children: RunningChildren;
  readonly limits: WireLimits;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
}

/** One child process, spoken to by lines of JSON on its standard streams. Its stderr goes to the log. */
export class StdioTransport implements Transport {
  readonly isDuplex = true;
  readonly hasSession = false;
  readonly #options: StdioOptions;
  readonly #pending = new PendingAnswers();
  readonly #stray: StrayAnswers;
  #child: ChildProcess | undefined;
  #events: TransportEvents | undefined;
  #closing = false;
  #ended: BackendError | undefined;

  constructor(options: StdioOptions) {
    this.#options = options;
    this.#stray = new StrayAnswers({ ...options, pending: this.#pending });
  }

  async open(events: TransportEvents, signal: AbortSignal): Promise<void> {
    this.#events = events;
    const child = startChild(this.#options.command, this.#options.environment);
    this.#child = child;
    this.#options.children.add(child);
    this.#listen(child);
    try {
      await once(child, 'spawn', { signal });
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error;
      const why = whyNotStarted(this.#options.command, cause);
      throw new BackendError('unreachable', this.#options.backend, `did not start: ${why}`, {
        mayHaveRun: false,
        cause,
      });
    }
  }

  exchange(exchange: Exchange): PendingExchange {
    const pending = this.#pending.add(exchange.id);
    if (this.#ended !== undefined) pending.abort(this.#ended);
    else if (this.#isClogged()) pending.abort(this.#cloggedError());
    else this.#write(requestText(exchange.id, exchange.method, exchange.params));
    return pending;
  }

  send(text: string): Promise<void> {
    this.#write(text);
    return Promise.resolve();
  }

  negotiated(): void {
    // Nothing about a pipe depends on the revision.
  }

  openStandingStream(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#end(new BackendError('disconnected', this.#options.backend, 'was closed by the gateway'));
    if (this.#child !== undefined) await stopChild(this.#child, this.#options.limits.closeGraceMs);
  }

  /** True when the process has stopped reading: what is written then only piles up in the gateway. */
  #isClogged(): boolean {
    return (this.#child?.stdin?.writableLength ?? 0) > this.#options.limits.maxMessageBytes;
  }

  #cloggedError(): BackendError {
    const options = { mayHaveRun: false };
    return new BackendError('busy', this.#options.backend, 'has stopped reading its input', options);
  }

  #write(text: string): void {
    const stdin = this.#child?.stdin;
    if (stdin?.writable === true) stdin.write(`${text}\n`);
  }

  #listen(child: ChildProcess): void {
    const { limits, onDefect } = this.#options;
    const lines = new LineReader(limits.maxMessageBytes, {
      // One that cannot be dealt with keeps no other from being read.
      onLine: guarded('a line of a process', onDefect, (line: Buffer) =>
        this.#receive(line.toString('utf8')),
      ),
      onTooLong: guarded('a long line of a process', onDefect, (head: Buffer, tail: Buffer) =>
        this.#refuseLong(head.toString('utf8'), tail.toString('utf8')),
      ),
    });
    child.stdout?.on(
      'data',
      guarded('the output of a process', onDefect, (chunk: Buffer) => lines.push(chunk)),
    );
    const stderr = new LineReader(maxStderrLineBytes, {
      onLine: guarded('a line of stderr', onDefect, (line: Buffer) => this.#repeat(line.toString('utf8'))),
      onTooLong: guarded('a long line of stderr', onDefect, (head: Buffer) =>
        this.#repeat(`${head.toString('utf8')}…`),
      ),
    });
    child.stderr?.on(
      'data',
      guarded('the output of a process', onDefect, (chunk: Buffer) => stderr.push(chunk)),
    );
    // A write to a process that has gone fails here, as reading from it may; its exit tells the rest.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
    child.on(
      'error',
      guarded('the failure of a process', onDefect, (error: unknown) =>
        this.#lost(`did not start: ${messageOf(error)}`),
      ),
    );
    child.on(
      'close',
      guarded('the end of a process', onDefect, (code: number | null, killedBy: NodeJS.Signals | null) => {
        stderr.push(Buffer.from('\n'));
        this.#lost(killedBy === null ? `ended with exit code ${code}` : `was ended by ${killedBy}`);
      }),
    );
  }

  /** What the process says to people goes to the log. */
  #repeat(message: string): void {
    const { backend, onLog } = this.#options;
    onLog({ level: 'info', backend, message, source: 'stderr' });
  }

  #receive(line: string): void {
    let parsed: ParsedMessage;
    try {
      parsed = parseMessage(line);
    } catch (error) {
      this.#stray.refuseText(line, `wrote a line to stdout that is no MCP message: ${messageOf(error)}`);
      return;
    }
    if (parsed.kind === 'request' || parsed.kind === 'notification') this.#events?.onMessage(parsed);
    else if (!this.#pending.settle(parsed)) this.#stray.refuseId(parsed.message.id);
  }

  /** Fails the request whose answer was too large. */
  #refuseLong(head: string, tail: string): void {
    const { backend, limits } = this.#options;
    const error = new BackendError(
      'too-large',
      backend,
      `sent an answer over ${limits.maxMessageBytes} bytes`,
    );
    const id = idOfAnswer(head, tail);
    if (id !== undefined) this.#pending.fail(id, error);
    else if (!this.#pending.failOnly(error))
      this.#log('warn', 'sent a message that is too large; dropped it');
  }

  #lost(what: string): void {
    if (this.#ended !== undefined) return;
    const error = new BackendError('disconnected', this.#options.backend, what);
    this.#end(error);
    // The leader is gone; whatever it started must not stay behind.
    const child = this.#child;
    if (child !== undefined)
      contain('the clearing up after a process', this.#options.onDefect, () => stopChild(child, 0));
    if (!this.#closing) this.#events?.onClose(error);
  }

  #end(error: BackendError): void {
    this.#ended ??= error;
    this.#pending.failAll(this.#ended);
  }

  #log(level: 'warn', message: string): void {
    this.#options.onLog({ level, backend: this.#options.backend, message });
  }
}
