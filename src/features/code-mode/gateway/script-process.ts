/**
 * The process of one script thread, as its parent sees it. It has nothing of the gateway but pipes: no environment,
 * and by Node's permission model no files but vmcp's own and no further processes. That model does not cover the network
 * in Node 22 and 24; a script has none because the language gives it none.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Channel, channelFd } from '../shared/channel.ts';
import type { Attachment, EncodedMessage } from '../shared/channel.ts';
import { makeNicer } from '../../../lib/niceness.ts';
import { hostFd, outOfMemoryStatus } from '../shared/host-options.ts';
import type { HostOptions, ToHost, Usage } from '../shared/host-options.ts';
import type { FromThread, ToThread } from '../shared/protocol.ts';

/** None of them may throw. */
export interface ScriptProcessHandlers {
  onMessage(message: FromThread, attachment: Attachment): void;
  /** The answer to `askUsage`. */
  onUsage(usage: Usage): void;
  /** The process has ended, by itself or by `kill`, and all that it sent has been read. May be called twice. */
  onEnd(reason: 'out_of_memory' | 'crashed'): void;
  /** What it sends cannot be read: it is of no more use. */
  onBroken(thrown: unknown): void;
}

/** Source files are run as they are in development; the published package holds JavaScript. */
const hostFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../script/host.ts' : '../script/host.js', import.meta.url),
);
/** All that the process may read: the code of vmcp, and what tells Node how to read it. */
const codeFolder = fileURLToPath(new URL('../../..', import.meta.url));
const packageFile = fileURLToPath(new URL('../../../../package.json', import.meta.url));

/**
 * Scripts get four fifths of the gateway's share where both want one processor, and more than a fifth of it where a backend
 * and a client want it too. Linux lets no process without privileges take niceness back, so it cannot follow the need.
 */
const niceness = 1;

const nodeFlags = [
  // Collections of what scripts leave behind run on the script's thread, at its priority. Spread over V8's threads they
  // took most of a second processor from the gateway.
  '--single-threaded-gc',
  // As for the gateway (`tuneCollector`): strings of a megabyte had everything collected 7 times a second.
  '--heap-growing-percent=300',
  '--permission',
  `--allow-fs-read=${codeFolder}`,
  `--allow-fs-read=${packageFile}`,
  '--allow-worker',
  '--disable-warning=SecurityWarning',
];

/** One process with one script thread, from its start on. */
export class ScriptProcess {
  readonly #child: ChildProcess;
  readonly #streams: readonly Socket[];
  /** To the script thread. */
  readonly #channel: Channel<ToThread, FromThread> | undefined;
  /** To the main thread of the process. */
  readonly #hostChannel: Channel<ToHost, Usage> | undefined;

  constructor(options: HostOptions, handlers: ScriptProcessHandlers) {
    const workerFlag = `--allow-fs-read=${dirname(fileURLToPath(options.workerFile))}`;
    this.#child = spawn(process.execPath, [...nodeFlags, workerFlag, hostFile, JSON.stringify(options)], {
      // The end of its input tells the process that the gateway is gone.
      stdio: ['pipe', 'ignore', 'inherit', 'pipe', 'pipe'],
      env: {},
      // Node lets a thread of such a process read the whole working folder, whatever the flags say.
      cwd: codeFolder,
    });
    this.#child.on('error', () => handlers.onEnd('crashed'));
    if (this.#child.pid !== undefined) makeNicer(this.#child.pid, niceness);
    this.#child.on('close', (status) => {
      handlers.onEnd(status === outOfMemoryStatus ? 'out_of_memory' : 'crashed');
    });
    // None at all where the system has no file descriptor left, whatever the type says; `error` then follows.
    const { stdio }: { stdio?: readonly unknown[] } = this.#child;
    this.#streams = stdio?.filter((stream) => stream instanceof Socket) ?? [];
    const pipe = stdio?.[channelFd];
    if (pipe instanceof Socket) this.#channel = new Channel(pipe, handlers.onMessage, handlers.onBroken);
    const hostPipe = stdio?.[hostFd];
    if (hostPipe instanceof Socket)
      this.#hostChannel = new Channel(hostPipe, handlers.onUsage, handlers.onBroken);
    // Its end is told by the process, which has ended then or is about to.
    this.#child.stdin?.on('error', () => undefined);
    this.unref();
  }

  /** Asks what the script thread does; `onUsage` tells, also while a script holds it. */
  askUsage(): void {
    this.#hostChannel?.send({});
  }

  send(message: ToThread): void {
    this.#channel?.send(message);
  }

  sendEncoded(message: EncodedMessage): void {
    this.#channel?.sendEncoded(message);
  }

  /** Keeps the gateway's process alive. */
  ref(): void {
    for (const each of [this.#child, ...this.#streams]) each.ref();
  }

  /** Lets the gateway's process end, and this one with it. */
  unref(): void {
    for (const each of [this.#child, ...this.#streams]) each.unref();
  }

  /** Ends the process at once, whatever it does. Resolves when it is gone. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#child.ref();
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
