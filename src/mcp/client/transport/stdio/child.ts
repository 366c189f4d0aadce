import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, messageOf } from '../../../../lib/thrown.ts';

/** How a backend's process is started. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What the file gives the backend beyond the inherited variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * The only variables of the gateway's own environment that a backend's process inherits: what a program needs to find
 * its home, its tools and its language. The rest may hold secrets of the gateway or of other backends.
 */
const inheritedVariables: readonly string[] = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'USER',
  // Windows
  'APPDATA',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
];

/** The environment of a child: the inherited few, then the file's own. Exported shell functions are never handed on. */
export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inheritedVariables) {
    const value = own[name];
    if (value !== undefined && !value.startsWith('()')) environment[name] = value;
  }
  return { ...environment, ...given };
}

const ownProcessGroup = process.platform !== 'win32';

/**
 * Starts the process in a process group of its own, so that closing reaches whatever it started too (`npx` starts a
 * shell that starts the server), and so that an interrupt typed at the gateway's terminal does not kill it before the
 * calls in flight have drained.
 */
export function startChild(
  command: ChildCommand,
  own: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  return spawn(command.command, [...command.args], {
    env: childEnvironment(own, command.env),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: ownProcessGroup,
    windowsHide: true,
  });
}

/** Why a process did not start. The system says the same of a program and of a folder that are not there. */
export function whyNotStarted({ command, cwd }: ChildCommand, error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    if (cwd !== undefined && !existsSync(cwd)) return `its working folder ${cwd} does not exist`;
    const where = /[\\/]/.test(command) ? '' : ' in any folder of PATH';
    const hint = /\s/.test(command) ? '; put its arguments in "args"' : '';
    return `there is no program "${command}"${where}${hint}`;
  }
  const message = messageOf(error);
  return code === 'EACCES' ? `"${command}" may not be run (${message})` : message;
}

/**
 * Ends a process and its group: end of input, then SIGTERM, then SIGKILL, with half of the grace after each of the first
 * two. A server that has something to put away does so at the end of its input; SIGTERM mostly gives it no time to. Resolves
 * once it is gone.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#stdio
 */
export async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    if (hasExited(child)) resolve();
    else child.once('exit', () => resolve());
  });
  child.stdin?.end();
  await settled(exited, graceMs / 2);
  if (!hasExited(child)) {
    signalGroup(child, 'SIGTERM');
    await settled(exited, graceMs / 2);
  }
  signalGroup(child, 'SIGKILL');
  await exited;
}

/** The processes that run, for whoever has to end this one in a hurry and may leave none behind. */
export class RunningChildren {
  readonly #running = new Set<ChildProcess>();

  /** Follows a process until it has exited. One that did not start is none. */
  add(child: ChildProcess): void {
    if (child.pid === undefined) return;
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
  }

  /** Kills every one with its group, at once and without waiting. */
  kill(): void {
    for (const child of this.#running) signalGroup(child, 'SIGKILL');
  }
}

/** Waits for the end, but not for long. */
async function settled(end: Promise<void>, limitMs: number): Promise<void> {
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([end, delay(limitMs, undefined, { ref: false, signal }).catch(() => undefined)]);
  patience.abort();
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Also after the leader's exit, for what it may have left behind. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (ownProcessGroup) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
