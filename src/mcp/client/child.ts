import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

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

/**
 * Ends a process and its group: end of input, then SIGTERM, then SIGKILL, each when half of `graceMs` went by without an
 * end. Resolves once it is gone.
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
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
