import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

/** A control group that bounds the memory of processes, as that of a container does. Needs root. */
export interface MemoryGroup {
  /** A shell's words that put what follows them into the group. */
  readonly enter: string;
  /** What its processes hold now, files that can be read again left out. */
  heldBytes(): number;
  /** How many processes the kernel has ended for want of memory. */
  killed(): number;
  processes(): number[];
  remove(): void;
}

/** Makes a group of either version of control groups. */
export function createMemoryGroup(limitBytes: number): MemoryGroup {
  const isFirst = existsSync('/sys/fs/cgroup/memory');
  const folder = `/sys/fs/cgroup/${isFirst ? 'memory/' : ''}vmcp-bench-${process.pid}`;
  const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
  const figure = (file: string, name: string): number =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(read(file))?.[1] ?? Number.NaN);
  mkdirSync(folder);
  writeFileSync(`${folder}/${isFirst ? 'memory.limit_in_bytes' : 'memory.max'}`, String(limitBytes));
  return {
    enter: `echo $$ > ${folder}/cgroup.procs`,
    heldBytes: () => figure('memory.stat', isFirst ? 'rss' : 'anon'),
    killed: () => figure(isFirst ? 'memory.oom_control' : 'memory.events', 'oom_kill'),
    processes: () => read('cgroup.procs').split('\n').filter(Boolean).map(Number),
    remove: () => rmdirSync(folder),
  };
}
