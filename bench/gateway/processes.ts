import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export const here: string = import.meta.dirname;
export const root: string = resolve(here, '../..');

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  close(): Promise<void>;
}

/** Starts a process in silence; `close` ends it and waits. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd: root,
  });
  child.stderr.resume();
  const ended = once(child, 'exit');
  return {
    child,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Starts one of the scripts here that print the port they listen on. */
export async function startOnPort(script: string, ...args: string[]): Promise<Started & { port: number }> {
  const started = start(process.execPath, [resolve(here, script), ...args]);
  const [chunk] = (await once(started.child.stdout, 'data')) as [Buffer];
  return { ...started, port: Number(chunk.toString('utf8')) };
}

/** Asks until `probe` no longer throws, for at most `timeoutMs`. */
export async function until(probe: () => Promise<unknown>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await probe();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}
