import { readdirSync, readFileSync } from 'node:fs';

/** The direct children of a process, by id, with their command lines (Linux). */
export function childrenOf(pid: number): { pid: number; commandLine: string }[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ids = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return ids.map((id) => ({ pid: Number(id), commandLine: commandLineOf(id) }));
}

/** The one child whose command line contains `part`; throws when there is none. */
export function childOf(pid: number, part: string): number {
  const children = childrenOf(pid);
  const found = children.find(({ commandLine }) => commandLine.includes(part));
  if (found) return found.pid;
  throw new Error(`no child of ${pid} runs ${part}: ${JSON.stringify(children)}`);
}

/** Whether a process is there, dead ones that nobody has waited for not counted. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** How many files and sockets a process holds open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function commandLineOf(id: string): string {
  return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
}
